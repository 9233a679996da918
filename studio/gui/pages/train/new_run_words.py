"""What the form says about its choices: the capacity of a rank, what a method costs, memory, reasons. Knows no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.gui import figures
from studio.options import Option
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.dataset import DatasetVersion
    from studio.services.memory_advice import MethodAdvice
    from studio.services.memory_estimate import MemoryEstimate

RANKS = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""The steps of the capacity dial."""
_CAPACITY = (
    (8, "Manner only: tone, rhythm, favourite words. Hard to overdo."),
    (16, "Enough for voice and manner; facts belong in the card."),
    (32, "Voice and habits of thought; wants a few hundred lines."),
    (64, "Room for knowledge; with little data it learns lines by heart."),
    (128, "A great deal of room: only for thousands of lines."),
)


@dataclass(frozen=True, kw_only=True)
class PersonaChoice:
    """One line of the persona picker."""

    id: str
    name: str
    line: str
    lines: int
    colour: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One line of any other picker; the first one's id may be empty."""

    id: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Obstacle:
    """Why a run cannot start, and where to go about it (a page's name, or nothing)."""

    reason: str
    page: str = ""
    button: str = ""


@dataclass(frozen=True, kw_only=True)
class MemoryWords:
    """The memory of a run in words. ``good`` is False when it will not fit."""

    sum: str
    parts: str
    measured: str
    good: bool


def rank_sentence(rank: int) -> str:
    """What this capacity is good for."""
    return tr(next((words for limit, words in _CAPACITY if rank <= limit), _CAPACITY[-1][1]))


def nearest_rank(value: int) -> int:
    """The position on the dial that stands for ``value``."""
    return min(range(len(RANKS)), key=lambda place: abs(RANKS[place] - value))


def version_choices(versions: Sequence["DatasetVersion"]) -> list[Choice]:
    """The data as it is, then every version kept, newest first."""
    now = Choice(id="", label=tr("as it is now"), help=tr("The data as it is when you press Start, kept as a version."))
    return [now, *(Choice(id=one.id, label=_version(one), help=_held(one)) for one in versions)]


def _version(one: "DatasetVersion") -> str:
    if one.name:
        return tr("version {number} · {name}", number=one.number, name=one.name)
    return tr("version {number} · {day}", number=one.number, day=one.created_at[:10])


def _held(one: "DatasetVersion") -> str:
    return " · ".join((figures.conversations(one.conversations), figures.lines(one.persona_turns)))


def reason_lines(reasons: Mapping[str, str], values: Mapping[str, object], options: Mapping[str, Option]) -> list[str]:
    """``Rank 16: it holds a voice …`` for every value that a preset chose."""
    lines = []
    for name, reason in reasons.items():
        if name in options and name in values:
            value = values[name]
            shown = figures.learning_rate(value) if isinstance(value, float) else str(value)
            lines.append(tr("{option} {value}: {reason}", option=tr(options[name].label), value=shown, reason=reason))
    return lines


def advice_line(advice: "MethodAdvice", chosen: str, labels: Mapping[str, str]) -> str:
    """Why this method, or which other one is recommended."""
    if advice.method == chosen:
        return tr("Recommended here. {reason}", reason=advice.reason)
    return tr("{method} is recommended here. {reason}", method=labels.get(advice.method, advice.method),
              reason=advice.reason)  # fmt: skip


def memory_words(found: "MemoryEstimate") -> MemoryWords:
    """What a run will take, of how much, and what helps when that is too much."""
    taken, there = figures.size(found.total), figures.size(found.available)
    whole = tr("{taken} of {total}", taken=taken, total=there) if found.available else taken
    work = found.optimizer + found.activations + found.overhead
    sizes = {"base": figures.size(found.base), "adapter": figures.size(found.adapter), "work": figures.size(work)}
    parts = tr("base {base} · adapter {adapter} · work {work}", **sizes)
    if not found.adapter:
        parts = tr("base {base} · work {work}", base=sizes["base"], work=sizes["work"])
    measured = tr("Measured here by dry steps: {size} at the most.", size=figures.size(found.measured))
    return MemoryWords(
        sum=whole, parts=parts if found.fits else tr("It will not fit. {advice}", advice=found.advice),
        measured=measured if found.measured else "", good=found.fits,
    )  # fmt: skip
