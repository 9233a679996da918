"""Exact token counts of a persona's data, asked of the engine when it has a base in memory anyway, and remembered."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from studio import atomic_files
from studio.domain.changes import Kind
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.protocol import commands, events
from studio.protocol.dataset_file import dataset_bytes
from studio.services.change_feed import ChangeFeed
from studio.services.engine import Engine, EngineState

_Key = tuple[str, str]


class TokenCounts:
    """Never starts the engine and never loads a base: a count is worth less than the wait."""

    def __init__(self, folder: Path | None, engine: Engine, changes: ChangeFeed) -> None:
        """``folder`` holds the data while it is counted; None (a library for reading only): nothing is counted."""
        self._folder = folder
        self._engine = engine
        self._changes = changes
        self._known: dict[_Key, int | None] = {}

    def known(self, persona_id: str, stored: Sequence[StoredConversation]) -> int | None:
        """Return the tokens of this data under the loaded base; None while that is not known.

        The first question for new data makes the engine count; a conversation change is told when it has.
        """
        held = self._engine.bases.held
        awake = self._engine.state in (EngineState.READY, EngineState.WORKING)
        if self._folder is None or held is None or not stored or not awake:
            return None
        key = held.base.fingerprint, _stamp(stored)
        if key not in self._known:
            self._known[key] = None
            self._count(key, persona_id, stored, atomic_files.partial_path(self._folder))
        return self._known[key]

    def _count(self, key: _Key, persona_id: str, stored: Sequence[StoredConversation], data: Path) -> None:
        data.write_bytes(dataset_bytes(((one.id, one.conversation) for one in stored), 0.0))

        def counted(event: events.AnyEvent) -> None:
            if isinstance(event, events.TokensCounted):
                data.unlink(missing_ok=True)
                self._known[key] = event.tokens
                self._changes.tell(Kind.CONVERSATION, ids=(persona_id,))

        def failed(error: StudioError) -> None:
            # The estimate stays; data that cannot be counted is told about by the check before a run.
            data.unlink(missing_ok=True)

        self._engine.ask(commands.CountTokens(job=new_id("job"), data=str(data)), counted, failed)


def _stamp(stored: Sequence[StoredConversation]) -> str:
    named = "|".join(f"{one.id}:{one.revision}" for one in stored)
    return hashlib.sha256(named.encode()).hexdigest()
