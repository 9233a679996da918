"""What the curves and samples of a run say: which checkpoint is best, and what went wrong, with figures."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from studio.domain.preferences import PREFERENCE_LOSS
from studio.domain.run import ENDED, MetricPoint, Run, RunSample

COPYING = 0.3
"""From this share of copied words on, samples are recited rather than spoken."""

FORGETTING = 0.15
"""Nats a token that the neutral text may become dearer; 0.15 makes it a sixth less likely, word for word."""

RISEN = 0.01
"""Share by which a loss must have risen, or go on falling, to be more than chance."""

DEAD = 1e-6
"""A gradient norm below this moves nothing."""

FEW_STEPS = 20
_LOOKED_AT = 5


@dataclass(frozen=True, kw_only=True)
class RunFinding:
    """Something that the curves say. ``weight`` is ``info`` or ``warning``; ``step`` is where it shows (0: nowhere).

    ``details`` fill the words. ``sentence`` and ``lever`` (what to do) are filled in by the service, in the user's
    language.
    """

    code: str
    weight: str = "warning"
    step: int = 0
    details: Mapping[str, object] = field(default_factory=dict)
    sentence: str = ""
    lever: str = ""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The held-out loss at a step, and the share of copied words in the samples written there."""

    step: int
    loss: float
    copied: float = 0.0


def best_of(measurements: Iterable[Measurement]) -> Measurement | None:
    """Return the best: the lowest held-out loss of those that do not recite; of those that do when all do.

    One total order, so that a further measurement is either the new best or changes nothing.
    """
    finite = [one for one in measurements if math.isfinite(one.loss)]
    return min(finite, key=lambda one: (one.copied >= COPYING, one.loss, one.step), default=None)


def measurements(points: Sequence[MetricPoint]) -> list[Measurement]:
    """Return what was measured of the adapter (the base's own at step 0 is none of it), by step."""
    decides = deciding_curve(points)
    copied = {point.step: point.loss for point in points if point.kind == "copied"}
    return [
        Measurement(step=point.step, loss=point.loss, copied=copied.get(point.step, 0.0))
        for point in points
        if point.kind == decides and point.step
    ]


def deciding_curve(points: Iterable[MetricPoint]) -> str:
    """The curve that says how good a run is: the held-out loss of the persona's lines, or of its choices."""
    return PREFERENCE_LOSS if any(point.kind == PREFERENCE_LOSS for point in points) else "heldout"


def diagnose(run: Run, points: Sequence[MetricPoint], samples: Sequence[RunSample]) -> list[RunFinding]:
    """Return what is to be said about a run, warnings first; a run that does well is told so."""
    curves = _Curves(run, points, samples)
    found = [one for look in _LOOKS for one in look(curves)]
    if not found and run.state in ENDED:
        found = list(_learned_well(curves))
    return sorted(found, key=lambda one: one.weight != "warning")


class _Curves:
    """The points of a run by kind, by step."""

    def __init__(self, run: Run, points: Sequence[MetricPoint], samples: Sequence[RunSample]) -> None:
        self.run = run
        self.train = _of(points, "train")
        self.heldout = _of(points, deciding_curve(points))
        self.neutral = _of(points, "neutral")
        self.samples = samples
        self.measured = measurements(points)
        self.best = best_of(self.measured)
        self.base = next((point.loss for point in self.heldout if not point.step), None)

    @property
    def broken(self) -> bool:
        return any(not math.isfinite(point.loss) for point in self.train) or "loss_not_finite" in self.run.failure

    def train_loss(self, first: int, last: int) -> float:
        """Mean training loss of the steps after ``first`` up to ``last``."""
        losses = [point.loss for point in self.train if first < point.step <= last]
        return sum(losses) / len(losses) if losses else math.nan


def _of(points: Sequence[MetricPoint], kind: str) -> list[MetricPoint]:
    return sorted((point for point in points if point.kind == kind), key=lambda point: point.step)


def _not_finite(curves: _Curves) -> Iterator[RunFinding]:
    if curves.broken:
        step = next((point.step for point in curves.train if not math.isfinite(point.loss)), curves.run.step + 1)
        yield RunFinding(code="loss_not_finite", step=step, details={"step": step})


