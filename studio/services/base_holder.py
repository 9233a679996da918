"""Which base the engine holds, who needs it to stay, and how another one gets in."""

from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.protocol import commands, events
from studio.services.engine_calls import OnEvent, OnFailed
from studio.services.job import Job, Progress

Ask = Callable[[commands.AnyCommand, OnEvent, OnFailed], None]
Key = tuple[str, str]
"""Base id and quantization."""


@dataclass(frozen=True, kw_only=True)
class HeldBase:
    """A base in memory, or on its way there."""

    base: BaseModel
    quantization: str

    @property
    def key(self) -> Key:
        """What tells two of them apart."""
        return self.base.id, self.quantization


class BaseHolder:
    """Loads one base at a time; a training reserves the one it learns on."""

    def __init__(
        self,
        find_base: Callable[[str], BaseModel],
        ask: Ask,
        when_free: Callable[[Callable[[], None]], None],
        changed: Callable[[], None],
    ) -> None:
        self._find_base = find_base
        self._ask = ask
        self._when_free = when_free
        self._changed = changed
        self.held: HeldBase | None = None
        self._coming: tuple[HeldBase, Job[None]] | None = None
        self._reserved: HeldBase | None = None

    @property
    def expected(self) -> HeldBase | None:
        """The base that will be in memory when all that was asked for is done."""
        return self._coming[0] if self._coming else self.held

    @property
    def reserved(self) -> HeldBase | None:
        """The base that a training holds."""
        return self._reserved

    def reserve(self, base: BaseModel, quantization: str) -> None:
        """A training begins: only this base may be loaded until ``release``."""
        self._reserved = HeldBase(base=base, quantization=quantization)

    def release(self) -> None:
        """The training is over."""
        self._reserved = None

    def give_up(self) -> None:
        """Free the base's memory for others, once nothing uses it; the next who needs it loads it again."""
        self._when_free(self._unload)

    def _unload(self) -> None:
        if self._coming or self._reserved or self.held is None:
            return
        self.held = None
        self._changed()
        self._ask(commands.UnloadBase(job=new_id("job")), lambda event: None, lambda error: None)

    def forget(self) -> None:
        """The engine is gone, and what it held with it."""
        self.held = None

    def ensure(self, base_id: str, quantization: str) -> Job[None]:
        """Load a base unless it is there already; whatever uses the present one ends first."""
        job: Job[None] = Job("loading")
        try:
            wanted = HeldBase(base=self._find_base(base_id), quantization=quantization)
            self._check_reservation(wanted)
        except StudioError as error:
            job.fail(error)
            return job
        if self._coming:
            return self._behind(self._coming, wanted, job)
        if self.held and self.held.key == wanted.key:
            job.finish(None)
            return job
        self._coming = wanted, job
        self._when_free(lambda: self._send(wanted, job))
        return job

    def _check_reservation(self, wanted: HeldBase) -> None:
        if self._reserved and self._reserved.key != wanted.key:
            raise StudioError("base_busy", loaded=self._reserved.base.name, wanted=wanted.base.name)

    def _behind(self, coming: tuple[HeldBase, Job[None]], wanted: HeldBase, job: Job[None]) -> Job[None]:
        """The same base is on its way: share its job. Another one is: queue up behind it."""
        if coming[0].key == wanted.key:
            return coming[1]

        def go_on(_: Job[None]) -> None:
            following = self.ensure(*wanted.key).on_progress(job.advance)
            following.on_end(lambda ended: job.fail(ended.error) if ended.error else job.finish(None))

        coming[1].on_end(go_on)
        return job

    def _send(self, wanted: HeldBase, job: Job[None]) -> None:
        self.held = None
        self._changed()
        command = commands.LoadBase(
            job=job.id, base_id=wanted.base.id, path=wanted.base.path, quantization=wanted.quantization
        )
        self._ask(command, lambda event: self._heard(event, wanted, job), lambda error: self.failed(error))

    def _heard(self, event: events.AnyEvent, wanted: HeldBase, job: Job[None]) -> None:
        if isinstance(event, events.Progress):
            job.advance(Progress(what=event.what, done=event.done, total=event.total))
        elif isinstance(event, events.BaseLoaded):
            self._coming = None
            self._accept(event, wanted, job)

    def _accept(self, event: events.BaseLoaded, wanted: HeldBase, job: Job[None]) -> None:
        """A folder whose config or tokenizer changed since it was added is another base than the row says."""
        if event.fingerprint != wanted.base.fingerprint:
            reason = f"its files changed since it was added ({event.fingerprint[:12]}); remove it and add it again"
            job.fail(StudioError("base_unsupported", path=wanted.base.path, reason=reason))
            return
        self.held = wanted
        self._changed()
        job.finish(None)

    def failed(self, error: StudioError) -> None:
        """The load failed, or the engine died on the way."""
        coming, self._coming = self._coming, None
        if coming:
            coming[1].fail(error)
