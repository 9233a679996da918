"""Exact token counts of a persona's data, asked of the engine when it has a base in memory anyway, and remembered."""

from pathlib import Path

from studio import atomic_files
from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.library import Library
from studio.protocol import commands, events
from studio.protocol.dataset_file import dataset_lines
from studio.services.background import Background, Deliver, run_in_background
from studio.services.change_feed import ChangeFeed
from studio.services.engine import Engine, EngineState

_Key = tuple[str, str, str]


class TokenCounts:
    """Never starts the engine and never loads a base: a count is worth less than the wait."""

    def __init__(
        self, library: Library, folder: Path | None, engine: Engine, changes: ChangeFeed, deliver: Deliver
    ) -> None:
        """``folder`` holds the data while it is counted; None (a library for reading only): nothing is counted."""
        self._library = library
        self._folder = folder
        self._engine = engine
        self._changes = changes
        self._deliver = deliver
        self._known: dict[_Key, events.TokensCounted | None] = {}

    def known(self, persona_id: str, stamp: str, conversations: int) -> events.TokensCounted | None:
        """Return the tokens of a persona's data in this state under the loaded base; None while they are not known.

        The first question for new data makes the engine count; a conversation change is told when it has.
        """
        held = self._engine.bases.held
        awake = self._engine.state in (EngineState.READY, EngineState.WORKING)
        if self._folder is None or held is None or not conversations or not awake:
            return None
        key = held.base.fingerprint, persona_id, stamp
        if key not in self._known:
            self._known[key] = None
            self._write(key, persona_id, atomic_files.partial_path(self._folder))
        return self._known[key]

    def _write(self, key: _Key, persona_id: str, data: Path) -> None:
        """Write the data as it is now, on a thread of its own, and have it counted."""
        folder = self._library.folder

        def write(background: Background) -> None:
            with Library.open(folder, read_only=True) as reader, data.open("wb") as file:
                pairs = ((one.id, one.conversation) for one in reader.conversations.each(persona_id))
                file.writelines(dataset_lines(pairs, 0.0))

        run_in_background(
            self._deliver,
            write,
            done=lambda _: self._count(key, persona_id, data),
            failed=lambda error: data.unlink(missing_ok=True),
        )

    def _count(self, key: _Key, persona_id: str, data: Path) -> None:
        def counted(event: events.AnyEvent) -> None:
            if isinstance(event, events.TokensCounted):
                data.unlink(missing_ok=True)
                self._known[key] = event
                self._changes.tell(Kind.CONVERSATION, ids=(persona_id,))

        def failed(error: StudioError) -> None:
            # The estimate stays; data that cannot be counted is told about by the check before a run.
            data.unlink(missing_ok=True)

        self._engine.ask(commands.CountTokens(job=new_id("job"), data=str(data)), counted, failed)
