"""What all parts of the data bench share: the library, acts in its journal, telling changes, work off the thread."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from studio.domain.changes import Kind
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.services.act_writing import ActWriting
from studio.services.background import Background, Deliver, finishing, run_in_background
from studio.services.change_feed import ChangeFeed
from studio.services.job import Job
from studio.services.settings import Settings
from studio.services.sliced import AppThread
from studio.services.token_counts import TokenCounts
from studio.services.undo import Undo

T = TypeVar("T")
R = TypeVar("R")


class DataDesk:
    """Handed to each part of the bench."""

    def __init__(
        self,
        library: Library,
        changes: ChangeFeed,
        undo: Undo,
        counts: TokenCounts,
        settings: Settings,
        deliver: Deliver,
    ) -> None:
        self.library = library
        self.changes = changes
        self.undo = undo
        self.counts = counts
        self.settings = settings
        self.deliver = deliver
        # By persona: tokens of conversations over the window, and the window, as the engine counted them last.
        self.long_rows: dict[str, tuple[Mapping[str, int], int]] = {}
        self.steps = ActWriting(library)
        self._closed = threading.Event()
        self._works: list[Background] = []

    def close(self) -> None:
        """Give up what still runs; the library is about to close."""
        self._closed.set()
        for work in self._works:
            work.cancelled.set()

    def get(self, conversation_id: str) -> StoredConversation:
        """One conversation."""
        found = self.library.conversations.get(conversation_id)
        if found is None:
            raise StudioError("not_found", what="conversation", name=conversation_id)
        return found

    def persona_name(self, persona_id: str) -> str:
        """What the persona is called; empty when it is gone."""
        persona = self.library.personas.get(persona_id)
        return persona.name if persona else ""

    def tell(self, ids: Iterable[str], initiator: object = None) -> None:
        """Say once that conversations changed."""
        self.changes.tell(Kind.CONVERSATION, ids=ids, initiator=initiator)

    @contextmanager
    def act(self, persona_id: str, label: str) -> Iterator[str]:
        """Within: one act, all of it or nothing; its token is what the steps are noted under."""
        with self.library.transaction():
            yield self.library.journal.begin(persona_id, label)

    def in_background(self, label: str, work: Callable[[Library, Background], T], finish: Callable[[T], R]) -> Job[R]:
        """Read on a thread of its own, in a library of its own that cannot be written; finish on the app's thread."""
        job: Job[R] = Job(label)

        def read(background: Background) -> T:
            with Library.open(self.library.folder, read_only=True) as reader:
                return work(reader, background)

        background = run_in_background(
            self.deliver,
            read,
            done=lambda found: finishing(job, lambda: job.finish(finish(found))),
            failed=job.fail,
            advance=job.advance,
        )
        self._works.append(background)
        job.when_cancelled(background.cancelled.set)
        job.on_end(lambda _: self._works.remove(background))
        return job

    def app_thread(self, background: Background) -> AppThread:
        """The way from a thread of such work to the app's."""
        return AppThread(self.deliver, background.cancelled, self._closed)


class DataPart:
    """A part of the bench."""

    def __init__(self, desk: DataDesk) -> None:
        self._desk = desk
        self._library = desk.library
