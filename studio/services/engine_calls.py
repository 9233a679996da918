"""The open jobs of the engine: whose events go where, which event is the last, what still uses the base."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.errors import StudioError
from studio.protocol import commands, events
from studio.texts import SENTENCES

_log = logging.getLogger(__name__)
OnEvent = Callable[[events.AnyEvent], None]
OnFailed = Callable[[StudioError], None]

_LAST = (
    events.JobDone, events.JobFailed, events.BaseInspected, events.BaseLoaded, events.RunEnded, events.Evaluated,
    events.TokensCounted, events.TokensShown, events.LengthsMeasured, events.Measured, events.EffectProved,
    events.AdapterBaked,
)  # fmt: skip
_USES_BASE = (
    commands.Reply, commands.Train, commands.Evaluate, commands.CountTokens, commands.Measure, commands.ProveEffect,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A command that was sent, and who hears of it."""

    command: commands.AnyCommand
    on_event: OnEvent
    on_failed: OnFailed


class Calls:
    """By job id. True while there are any."""

    def __init__(self) -> None:
        self._open: dict[str, _Call] = {}
        self._for_free_base: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    def open(self, command: commands.AnyCommand, on_event: OnEvent, on_failed: OnFailed) -> None:
        """Remember who asked."""
        self._open[command.job] = _Call(command=command, on_event=on_event, on_failed=on_failed)

    def route(self, event: events.AnyEvent) -> None:
        """Bring an event to its job. Events of jobs that ended already are dropped."""
        call = self._open.get(event.job)
        if call is None:
            return
        if isinstance(event, _LAST):
            del self._open[event.job]
        if isinstance(event, events.JobFailed):
            call.on_failed(as_error(event))
        else:
            call.on_event(event)
        self._look_for_free_base()

    def fail_all(self, error: StudioError) -> None:
        """The engine is gone: every open job ends with ``error``; new ones may be opened meanwhile."""
        calls, self._open = self._open, {}
        self._for_free_base.clear()
        for call in calls.values():
            call.on_failed(error)

    def when_base_is_free(self, act: Callable[[], None]) -> None:
        """Call ``act`` once nothing open uses the loaded base."""
        self._for_free_base.append(act)
        self._look_for_free_base()

    def _look_for_free_base(self) -> None:
        if self._for_free_base and not any(isinstance(call.command, _USES_BASE) for call in self._open.values()):
            acts, self._for_free_base = self._for_free_base, []
            for act in acts:
                act()


def as_error(event: events.JobFailed) -> StudioError:
    """The failure as the user's trouble; what has no sentence is a bug."""
    if event.trace:
        _log.error("a bug in the engine: %s", event.trace)
    if event.code in SENTENCES:
        return StudioError(event.code, **event.details)
    return StudioError("bug", summary=f"{event.code} {event.details}", log="engine.log")
