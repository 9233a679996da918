"""How long a run will take, judged by runs that ended on the same base: an honest guess or nothing. Knows no Qt."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from studio.domain.run import Run, RunState

if TYPE_CHECKING:
    from studio.services.studio import Studio

_ENDED = (RunState.FINISHED, RunState.STOPPED)


class RunTimes:
    """What is learned from ended runs is seconds a persona's line and pass; rank hardly matters, the base much."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self._paces: dict[tuple[str, str], float] = {}

    def forget(self) -> None:
        """A run has ended: judge anew."""
        self._paces.clear()

    def expected(self, persona_id: str, base_id: str, method: str, options: Mapping[str, object]) -> float:
        """Seconds that a run with these options would take; 0 when nothing like it was ever trained here."""
        pace = self._pace(base_id, method)
        if not pace:
            return 0.0
        lines = next((one.persona_turns for one in self._studio.personas.list() if one.persona.id == persona_id), 0)
        return pace * lines * (1 - _number(options, "heldout_fraction", 0.0)) * _number(options, "epochs", 1.0)

    def left(self, run: Run) -> float:
        """Seconds that a run still needs; 0 when nobody knows."""
        live = self._studio.training.live(run.id)
        if live is not None and live.eta_seconds:
            return float(live.eta_seconds)
        if run.step and run.seconds and run.total_steps:
            return run.seconds / run.step * (run.total_steps - run.step)
        return self.expected(run.persona_id, run.base_id, run.method, self._studio.training.recipe(run.id).options)

    def _pace(self, base_id: str, method: str) -> float:
        key = (base_id, method)
        if key not in self._paces:
            self._paces[key] = self._measured(base_id, method)
        return self._paces[key]

    def _measured(self, base_id: str, method: str) -> float:
        ended = [one for one in self._studio.training.runs() if one.base_id == base_id and one.state in _ENDED]
        alike = [one for one in ended if one.method == method] or ended
        return next((pace for pace in map(self._pace_of, alike) if pace), 0.0)

    def _pace_of(self, run: Run) -> float:
        options = self._studio.training.recipe(run.id).options
        lines = self._studio.data.version(run.dataset_id).persona_turns
        share = run.step / run.total_steps if run.total_steps else 1.0
        read = lines * (1 - _number(options, "heldout_fraction", 0.0)) * _number(options, "epochs", 1.0) * share
        return run.seconds / read if read else 0.0


def _number(options: Mapping[str, object], name: str, otherwise: float) -> float:
    return float(str(options.get(name, otherwise)))
