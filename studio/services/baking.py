"""Baking: several adapters by their weights, or one at a strength, written as a new adapter of its own."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.adapter import Adapter, AdapterPart
from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.chat import BlendPart
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.methods.method import METHODS
from studio.protocol import commands, events
from studio.services.answering_base import AnsweringBase, gate_of
from studio.services.background import Deliver, finishing, run_in_background
from studio.services.change_feed import ChangeFeed
from studio.services.engine import Engine
from studio.services.job import Job, Progress
from studio.services.run_adapter import PlacedAdapter, place_adapter

PLAIN = "lora"
"""What a baked adapter is: plain factors, whatever its parts were trained with. ``Adapter.made_of`` tells which."""


@dataclass(frozen=True, kw_only=True)
class BakePlan:
    """What baking would give. ``rank`` is the exact one, the sum of all ranks, or fewer: then something is ``lossy``.

    How much is lost only the engine can say; ``Adapter.made_of`` of the result has it as ``lost``.
    """

    parts: tuple[tuple[Adapter, float], ...]
    exact_rank: int
    rank: int
    size_bytes: int

    @property
    def lossy(self) -> bool:
        """True when the rank is too small for all that the parts hold."""
        return self.rank < self.exact_rank


class Blending:
    """Plain factors only: what scales rows, learns tokens or norms does not add up to factors again."""

    def __init__(
        self, library: Library, changes: ChangeFeed, engine: Engine, bases: AnsweringBase, deliver: Deliver
    ) -> None:
        self._library = library
        self._changes = changes
        self._engine = engine
        self._bases = bases
        self._deliver = deliver

    def plan(self, parts: Sequence[BlendPart], rank: int = 0) -> BakePlan:
        """What these parts would become (``rank`` 0: exactly), or a trouble why they cannot; asks no engine."""
        found = self._weighted(parts)
        exact = sum(adapter.rank for adapter, _ in found)
        chosen = min(rank, exact) if rank > 0 else exact
        size = sum(adapter.size_bytes for adapter, _ in found)
        return BakePlan(parts=tuple(found), exact_rank=exact, rank=chosen, size_bytes=round(size * chosen / exact))

    def bake(self, parts: Sequence[BlendPart], *, name: str = "", rank: int = 0, persona_id: str = "") -> Job[Adapter]:
        """Write the sum as a new adapter. It is the first part's persona's unless another one is named."""
        plan = self.plan(parts, rank)
        base = self._bases.for_adapters([adapter for adapter, _ in plan.parts])
        owner = self._owner(persona_id or plan.parts[0][0].persona_id)
        called = self._free_name(owner, name)
        job: Job[Adapter] = Job("baking")
        target = atomic_files.partial_path(paths.adapters(self._library.folder))
        job.on_end(lambda _: shutil.rmtree(target, ignore_errors=True))
        command = commands.BakeAdapter(
            job=job.id,
            gates=[gate_of(self._library.folder, adapter, weight) for adapter, weight in plan.parts],
            target=str(target),
            rank=plan.rank if plan.lossy else 0,
        )

        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.Progress):
                job.advance(Progress(what=event.what, done=event.done, total=event.total))
            elif isinstance(event, events.AdapterBaked):
                self._place(job, event, lambda placed: self._stored(placed, event, plan, base, owner, called))

        job.when_cancelled(lambda: self._engine.cancel(job.id))
        self._engine.ask(command, heard, job.fail)
        return job

    def _weighted(self, parts: Sequence[BlendPart]) -> list[tuple[Adapter, float]]:
        """Each adapter once, with its weights added up; those without any weight are left out."""
        weights: dict[str, float] = {}
        for part in parts:
            weights[part.adapter_id] = weights.get(part.adapter_id, 0.0) + part.weight
        found = [(self._adapter(one), weight) for one, weight in weights.items() if weight]
        if not found:
            raise StudioError("bake_nothing")
        for adapter, _ in found:
            _refuse_unmixable(adapter)
        self._bases.for_adapters([adapter for adapter, _ in found])
        return found

    def _place(self, job: Job[Adapter], event: events.AdapterBaked, store: Callable[[PlacedAdapter], Adapter]) -> None:
        run_in_background(
            self._deliver,
            lambda background: place_adapter(self._library.folder, Path(event.path)),
            done=lambda placed: finishing(job, lambda: job.finish(store(placed))),
            failed=job.fail,
        )

    def _stored(
        self, placed: PlacedAdapter, baked: events.AdapterBaked, plan: BakePlan, base: BaseModel, owner: str, name: str
    ) -> Adapter:
        adapter = Adapter(
            id=placed.id, name=name, persona_id=owner, base_id=base.id, base_fingerprint=base.fingerprint, run_id="",
            method=PLAIN, rank=baked.rank, alpha=baked.alpha, step=0,
            path=placed.folder.relative_to(self._library.folder).as_posix(), content=placed.content,
            size_bytes=placed.size_bytes, created_at=now(), made_of=_lineage(plan, baked),
        )  # fmt: skip
        self._library.adapters.add(adapter)
        self._changes.tell(Kind.ADAPTER, ids=(adapter.id,))
        return adapter

    def _free_name(self, persona_id: str, wanted: str) -> str:
        """The wanted name, with a number when it is taken."""
        persona = self._library.personas.get(persona_id)
        stem = " ".join(wanted.split()) or f"{persona.name if persona else persona_id} mix"
        taken = {one.name.casefold() for one in self._library.adapters.all()}
        names = [stem, *(f"{stem} {number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name.casefold() not in taken)

    def _owner(self, persona_id: str) -> str:
        if self._library.personas.get(persona_id) is None:
            raise StudioError("not_found", what="persona", name=persona_id)
        return persona_id

    def _adapter(self, adapter_id: str) -> Adapter:
        found = self._library.adapters.get(adapter_id)
        if found is None:
            raise StudioError("not_found", what="adapter", name=adapter_id)
        return found


def _refuse_unmixable(adapter: Adapter) -> None:
    method = METHODS.all().get(adapter.method)
    if method is None or not (method.exportable and method.rackable) or adapter.rank < 1:
        called = method.label if method else adapter.method
        raise StudioError("bake_not_factors", name=adapter.name, method=called)


def _lineage(plan: BakePlan, baked: events.AdapterBaked) -> dict[str, object]:
    """What ``Adapter.made_of`` keeps; ``lost`` is the share of the sum's energy that the rank has left out."""
    parts = [
        AdapterPart(adapter_id=one.id, name=one.name, content=one.content, weight=weight, rank=one.rank)
        for one, weight in plan.parts
    ]
    return {
        "parts": [asdict(part) for part in parts],
        "rank": baked.rank,
        "exact_rank": plan.exact_rank,
        "lost": baked.lost,
    }
