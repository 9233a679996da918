"""Which runs go on after an end that nobody wished: of the engine, of the program, of the power."""

from studio.domain.run import Run, RunState
from studio.library.library import Library
from studio.services.run_log import RunLog
from studio.services.run_rests import CLOSED

_MOST_DEATHS = 3
TAKEN_UP = "run_taken_up"
"""Told once a step: a run that was taken up here and died again before it got further is not taken up again."""


class Survival:
    """A run that ends everything each time at the same step is left alone, so that the others come to their turn."""

    def __init__(self, library: Library, log: RunLog) -> None:
        self._library = library
        self._log = log
        self._deaths: dict[str, tuple[int, int]] = {}
        self.asked = False

    def cut_off(self) -> list[Run]:
        """The runs that closing or a crash of the program ended, the first one first; asked once."""
        self.asked = True
        died = set(self._library.found_at_start.interrupted)
        runs = self._library.runs.in_state(RunState.PAUSED, RunState.INTERRUPTED)
        cut = [run for run in runs if run.id in died or run.resting == CLOSED]
        return [run for run in cut if run.resting == CLOSED or not self._log.told(run, TAKEN_UP)]

    def keeps_dying(self, run: Run) -> bool:
        """Count a death of the engine under this run; True when it was one too many without a step in between."""
        step, deaths = self._deaths.get(run.id, (run.step, 0))
        deaths = deaths + 1 if step == run.step else 1
        self._deaths[run.id] = run.step, deaths
        return deaths >= _MOST_DEATHS
