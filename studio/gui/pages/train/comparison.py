"""Methods side by side: which ones, and the table that comes of them. Knows no Qt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.run import RunGroup
from studio.gui import figures
from studio.gui.pages.train import queue_words
from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.queue_times import RunTimes
from studio.texts import tr, tr_plural
from studio.texts.methods import METHOD_COSTS

if TYPE_CHECKING:
    from studio.methods.method import Method
    from studio.services.memory_estimate import MemoryEstimate
    from studio.services.method_comparison import ComparisonRow
    from studio.services.studio import Studio


@dataclass(frozen=True, kw_only=True)
class MethodChoice:
    """A method in the dialog. ``chosen`` at first: it fits and learns the same data."""

    name: str
    label: str
    summary: str
    costs: str
    memory: str
    fits: bool
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure with its bar."""

    words: str
    share: float = 0.0
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One run. ``trouble`` stands in the place of figures that are not there."""

    label: str
    cells: tuple[Cell, ...]
    trouble: str = ""


class Comparison:
    """Which methods are compared; data and budget are the form's."""

    def __init__(self, studio: "Studio", form: NewRun, times: RunTimes) -> None:
        self._studio, self._form, self._times = studio, form, times
        self.choices = [self._choice(one) for one in form.methods() if one.objective == "replies"]
        self.chosen = {one.name for one in self.choices if one.chosen}

    def set(self, name: str, on: bool) -> None:
        """Take a method in, or leave it out."""
        (self.chosen.add if on else self.chosen.discard)(name)

    def words(self) -> str:
        """``6 runs · about 2 h``."""
        runs = tr_plural("{count} run", "{count} runs", len(self.chosen))
        form = self._form
        seconds = sum(
            self._times.expected(form.persona_id, form.base_id, name, form.values()) for name in sorted(self.chosen)
        )
        return tr("{runs} · about {time}", runs=runs, time=figures.duration(seconds)) if seconds else runs

    def start(self) -> RunGroup:
        """Queue one run a method."""
        form = self._form
        methods = [one.name for one in self.choices if one.name in self.chosen]
        return self._studio.training.compare_methods(
            form.persona_id, base_id=form.base_id, methods=methods, preset=form.preset, options=form.by_hand
        )

    def _choice(self, method: "Method") -> MethodChoice:
        found = self._estimate(method)
        fits = found is None or found.fits
        return MethodChoice(
            name=method.name, label=method.label, summary=tr(method.summary), fits=fits,
            costs=" ".join(tr(METHOD_COSTS[cost]) for cost in method.costs),
            memory=figures.size(found.total) if found else "", chosen=fits and not method.own_base,
        )  # fmt: skip

    def _estimate(self, method: "Method") -> "MemoryEstimate | None":
        base = self._form.base()
        if base is None:
            return None
        known = self._studio.training.options(method.name)
        values = {name: value for name, value in self._form.values().items() if name in known}
        return self._studio.training.estimate(base, method.name, values)


COLUMNS = ("Held-out loss", "Gain", "Trainable", "Peak memory", "Speed", "Adapter")


def table(rows: Sequence["ComparisonRow"], labels: Mapping[str, str]) -> list[TableRow]:
    """The rows, the lowest held-out loss first, those without one last. ``labels``: run to name."""
    ordered = sorted(rows, key=lambda one: (one.heldout_adapter is None, one.heldout_adapter or 0.0))
    columns = [_column(ordered, *one) for one in _COLUMNS]
    return [
        TableRow(
            label=labels.get(one.run.id, one.label),
            cells=tuple(column[place] for column in columns),
            trouble=_trouble(one),
        )
        for place, one in enumerate(ordered)
    ]


def _trouble(one: "ComparisonRow") -> str:
    if one.failure:
        return one.failure
    return "" if one.run.adapter_id or one.heldout_adapter is not None else queue_words.plain_state(one.run)


def as_markdown(rows: Sequence[TableRow]) -> str:
    """The table as Markdown, for the clipboard."""
    head = [tr("Method"), *(tr(one) for one in COLUMNS)]
    lines = [head, ["---"] * len(head)]
    for one in rows:
        figures_ = [cell.words for cell in one.cells] if not one.trouble else [one.trouble, *[""] * (len(COLUMNS) - 1)]
        lines.append([one.label, *figures_])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


_Value = Callable[["ComparisonRow"], float | None]
_Words = Callable[["ComparisonRow"], str]


def _column(
    rows: Sequence["ComparisonRow"], value: _Value, words: Callable[["ComparisonRow"], str], more: bool
) -> list[Cell]:
    values = [value(one) for one in rows]
    known = [one for one in values if one]
    best = (max if more else min)(known, default=None) if len(set(known)) > 1 else None
    top = max((abs(one) for one in known), default=1.0)
    return [
        Cell(words=words(one) if found else "–", share=abs(found) / top if found else 0.0,
             best=found is not None and found == best)
        for one, found in zip(rows, values, strict=True)
    ]  # fmt: skip


def _gain(one: "ComparisonRow") -> float | None:
    if one.heldout_base is None or one.heldout_adapter is None:
        return None
    return one.heldout_base - one.heldout_adapter


def _trainable(one: "ComparisonRow") -> str:
    return tr("{count} · {percent:.2f} %", count=figures.parameters(one.trainable), percent=100 * one.trainable_share)


_COLUMNS: tuple[tuple[_Value, _Words, bool], ...] = (
    (lambda one: one.heldout_adapter, lambda one: f"{one.heldout_adapter:.3f}", False),
    (_gain, lambda one: figures.gain(_gain(one) or 0.0), True),
    (lambda one: float(one.trainable), _trainable, False),
    (lambda one: float(one.peak_memory_bytes), lambda one: figures.size(one.peak_memory_bytes), False),
    (lambda one: one.tokens_per_second, lambda one: figures.rate(one.tokens_per_second), True),
    (lambda one: float(one.size_bytes), lambda one: figures.size(one.size_bytes), False),
)
