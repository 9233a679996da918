"""What a training does about memory: a plan that should fit, and where it does not, the next rung instead of an end.

Rungs that change nothing that is learned come first (``rungs.py``); each is told as a line of the run's log. The step
in which memory ran out is done again with the smaller plan.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.memory import Room, release
from studio.engine.training.checkpoints import Learner, Standing
from studio.engine.training.lessons import LessonData
from studio.engine.training.run_reports import RunReports
from studio.engine.training.rungs import Rung, fitting_plan, next_rung, quickest
from studio.engine.training.schedule import total_steps
from studio.engine.training.step_plan import StepPlan
from studio.methods.method import ON, CommonOptions

GIGABYTE = 2**30
MOMENTS = 2
"""Of Adam, for every trained number."""

D = TypeVar("D", bound=LessonData)


class MemoryLadder(Generic[D]):
    """``read(window)`` encodes the run's data anew; ``standing`` is changed in place, its plan first of all."""

    def __init__(
        self, base: LoadedBase, options: CommonOptions, reports: RunReports, room: Room, read: Callable[[int], D]
    ) -> None:
        self._base = base
        self._options = options
        self._reports = reports
        self._room = room
        self._encode = read
        self._window = options.max_length

    def begin(self, standing: Standing, data: D, learner: Learner) -> D:
        """Choose the plan of a fresh run by what fits; return the data in the window of the plan."""
        if standing.plan is None:
            standing.plan = self._chosen(data, learner)
        return self._in_window_of(standing, data)

    def climb(self, standing: Standing, data: D) -> D:
        """Take the next rung and tell it; ``out_of_memory`` where there is none."""
        release()
        self._room.restart()
        data = self._in_window_of(standing, data)
        assert standing.plan is not None, "a run has a plan before anything is computed"
        rung = next_rung(standing.plan, self._base.device, data.train, self._options)
        if rung is not None and rung.plan.max_length != standing.plan.max_length:
            return self._shorten(rung, standing, data)
        if rung is None and self._room.dare():
            return data
        if rung is None:
            raise self._no_way()
        standing.plan = rung.plan
        self._reports.told(standing.step, rung.code, weight=rung.weight, **rung.details)
        return data

    def _in_window_of(self, standing: Standing, data: D) -> D:
        """A checkpoint may have been made in another window than ``data`` lies in."""
        window = standing.plan.max_length if standing.plan else self._window
        return data if window == self._window else self._read(window)

    def _read(self, window: int) -> D:
        found = self._encode(window)
        self._window = window
        return found

    def _chosen(self, data: D, learner: Learner) -> StepPlan:
        if self._options.offload == ON and self._base.device.kind == "cpu":
            self._reports.told(0, "memory_offload_useless")
        state = sum(one.numel() * one.element_size() for one in learner.parameters.values()) * (1 + MOMENTS)
        room = self._room.whole - self._room.used - state
        plan, needed = fitting_plan(self._base, self._options, data.train, room)
        code = _reason(plan, quickest(self._base.device, self._options))
        if code:
            self._reports.told(0, code, tokens=plan.micro_batch_tokens, needed=gigabytes(needed), free=gigabytes(room))
        return plan

    def _shorten(self, rung: Rung, standing: Standing, data: D) -> D:
        """Cut the data into shorter windows, and stand where the run stood in it."""
        longest = max(one.length for one in data.train)
        found = self._cut(rung.plan.max_length, longest)
        if found is None:
            raise self._no_way()
        window, shorter = found
        before, after = (total_steps(len(one.train), self._options) for one in (data, shorter))
        standing.plan = rung.plan.but(max_length=window)
        standing.step = round(standing.step * after / before)
        details = {"tokens": window, "before": longest, "windows": len(shorter.train)}
        self._reports.told(standing.step, rung.code, weight=rung.weight, **details)
        return shorter

    def _cut(self, window: int, longest: int) -> tuple[int, D] | None:
        """Return the shortest window from ``window`` up that every reply fits into, and the data in it."""
        while window < longest:
            try:
                return window, self._read(window)
            except StudioError as error:
                if error.code != "reply_too_long":
                    raise
                window = int(str(error.details["tokens"]))
        return None

    def _no_way(self) -> StudioError:
        return StudioError("memory_exhausted", free=gigabytes(self._room.whole))


def _reason(plan: StepPlan, wished: StepPlan) -> str:
    """The sentence for a plan that is slower than what was wished, by the change that costs most."""
    if plan.offload_activations and not wished.offload_activations:
        return "memory_plan_offload"
    if plan.checkpoint_activations and not wished.checkpoint_activations:
        return "memory_plan_checkpointing"
    return "memory_plan_batch" if plan.micro_batch_tokens < wished.micro_batch_tokens else ""


def gigabytes(count: int) -> str:
    """For sentences: ``3.4 GB``."""
    return f"{max(count, 0) / GIGABYTE:.1f} GB"
