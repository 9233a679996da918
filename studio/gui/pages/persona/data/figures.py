"""Amounts, styles and coverage of a persona's data in words and shares. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.gui import figures
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.checks import CheckReport, CoverageItem, DataMeter, StyleMix
    from studio.services.data import DataOverview


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The amounts above the data."""

    words: str
    tokens: str
    train: int
    heldout: int
    held_out: str
    split: str
    lengths: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Manner:
    """One way of writing and how many turns are written so."""

    label: str
    turns: int
    colour: str


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """What the amount is good for, on a scale; and how it is written."""

    verdict: str
    sentence: str
    amount: int
    marks: tuple[int, ...]
    role: str
    icon: str
    manners: tuple[Manner, ...]
    telling: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One part of the coverage map. ``missing`` says what there is too little of."""

    title: str
    help: str
    items: tuple[CoverageItem, ...]
    missing: str


ROLES = ("bad", "warn", "good", "warn")
"""Colours of the zones of the scale: too little, voice only, good, trim."""


def figures_of(seen: DataOverview) -> Figures:
    """Amounts in words."""
    tokens = figures.whole(seen.tokens)
    return Figures(
        words=figures.lines(seen.persona_turns),
        tokens=tr("{count} tokens", count=tokens) if seen.tokens_exact else tr("about {count} tokens", count=tokens),
        train=seen.train,
        heldout=seen.heldout,
        held_out=tr("{count} held out", count=figures.whole(seen.heldout)),
        split=tr("{train} to learn from · {heldout} held out", train=seen.train, heldout=seen.heldout),
        lengths=tuple(seen.turn_lengths),
    )


def gauge_of(report: CheckReport) -> Gauge:
    """The verdict on the amount, and the styles."""
    meter = report.meter
    title, role, icon = _verdict(meter)
    return Gauge(
        verdict=title,
        sentence=meter.sentence,
        amount=meter.different,
        marks=(meter.voice_from, meter.good_from, meter.trim_from),
        role=role,
        icon=icon,
        manners=_manners(report.style),
        telling=_telling(report.style),
    )


def _verdict(meter: DataMeter) -> tuple[str, str, str]:
    return {
        "too_little": (tr("Too little to train on"), "bad", "mdi6.gauge-empty"),
        "voice_only": (tr("Good for the voice, thin for facts"), "warn", "mdi6.gauge-low"),
        "good": (tr("Good for voice and manner"), "good", "mdi6.gauge"),
        "trim": (tr("More than needed: trim it"), "warn", "mdi6.gauge-full"),
    }[meter.verdict]


def _manners(style: StyleMix) -> tuple[Manner, ...]:
    found = (
        Manner(label=tr("*actions*"), turns=style.asterisks, colour="accent"),
        Manner(label=tr("“speech”"), turns=style.quotes, colour="good"),
        Manner(label=tr("both"), turns=style.both, colour="warn"),
        Manner(label=tr("plain"), turns=style.plain, colour="faint"),
    )
    return tuple(sorted((one for one in found if one.turns), key=lambda one: -one.turns))


def _telling(style: StyleMix) -> str:
    """Person and tense of what is narrated, where most of it agrees or does not."""
    parts = []
    if style.first_person or style.third_person:
        first = style.share("first_person")
        parts.append(_share(first, tr("first person"), tr("third person")))
    if style.present or style.past:
        parts.append(_share(style.share("present"), tr("present"), tr("past")))
    return " · ".join(parts)


def _share(share: float, one: str, other: str) -> str:
    name, part = (one, share) if share >= 0.5 else (other, 1 - share)
    return tr("{name} {percent}%", name=name, percent=round(100 * part))


def charts(report: CheckReport) -> list[Chart]:
    """The coverage map."""
    seen = report.coverage
    parts = [
        (tr("Moods"), tr("Feelings that the lines show. A voice that never laughs will not laugh."), seen.moods),
        (tr("Topics"), tr("What is talked about. What never comes up is answered as the base would."), seen.topics),
        (tr("Length of their lines"), tr("Replies will be about as long as those learned from."), seen.lengths),
        (tr("Turns of a conversation"), tr("Long talks teach staying in character."), seen.turn_counts),
    ]
    return [
        Chart(title=title, help=words, items=tuple(items), missing=_missing(items))
        for title, words, items in parts
        if items
    ]


def _missing(items: tuple[CoverageItem, ...]) -> str:
    short = [one for one in items if one.missing]
    if not short:
        return tr("Nothing is missing.")
    named = [_lack(one) for one in short]
    return tr("Too little of: {names}", names=", ".join(named))


def _lack(item: CoverageItem) -> str:
    return tr("{name} ({count} of {expected})", name=item.label, count=item.count, expected=item.expected)


def item_words(item: CoverageItem) -> str:
    """One bar for a screen reader."""
    if not item.expected:
        return f"{item.label}: {item.count}"
    return tr("{name}: {count}, at least {expected} would be good", name=item.label, count=item.count,
              expected=item.expected)  # fmt: skip


def place_words(number: int, count: int) -> str:
    """Where one is in a walk."""
    return tr("{number} of {count}", number=number, count=count)


def found_words(count: int) -> str:
    """The number of findings on the switch."""
    return tr_plural("{count} finding", "{count} findings", count)