def _dead_gradient(curves: _Curves) -> Iterator[RunFinding]:
    last = curves.train[-_LOOKED_AT:]
    if len(last) == _LOOKED_AT and all(point.gradient_norm < DEAD for point in last):
        yield RunFinding(code="gradient_dead", step=last[0].step, details={"step": last[0].step})


def _rising(curves: _Curves) -> Iterator[RunFinding]:
    """Held-out loss that has turned: overfitting where the training loss went on falling."""
    if curves.best is None or len(curves.measured) < 3:
        return
    lowest = min(curves.measured, key=lambda one: one.loss)
    after = [one for one in curves.measured if one.step > lowest.step]
    if len(after) < 2 or any(one.loss < lowest.loss * (1 + RISEN) for one in after[-2:]):  # once may be chance
        return
    span = max(1, (after[-1].step - lowest.step) // 2)
    before, now = (curves.train_loss(at - span, at) for at in (lowest.step, after[-1].step))
    code = "overfit" if now < before else "heldout_rising"
    details = {"step": lowest.step, "lowest": _figure(lowest.loss), "now": _figure(after[-1].loss)}
    yield RunFinding(code=code, step=lowest.step, details=details | {"best": curves.best.step})


def _above_base(curves: _Curves) -> Iterator[RunFinding]:
    if curves.base is None or curves.best is None or len(curves.measured) < 2:
        return
    if min(one.loss for one in curves.measured) > curves.base * (1 + RISEN):
        details = {"base": _figure(curves.base), "lowest": _figure(curves.best.loss)}
        yield RunFinding(code="worse_than_base", step=curves.best.step, details=details)


def _copying(curves: _Curves) -> Iterator[RunFinding]:
    steps = sorted({sample.step for sample in curves.samples if sample.step})
    shares = {step: _copied(curves.samples, step) for step in steps}
    base = _copied(curves.samples, 0)
    first = next((step for step in steps if shares[step] >= max(COPYING, base + 0.1)), 0)
    if first and shares[steps[-1]] >= COPYING:
        details = {"step": first, "share": round(100 * shares[steps[-1]])}
        yield RunFinding(code="copying", step=first, details=details)


def _copied(samples: Sequence[RunSample], step: int) -> float:
    shares = [sample.copied for sample in samples if sample.step == step]
    return sum(shares) / len(shares) if shares else 0.0


def _forgetting(curves: _Curves) -> Iterator[RunFinding]:
    if len(curves.neutral) < 2 or curves.neutral[0].step:
        return
    base, now = curves.neutral[0].loss, curves.neutral[-1].loss
    if now - base > FORGETTING:
        first = next(point.step for point in curves.neutral if point.loss - base > FORGETTING)
        yield RunFinding(code="forgetting", step=first, details={"base": _figure(base), "now": _figure(now)})


def _too_short(curves: _Curves) -> Iterator[RunFinding]:
    if curves.run.state in ENDED and 0 < curves.run.step < FEW_STEPS:
        yield RunFinding(code="too_few_steps", step=curves.run.step, details={"steps": curves.run.step})


def _still_falling(curves: _Curves) -> Iterator[RunFinding]:
    """Held-out loss fell to the very end, and not by chance."""
    if curves.run.state not in ENDED or curves.run.step < FEW_STEPS or len(curves.measured) < 3:
        return
    before, last = curves.measured[-2:]
    if last.loss < before.loss * (1 - RISEN) and curves.best == last:
        details = {"before": _figure(before.loss), "now": _figure(last.loss)}
        yield RunFinding(code="still_falling", weight="info", step=last.step, details=details)


def _learned_well(curves: _Curves) -> Iterator[RunFinding]:
    if curves.base is not None and curves.best is not None and curves.best.loss < curves.base:
        details = {"base": _figure(curves.base), "now": _figure(curves.best.loss)}
        yield RunFinding(code="learned_well", weight="info", step=curves.best.step, details=details)


_LOOKS = (
    _not_finite, _dead_gradient, _rising, _above_base, _copying, _forgetting, _too_short, _still_falling,
)  # fmt: skip


def _figure(loss: float) -> str:
    return f"{loss:.2f}"
