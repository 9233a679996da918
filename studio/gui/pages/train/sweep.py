"""A sweep before it starts: which values of which two options, how many runs, how long, and whether they fit. No Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.run import RunGroup
from studio.gui import figures
from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.queue_times import RunTimes
from studio.options import Option, checked
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio

RANK, RATE = "rank", "learning_rate"
_SPREAD = {RANK: (0.5, 1, 2), RATE: (0.5, 1, 2)}


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One option and the values that are tried. ``problem`` says what is wrong with what was written."""

    option: Option
    written: str
    values: tuple[object, ...]
    problem: str = ""


class Sweep:
    """Everything but the two options is as the form has it."""

    def __init__(self, studio: "Studio", form: NewRun, times: RunTimes) -> None:
        self._studio, self._form, self._times = studio, form, times
        names = [name for name in (RANK, RATE) if name in self.numbers()]
        spare = [name for name in self.numbers() if name not in names]
        self.axes = [self._around(name) for name in [*names, *spare][:2]]

    def numbers(self) -> dict[str, Option]:
        """What can be tried in several values: every option of the method that is a number."""
        return {name: one for name, one in self._form.options().items() if one.kind in (int, float)}

    def choose(self, place: int, name: str) -> None:
        """Try another option on this side of the grid."""
        self.axes[place] = self._around(name)

    def write(self, place: int, written: str) -> None:
        """Take values as they are written, with commas between them."""
        option = self.axes[place].option
        values: list[object] = []
        problem = ""
        for part in filter(None, (part.strip() for part in written.split(","))):
            try:
                value = checked(option, part)
            except ValueError as error:
                problem = str(error)
            else:
                values += [value] if value not in values else []
        if not values and not problem:
            problem = tr("Write at least one value.")
        self.axes[place] = Axis(option=option, written=written, values=tuple(values), problem=problem)

    @property
    def same_twice(self) -> bool:
        """Both sides try the same option."""
        return len(self.axes) == 2 and self.axes[0].option.name == self.axes[1].option.name

    def count(self) -> int:
        """How many runs it is."""
        found = 1
        for axis in self.axes:
            found *= len(axis.values)
        return 0 if self.same_twice else found

    def seconds(self) -> float:
        """How long all of them take; 0 when nothing like it was trained here."""
        return sum(
            self._times.expected(self._form.persona_id, self._form.base_id, self._form.method, values)
            for values in self._cells()
        )

    def words(self) -> str:
        """``9 runs · about 3 h 20 min``."""
        runs = tr_plural("{count} run", "{count} runs", self.count())
        seconds = self.seconds()
        if not seconds:
            return tr("{runs} · how long they take is known after the first run on this base", runs=runs)
        return tr("{runs} · about {time}", runs=runs, time=figures.duration(seconds))

    def trouble(self) -> str:
        """What stands in the way."""
        if self.same_twice:
            return tr("Choose two different options.")
        found = next((axis.problem for axis in self.axes if axis.problem), "")
        return found or self._too_large()

    def _too_large(self) -> str:
        base = self._form.base()
        if base is None:
            return ""
        for values in self._cells():
            found = self._studio.training.estimate(base, self._form.method, values)
            if not found.fits:
                at = figures.size(found.total)
                return tr(
                    "The largest of them needs {memory} and will not fit. {advice}", memory=at, advice=found.advice
                )
        return ""

    def start(self) -> RunGroup:
        """Put all of them into the queue."""
        form = self._form
        grid = {axis.option.name: axis.values for axis in self.axes}
        options = {name: value for name, value in form.values().items() if name not in grid}
        return self._studio.training.sweep(
            form.persona_id, base_id=form.base_id, method=form.method, preset=form.preset, options=options, grid=grid
        )

    def _cells(self) -> list[dict[str, object]]:
        cells: list[dict[str, object]] = [dict(self._form.values())]
        for axis in self.axes:
            cells = [cell | {axis.option.name: value} for cell in cells for value in axis.values]
        return cells

    def _around(self, name: str) -> Axis:
        """Values around the form's own."""
        option, value = self._form.options()[name], self._form.values()[name]
        tried: list[object] = []
        for factor in _SPREAD.get(name, (0.5, 1, 2)):
            found = option.kind(float(str(value)) * factor)
            low = option.minimum if option.minimum is not None else found
            high = option.maximum if option.maximum is not None else found
            found = option.kind(min(max(found, low), high))
            tried += [found] if found not in tried else []
        return Axis(option=option, written=", ".join(shown(one) for one in tried), values=tuple(tried))


def shown(value: object) -> str:
    """A value as people write it."""
    return figures.learning_rate(value) if isinstance(value, float) else str(value)
