"""Training: how one can train, what it would need, and the runs: a queue, one at a time, that survives the night."""

from collections.abc import Mapping

from studio.domain.base_model import BaseModel
from studio.domain.run import MetricPoint, Run
from studio.methods.method import METHODS, Method
from studio.options import Option, options_of
from studio.services.card_presets import CardPreset, card_presets
from studio.services.memory_advice import MethodAdvice, Place, expected_memory, place_of, recommended
from studio.services.memory_estimate import MemoryEstimate
from studio.services.presets import Preset, presets
from studio.services.run_feed import LiveRun
from studio.services.run_making import RunMaking
from studio.services.run_plan import method_named, preset_for, preset_of, preset_options
from studio.services.trained_amount import TrainedAmount


class Training(RunMaking):
    """``RunMaking`` makes runs, ``RunQueue`` orders them, ``RunTurns`` lets them train; here is what one looks at."""

    def methods(self) -> list[Method]:
        """Every way to train."""
        return list(METHODS.all().values())

    def presets(self) -> list[Preset]:
        """The starting points, the quickest first."""
        return presets()

    def card_presets(self, base: BaseModel | None = None, persona_id: str = "") -> list[CardPreset]:
        """What fits cards of 8 to 24 GB, for this base and this persona's data; without a base only their names."""
        amount = self._data.trained_amount(persona_id) if persona_id else TrainedAmount()
        return card_presets(base, amount)

    def preset(self, name: str, persona_id: str, base: BaseModel) -> Preset:
        """A preset with its reasons, for this persona's data and this base (a ``CardPreset`` for ``card-12``)."""
        return preset_of(self._data, name, persona_id, base)

    def options(self, method: str) -> dict[str, Option]:
        """The options of a method."""
        return options_of(method_named(method).options)

    def preset_options(self, preset: str, persona_id: str, base: BaseModel, method: str = "qlora") -> dict[str, object]:
        """A preset's options, adapted to the amount of data, the size of the base and the method."""
        return preset_for(method_named(method), preset_options(self._data, preset, persona_id, base))

    def estimate(
        self, base: BaseModel, method: str, options: Mapping[str, object], total_memory: int | None = None
    ) -> MemoryEstimate:
        """What a training would need, against what the engine's device (or this machine) has."""
        return expected_memory(self._library, base, method, options, self._device_place(total_memory))

    def recommended_method(self, base: BaseModel, options: Mapping[str, object]) -> MethodAdvice:
        """LoRA on 16 bit or QLoRA, by what fits, with the reason."""
        return recommended(self._library, base, options, self._device_place())

    def _device_place(self, memory: int | None = None) -> Place:
        return place_of(self._engine.status(), memory)

    def runs(self, persona_id: str = "") -> list[Run]:
        """The runs (of one persona), newest first."""
        return self._library.runs.all(persona_id)

    def points(self, run_id: str, after: int = -1, steps: int = 0) -> list[MetricPoint]:
        """The run's curves, up to this moment; or only at most so many ``steps`` after a step."""
        stored = self._library.metrics.points(run_id, after, steps)
        if self._active is None or self._active.run_id != run_id:
            return stored
        last = after + steps if steps else 2**62
        pending = [point for point in self._active.feed.pending if after < point.step <= last]
        fresh = {(point.step, point.kind): point for point in [*stored, *pending]}
        return [fresh[key] for key in sorted(fresh)]

    def live(self, run_id: str) -> LiveRun | None:
        """The figures of this moment, while the run is active."""
        return self._active.feed.live if self._active and self._active.run_id == run_id else None
