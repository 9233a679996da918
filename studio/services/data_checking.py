"""The data bench, checks: made on a thread of their own, kept, and known to be out of date when the data moves on."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio.checks import CheckReport, Context, run_checks
from studio.domain.clock import now
from studio.domain.conversation import Conversation
from studio.domain.data_filter import Filter
from studio.library.check_store import KeptCheck
from studio.library.conversation_store import ConversationStore
from studio.library.library import Library
from studio.services.background import Background
from studio.services.data_desk import DataDesk, DataPart
from studio.services.job import Job
from studio.services.sliced import AppThread

_NO_LONG_ROWS: Mapping[str, int] = {}
_ALL_MARKED = object()


@dataclass(frozen=True, kw_only=True)
class StoredCheck:
    """A report. ``fresh``: the data is still what was checked."""

    report: CheckReport
    checked_at: str
    fresh: bool


class DataChecks(DataPart):
    """The newest report of each persona stays with the library."""

    def __init__(self, desk: DataDesk) -> None:
        super().__init__(desk)
        self._kept: dict[str, KeptCheck] = {}

    def check_now(
        self, persona_id: str, *, long_rows: Mapping[str, int] = _NO_LONG_ROWS, window: int = 0
    ) -> Job[CheckReport]:
        """Look through everything, keep the report and mark what it found for filters.

        ``long_rows`` are the conversations longer than the window, where the engine has counted them.
        """
        self._desk.long_rows[persona_id] = long_rows, window
        context = check_context(self._desk, persona_id, long_rows, window)

        def look(reader: Library, background: Background) -> KeptCheck:
            with reader.conversations.unchanging():
                total = reader.conversations.count(persona_id)
                background.tell("checking", 0, total)
                report = run_checks(
                    lambda: pairs(reader.conversations, persona_id),
                    context,
                    progress=lambda done: background.tell("checking", done, total),
                    cancelled=background.cancelled.is_set,
                    look_up=lambda key: _looked_up(reader, key),
                )
                check = KeptCheck(report=report, stamp=_stamp(reader, persona_id, context), checked_at=now())
            if not self._library.read_only:
                self._mark(self._desk.app_thread(background), persona_id, report)
            return check

        return self._desk.in_background("checking", look, lambda check: self._keep_check(persona_id, check))

    def checked(self, persona_id: str) -> StoredCheck | None:
        """The report that was kept."""
        kept = self._kept.get(persona_id) or self._library.checks.get(persona_id)
        if kept is None:
            return None
        self._kept[persona_id] = kept
        fresh = kept.stamp == _stamp(self._library, persona_id, check_context(self._desk, persona_id))
        return StoredCheck(report=kept.report, checked_at=kept.checked_at, fresh=fresh)

    def _mark(self, app: AppThread, persona_id: str, report: CheckReport) -> None:
        """Mark for filters, a slice at a time; once begun it is not given up, for half of the marks would be wrong."""
        marking = self._library.checks.marking(persona_id, report.flagged)
        while app.run(lambda: next(marking, _ALL_MARKED), to_the_end=True) is not _ALL_MARKED:
            continue

    def _keep_check(self, persona_id: str, check: KeptCheck) -> CheckReport:
        if not self._library.read_only:
            self._library.checks.put(persona_id, check)
            self._kept[persona_id] = check
            self._desk.tell((persona_id,))
        return check.report


def check_context(
    desk: DataDesk, persona_id: str, long_rows: Mapping[str, int] = _NO_LONG_ROWS, window: int = 0
) -> Context:
    """What checks and repairs may know beside the conversations."""
    persona = desk.library.personas.get(persona_id)
    if persona is None:
        return Context(long_rows=long_rows, window=window)
    return Context(
        persona_name=persona.name,
        user_name=desk.settings.text("user_name"),
        greetings=tuple(text for text in (persona.greeting, *persona.alternate_greetings) if text),
        other_personas=tuple(one.name for one in desk.library.personas.all() if one.id != persona_id),
        long_rows=long_rows,
        window=window,
    )


def pairs(
    conversations: ConversationStore, persona_id: str, where: Filter | None = None
) -> Iterator[tuple[str, Conversation]]:
    """Conversations as checks and repairs take them."""
    for stored in conversations.each(persona_id, where=where or Filter()):
        yield stored.id, stored.conversation


def _looked_up(reader: Library, key: str) -> Conversation | None:
    found = reader.conversations.get(key)
    return found.conversation if found else None


def _stamp(library: Library, persona_id: str, context: Context) -> str:
    """The state of the data and of what else a check looks at (how long rows are, the engine knows)."""
    known = repr((context.persona_name, context.user_name, context.greetings, context.other_personas))
    return f"{library.conversations.stamp(persona_id)}:{hashlib.sha256(known.encode()).hexdigest()[:16]}"
