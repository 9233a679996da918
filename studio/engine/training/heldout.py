"""A run's held-out losses: of the base alone before the first step, and of what was learned at each milestone."""

import math
import time
from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.evaluation import mean_loss
from studio.engine.forward.modes import Mode, Stage
from studio.engine.scheduler import Work
from studio.engine.text.chat_encoding import Window
from studio.engine.training.checkpoints import Standing
from studio.engine.training.lessons import LessonData
from studio.engine.training.objective import RunObjective
from studio.engine.training.run_reports import RunReports


class HeldOut:
    """Measures and tells; its time is counted apart from training's."""

    def __init__(
        self, base: LoadedBase, stage: Stage, reports: RunReports, data: LessonData, objective: RunObjective[Any]
    ) -> None:
        self._base = base
        self._stage = stage
        self._reports = reports
        self._data = data
        self._objective = objective

    def measure_base(self, standing: Standing) -> Work:
        """Once a run."""
        if standing.heldout_base is not None or not self._data.heldout:
            return
        standing.heldout_base = yield from self._loss(standing, Mode.REFERENCE)
        extra = self._objective.extras_of_start()
        self._reports.held_out(0, standing.heldout_base, self._data.heldout_tokens, extra=extra)

    def measure(self, standing: Standing) -> Generator[None, None, float | None]:
        """Return what says how good it is that was learned so far; None when nothing is held out."""
        if not self._data.heldout:
            return None
        loss = yield from self._loss(standing, Mode.MEASURING)
        extra = yield from self._objective.extras()
        standing.heldout_adapter = loss
        self._reports.held_out(standing.step, loss, self._data.heldout_tokens, extra=extra)
        return self._objective.deciding(loss, extra)

    def neutral(self, step: int, windows: Sequence[Window], mode: Mode) -> Work:
        """Tell the loss on text that has nothing to do with the persona, if there is any."""
        if windows:
            loss = yield from mean_loss(self._base, windows, partial(self._prepare, mode))
            self._reports.held_out(step, loss, sum(one.trained_tokens for one in windows), side="neutral")

    def _loss(self, standing: Standing, mode: Mode) -> Generator[None, None, float]:
        self._reports.phase("evaluating")
        started = time.perf_counter()
        loss = yield from mean_loss(self._base, self._data.heldout, partial(self._prepare, mode))
        standing.evaluation_seconds += time.perf_counter() - started
        if not math.isfinite(loss):
            raise StudioError("loss_not_finite", value=str(loss), step=standing.step)
        return loss

    def _prepare(self, mode: Mode, rows: int) -> None:
        """Before each batch: other jobs may have used the model since the last one."""
        self._stage.enter(mode)
        self._base.rack.open_gates()
