"""The one engine process: started when needed, its events brought to whoever waits for them, its death survived."""

import logging
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.engine_client.client import EngineClient
from studio.engine_client.death import Death
from studio.engine_client.launch import default_command
from studio.log_setup import ENGINE_LOG
from studio.protocol import VERSION, commands, events
from studio.services.background import Deliver
from studio.services.base_holder import BaseHolder
from studio.services.change_feed import ChangeFeed
from studio.services.engine_calls import Calls, OnEvent, OnFailed, as_error
from studio.services.job import Job
from studio.texts import sentence

_log = logging.getLogger(__name__)
RESTARTS = 2
RESTART_WINDOW_SECONDS = 300.0
DEATHS = frozenset(
    {"engine_died", "engine_gave_up", "engine_start_failed", "engine_missing_packages", "engine_protocol"}
)
"""Codes that say: the engine is gone, not the job at fault."""


class EngineState(StrEnum):
    """``FAILED``: it is not started by itself any more; ``Engine.restart`` tries again."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    WORKING = "working"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class EngineStatus:
    """What there is to show about the engine. ``notice`` is what happened last, such as a death; memory in bytes.

    ``notices`` counts them: the words of two deaths may be the same.
    """

    state: EngineState = EngineState.OFF
    device: str = ""
    device_name: str = ""
    base: BaseModel | None = None
    quantization: str = ""
    memory_used: int = 0
    memory_peak: int = 0
    memory_total: int = 0
    notice: str = ""
    notices: int = 0
    log_path: Path = Path()


class Engine:
    """Belongs to the app's thread. Events come through an inbox, so that nothing is lost while the app is closing."""

    def __init__(
        self,
        logs: Path,
        find_base: Callable[[str], BaseModel],
        changes: ChangeFeed,
        deliver: Deliver,
        command: Sequence[str] | None = None,
    ) -> None:
        self._command = list(command or default_command())
        self._changes = changes
        self._deliver = deliver
        self._client: EngineClient | None = None
        self._generation = 0
        self._inbox: queue.SimpleQueue[tuple[int, events.AnyEvent | Death]] = queue.SimpleQueue()
        self._calls = Calls()
        self._unsent: list[commands.AnyCommand] = []
        self._deaths: list[float] = []
        self._trouble: StudioError | None = None
        self._death_listeners: list[Callable[[bool], None]] = []
        self._status = EngineStatus(log_path=logs / ENGINE_LOG)
        self.bases = BaseHolder(find_base, self.ask, self._calls.when_base_is_free, self._base_changed)

    @property
    def state(self) -> EngineState:
        """Where the engine stands."""
        ready = self._status.state is EngineState.READY
        return EngineState.WORKING if ready and self._calls else self._status.state

    def status(self) -> EngineStatus:
        """Everything there is to show."""
        held = self.bases.held
        return replace(
            self._status,
            state=self.state,
            base=held.base if held else None,
            quantization=held.quantization if held else "",
        )

    def on_death(self, listener: Callable[[bool], None]) -> None:
        """Hear of an unexpected end after all open jobs failed; True: it is being started again."""
        self._death_listeners.append(listener)

    def start(self) -> None:
        """Start the process if none is there."""
        if self._client is not None:
            return
        self._generation += 1
        generation = self._generation
        self._trouble = None
        self._set(state=EngineState.STARTING, memory_used=0, memory_peak=0)
        try:
            self._client = EngineClient(
                self._command,
                self._status.log_path,
                on_event=lambda event: self._post(generation, event),
                on_exit=lambda death: self._post(generation, death),
            )
        except OSError as error:
            trouble = StudioError("engine_start_failed", reason=str(error))
            self._deliver(lambda: self._give_up(trouble))

    def restart(self) -> None:
        """End the process if there is one, and start a fresh one that may die as often as the first."""
        self._deaths.clear()
        self._trouble = None
        self._end_process(patience=5.0)
        self._bury(StudioError("cancelled"))
        self._set(notice="")
        self.start()
        self._tell_of_death(restarts=True)

    def kill(self) -> None:
        """End the process at once, as a crash would; for tests."""
        if self._client is not None:
            self._client.kill()

    def close(self, patience: float) -> None:
        """Ask it to leave (a training checkpoints first), wait for it, and take in all it still had to say."""
        self._end_process(patience)
        self._bury(StudioError("cancelled"))
        self._set(state=EngineState.OFF)

    def ensure_base(self, base_id: str, quantization: str) -> Job[None]:
        """Load a base unless it is there already."""
        return self.bases.ensure(base_id, quantization)

    def ask(self, command: commands.AnyCommand, on_event: OnEvent, on_failed: OnFailed) -> None:
        """Send a command that opens a job. Its events go to ``on_event``; a failure, or a death, to ``on_failed``."""
        if self._trouble is not None and self._trouble.code == "engine_gave_up":
            trouble = self._trouble
            self._deliver(lambda: on_failed(trouble))
            return
        self._calls.open(command, on_event, on_failed)
        self.start()
        self.tell(command)
        self._changes.tell(Kind.ENGINE)

    def tell(self, command: commands.AnyCommand) -> None:
        """Send a command that opens no job of its own (pause, stop, cancel)."""
        if self._client is not None and self._status.state is EngineState.READY:
            self._client.send(command)
        else:
            self._unsent.append(command)

    def cancel(self, job: str) -> None:
        """Ask for the end of a job."""
        self.tell(commands.Cancel(job=job))

    def _post(self, generation: int, item: events.AnyEvent | Death) -> None:
        self._inbox.put((generation, item))
        self._deliver(self._take_one)

    def _take_one(self) -> None:
        """Each delivery brings one event, so that whoever delivers can let others in between."""
        if self._inbox.empty():
            return  # it was taken in while an engine was let go
        generation, item = self._inbox.get()
        if generation != self._generation:
            return
        if isinstance(item, Death):
            self._died(item)
        else:
            self._received(item)

    def _received(self, event: events.AnyEvent) -> None:
        if isinstance(event, events.EngineReady):
            self._became_ready(event)
        elif isinstance(event, events.MemoryReported):
            self._set(memory_used=event.used, memory_peak=event.peak, memory_total=event.total)
        elif isinstance(event, events.JobFailed) and not event.job:
            self._trouble = as_error(event)
        else:
            before = self.state
            self._calls.route(event)
            if before is not self.state:
                self._changes.tell(Kind.ENGINE)

    def _became_ready(self, event: events.EngineReady) -> None:
        if event.protocol != VERSION:
            self._give_up(StudioError("engine_protocol", found=event.protocol, expected=VERSION))
            return
        self._set(
            state=EngineState.READY, device=event.device, device_name=event.device_name, memory_total=event.memory_total
        )
        unsent, self._unsent = self._unsent, []
        for command in unsent:
            self.tell(command)

    def _died(self, death: Death) -> None:
        _log.error("the engine ended by itself (%s)\n%s", death.returncode, death.log_tail)
        self._client = None
        if self._status.state is not EngineState.READY:
            self._give_up(self._trouble or _start_error(death))
            return
        now = time.monotonic()
        self._deaths = [*(one for one in self._deaths if now - one < RESTART_WINDOW_SECONDS), now]
        if len(self._deaths) > RESTARTS:
            self._give_up(StudioError("engine_gave_up", reason=death.reason))
            return
        error = StudioError("engine_died", reason=death.reason)
        self._note(EngineState.OFF, error)
        self.start()
        self._bury(error)
        self._tell_of_death(restarts=True)

    def _give_up(self, error: StudioError) -> None:
        self._end_process(patience=1.0)
        self._trouble = error
        self._note(EngineState.FAILED, error)
        self._bury(error)
        self._tell_of_death(restarts=False)

    def _bury(self, error: StudioError) -> None:
        self.bases.forget()
        self.bases.failed(error)
        self._calls.fail_all(error)

    def _tell_of_death(self, *, restarts: bool) -> None:
        for listener in self._death_listeners:
            listener(restarts)

    def _end_process(self, patience: float) -> None:
        client, self._client = self._client, None
        self._unsent.clear()
        if client is not None:
            client.close(patience)
            self._take_last_words()
        self._generation += 1

    def _take_last_words(self) -> None:
        while not self._inbox.empty():
            generation, item = self._inbox.get()
            if generation == self._generation and not isinstance(item, Death | events.EngineReady):
                self._received(item)

    def _base_changed(self) -> None:
        self._changes.tell(Kind.ENGINE)

    def _note(self, state: EngineState, error: StudioError) -> None:
        self._set(state=state, notice=sentence(error), notices=self._status.notices + 1)

    def _set(self, **fields: Any) -> None:
        self._status = replace(self._status, **fields)
        self._changes.tell(Kind.ENGINE)


def _start_error(death: Death) -> StudioError:
    if death.missing_package:
        return StudioError("engine_missing_packages", package=death.missing_package)
    return StudioError("engine_start_failed", reason=death.reason)
