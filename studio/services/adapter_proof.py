"""Proof that an adapter does something: measured once for its content on a base, before it first answers in a chat."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.effect import AdapterEffect
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.library import Library
from studio.protocol import commands, events
from studio.services.answering_base import AnsweringBase, gate_of
from studio.services.change_feed import ChangeFeed
from studio.services.engine import Engine
from studio.services.job import Job

T = TypeVar("T")
Act = Callable[[], None]
Failed = Callable[[StudioError], None]
_Effects = list[AdapterEffect]


class AdapterProof:
    """What was measured stays with the library. A run in training has no content yet and is not asked for proof."""

    def __init__(self, library: Library, changes: ChangeFeed, engine: Engine, bases: AnsweringBase) -> None:
        self._library = library
        self._changes = changes
        self._engine = engine
        self._bases = bases
        self._measured: dict[tuple[str, str, str], AdapterEffect] = {}

    def effect(self, adapter_id: str) -> AdapterEffect | None:
        """What the adapter changes at its base, as measured last; None when it was not measured yet."""
        adapter = self._library.adapters.get(adapter_id)
        return self._library.votes.effect(adapter.content, adapter.base_fingerprint) if adapter else None

    def prove(self, adapter_ids: Sequence[str]) -> Job[_Effects]:
        """Measure these adapters (of one base) where they were not measured yet."""
        adapters = [self._adapter(one) for one in adapter_ids]
        base = self._bases.for_adapters(adapters)
        job: Job[_Effects] = Job("proving")

        def done() -> None:
            job.finish([effect for one in adapters if (effect := self._known(one, base)) is not None])

        self._with_base(job, base, lambda: self._measure(job, adapters, base, done, job.fail))
        return job

    def before_reply(
        self, job: Job[T], adapters: Sequence[Adapter], base: BaseModel, then: Act, failed: Failed
    ) -> None:
        """With the base in memory: see that each adapter changes something, then go on; at once when that is known.

        One that changes nothing is refused: it would answer as the base does, under another name. ``job`` can be
        cancelled meanwhile.
        """
        wanted = [one for one in adapters if one.content]  # what a run has learned so far is no file yet

        def judge() -> None:
            idle = next((one for one in wanted if (found := self._known(one, base)) and found.nothing), None)
            if idle is None:
                then()
            else:
                failed(StudioError("adapter_changes_nothing", name=idle.name, base=base.name))

        self._measure(job, wanted, base, judge, failed)

    def _with_base(self, job: Job[T], base: BaseModel, then: Act) -> None:
        cancelled: list[bool] = []
        job.when_cancelled(lambda: cancelled.append(True))

        def go_on(loaded: Job[None]) -> None:
            if loaded.error or cancelled:
                job.fail(loaded.error or StudioError("cancelled"))
            else:
                then()

        self._bases.load(base).on_progress(job.advance).on_end(go_on)

    def _measure(self, job: Job[T], adapters: Sequence[Adapter], base: BaseModel, then: Act, failed: Failed) -> None:
        asked = list({one.content: one for one in adapters if self._known(one, base) is None}.values())
        if not asked:
            then()
            return
        cancelled: list[bool] = []
        gates = [gate_of(self._library.folder, one) for one in asked]
        command = commands.ProveEffect(job=new_id("job"), gates=gates)

        def cancel() -> None:
            cancelled.append(True)  # the answer may be on its way already
            self._engine.cancel(command.job)

        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.EffectProved):
                self._keep(asked, base, event.effects)
                if cancelled:
                    failed(StudioError("cancelled"))
                else:
                    then()

        job.when_cancelled(cancel)
        self._engine.ask(command, heard, failed)

    def _known(self, adapter: Adapter, base: BaseModel) -> AdapterEffect | None:
        key = (adapter.content, base.fingerprint, self._quantization())
        return self._measured.get(key) or self._library.votes.effect(*key)

    def _keep(self, adapters: Sequence[Adapter], base: BaseModel, found: Sequence[events.Effect]) -> None:
        quantization, moment = self._quantization(), now()
        for adapter, one in zip(adapters, found, strict=True):
            effect = AdapterEffect(
                content=adapter.content, base_fingerprint=base.fingerprint, quantization=quantization,
                change=one.change, kl=one.kl, top1_changed=one.top1_changed, nothing=one.nothing, measured_at=moment,
            )  # fmt: skip
            self._measured[(effect.content, effect.base_fingerprint, effect.quantization)] = effect
            if not self._library.read_only:
                self._library.votes.put_effect(effect)
        self._changes.tell(Kind.ADAPTER, ids=[one.id for one in adapters])

    def _quantization(self) -> str:
        """How the base is kept in memory now."""
        held = self._engine.bases.expected
        return held.quantization if held else ""

    def _adapter(self, adapter_id: str) -> Adapter:
        found = self._library.adapters.get(adapter_id)
        if found is None:
            raise StudioError("not_found", what="adapter", name=adapter_id)
        return found
