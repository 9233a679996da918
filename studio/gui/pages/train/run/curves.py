"""A run's points as they come in: read in pieces, kept by kind, forgotten again where a run went back. Knows no Qt."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio.domain.run import MetricPoint
from studio.gui import figures
from studio.gui.widgets.curve_maths import Point
from studio.texts import tr

Words = Callable[[float], str]
STEPS_AT_ONCE = 2000
"""How many steps are read in one go, so that a long run's past does not hold the window up."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A small chart: what is drawn, and how its values are written."""

    name: str
    label: str
    words: Words
    points: Sequence[Point]


class RunCurves:
    """Of one run. ``read`` is called until it says that nothing is left."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self._points: dict[tuple[int, str], MetricPoint] = {}
        self._by_kind: dict[str, list[MetricPoint]] = {}
        self._read_to = -1

    def read(self, points_after: Callable[[str, int, int], list[MetricPoint]], last_step: int) -> bool:
        """Read the next piece; True while more is to be read. The last step is read again: it may have grown."""
        if last_step < self._read_to:
            self._forget_after(last_step)
        after = max(self._read_to - 1, -1)
        for point in points_after(self.run_id, after, STEPS_AT_ONCE):
            self._take(point)
        self._read_to = min(after + STEPS_AT_ONCE, max(last_step, 0))
        return self._read_to < last_step

    def _take(self, point: MetricPoint) -> None:
        key = (point.step, point.kind)
        kind = self._by_kind.setdefault(point.kind, [])
        if key not in self._points:
            kind.append(point)
        elif kind and kind[-1].step == point.step:
            kind[-1] = point
        self._points[key] = point

    def _forget_after(self, step: int) -> None:
        self._points = {key: point for key, point in self._points.items() if key[0] <= step}
        self._by_kind = {kind: [one for one in points if one.step <= step] for kind, points in self._by_kind.items()}
        self._read_to = step

    @property
    def empty(self) -> bool:
        """True before the first point."""
        return not self._points

    def all(self) -> list[MetricPoint]:
        """Every point by step and kind, as the services give them."""
        return [self._points[key] for key in sorted(self._points)]

    def measured(self) -> int:
        """How many measurements there are beside the training steps; it grows at every checkpoint."""
        return sum(len(points) for kind, points in self._by_kind.items() if kind != "train")

    def losses(self, kind: str) -> list[Point]:
        """(step, loss) of ``train``, ``heldout`` or ``neutral``."""
        return [(float(one.step), one.loss) for one in self._by_kind.get(kind, [])]

    def heldout(self) -> list[Point]:
        """Held-out loss of what was trained; the base's own, at step 0, is a line of its own."""
        return [point for point in self.losses("heldout") if point[0] > 0]

    def base(self) -> float | None:
        """The base's held-out loss."""
        return next((loss for step, loss in self.losses("heldout") if step == 0), None)

    def known(self) -> list[tuple[str, str]]:
        """Name and label of the small charts for which something is measured."""
        train = self._by_kind.get("train", [])
        some = [*train[len(train) // 2 :][:1], *train[-1:]]  # a learning rate ends at nothing, and yet is known
        steps = [(name, tr(label)) for name, (label, _) in _OF_STEPS.items() if any(getattr(one, name) for one in some)]
        kinds = [(kind, tr(label)) for kind, (label, _) in _OF_CHECKPOINTS.items() if self._by_kind.get(kind)]
        return steps + kinds

    def figure(self, name: str) -> Figure:
        """One small chart; only this one is worked out."""
        if name in _OF_CHECKPOINTS:
            label, words = _OF_CHECKPOINTS[name]
            return Figure(name=name, label=tr(label), words=words, points=self.losses(name))
        label, words = _OF_STEPS[name]
        train = self._by_kind.get("train", [])
        points = [(float(one.step), float(getattr(one, name))) for one in train]
        return Figure(name=name, label=tr(label), words=words, points=points)

    def at(self, step: float) -> list[str]:
        """The figures of the training step nearest to ``step``, for the readout."""
        train = self._by_kind.get("train", [])
        place = bisect_left(train, step, key=lambda one: one.step)
        if not train:
            return []
        point = min(train[max(place - 1, 0) : place + 1], key=lambda one: abs(one.step - step))
        said = [(label, words, getattr(point, name)) for name, (label, words) in _OF_STEPS.items()]
        return [tr("{label}: {value}", label=tr(label), value=words(value)) for label, words, value in said if value]


def temperature(value: float) -> str:
    """``71 °C``."""
    return tr("{degrees:.0f} °C", degrees=value)


def share(value: float) -> str:
    """``12 %``."""
    return tr("{percent:.0f} %", percent=100 * value)


_OF_STEPS: dict[str, tuple[str, Words]] = {
    "learning_rate": ("Learning rate", figures.learning_rate),
    "gradient_norm": ("Gradient norm", "{:.3g}".format),
    "tokens_per_second": ("Tokens/s", figures.whole),
    "memory_bytes": ("Memory", figures.size),
    "temperature": ("Temperature", temperature),
}
"""Fields of a training step's point: label, and how a value is written."""

_OF_CHECKPOINTS: dict[str, tuple[str, Words]] = {
    "neutral": ("Neutral text", "{:.2f}".format),
    "copied": ("Copied words", share),
}
"""Kinds of points that are measured at checkpoints."""
