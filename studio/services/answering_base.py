"""Which base answers: the one that the adapters belong to, kept in memory in the way that suits."""

from collections.abc import Sequence
from pathlib import Path

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.protocol.commands import Gate
from studio.services.base_policy import chat_quantization
from studio.services.engine import Engine
from studio.services.job import Job
from studio.services.machine_memory import total_memory
from studio.services.models import Models
from studio.services.settings import Settings


class AnsweringBase:
    """Chat and figures ask here, so that they agree with each other and with a training about the base."""

    def __init__(self, engine: Engine, models: Models, settings: Settings) -> None:
        self._engine = engine
        self._models = models
        self._settings = settings

    def for_adapters(self, adapters: Sequence[Adapter]) -> BaseModel:
        """The one base of all these adapters; the base alone is the one in memory, else the default."""
        if not adapters:
            expected = self._engine.bases.reserved or self._engine.bases.expected
            return expected.base if expected else self._models.get()
        base = self._models.by_fingerprint(adapters[0].base_fingerprint)
        if base is None:
            raise StudioError("base_needed")
        for adapter in adapters:
            if adapter.base_fingerprint != base.fingerprint:
                raise StudioError("adapter_wrong_base", expected=adapter.base_fingerprint[:12], found=base.name)
        return self._preferred(base)

    def load(self, base: BaseModel) -> Job[None]:
        """See that the base is in memory."""
        status = self._engine.status()
        quantization = chat_quantization(
            self._settings.text("chat_quantization"),
            base,
            expected=self._engine.bases.expected,
            reserved=self._engine.bases.reserved,
            device=status.device or "cpu",
            memory=status.memory_total or total_memory(),
        )
        return self._engine.ensure_base(base.id, quantization)

    def _preferred(self, base: BaseModel) -> BaseModel:
        """Of several rows with one fingerprint, the one that is in memory already."""
        for held in (self._engine.bases.reserved, self._engine.bases.expected):
            if held is not None and held.base.fingerprint == base.fingerprint:
                return held.base
        return base


def gate_of(library: Path, adapter: Adapter, strength: float = 1.0) -> Gate:
    """The adapter as the engine hears of it; a run in training has no folder yet."""
    return Gate(
        adapter_id=adapter.id,
        path=str(library / adapter.path) if adapter.path else "",
        base_fingerprint=adapter.base_fingerprint,
        strength=strength,
        content=adapter.content,
    )
