"""The library: everything a creator has made, opened as one thing."""

import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from studio import paths
from studio.domain.errors import StudioError
from studio.library.adapter_store import AdapterStore
from studio.library.base_model_store import BaseModelStore
from studio.library.chat_store import ChatStore
from studio.library.check_store import CheckStore
from studio.library.connection import Database, open_database
from studio.library.conversation_store import ConversationStore
from studio.library.dataset_store import DatasetStore
from studio.library.draft_store import DraftStore
from studio.library.export_store import ExportStore
from studio.library.facet_store import FacetStore
from studio.library.file_vault import FileVault
from studio.library.journal import Journal
from studio.library.lock import LibraryLock
from studio.library.metric_store import MetricStore
from studio.library.persona_store import PersonaStore
from studio.library.recipe_store import RecipeStore
from studio.library.reconcile import Reconciliation, reconcile
from studio.library.run_record_store import RunRecordStore
from studio.library.run_store import RunStore
from studio.library.settings_store import SettingsStore
from studio.library.trash import Trash
from studio.library.vote_store import VoteStore


class Library:
    """One folder's stores, on one thread. Opened for writing it is this program's alone until ``close``."""

    def __init__(self, database: Database, lock: LibraryLock | None) -> None:
        self._database = database
        self._lock = lock
        self.folder = database.folder
        self.read_only = database.read_only
        self.personas = PersonaStore(database)
        self.conversations = ConversationStore(database)
        self.facets = FacetStore(database)
        self.journal = Journal(database, self.conversations)
        self.checks = CheckStore(database)
        self.drafts = DraftStore(database)
        self.datasets = DatasetStore(database)
        self.bases = BaseModelStore(database)
        self.recipes = RecipeStore(database)
        self.runs = RunStore(database)
        self.run_records = RunRecordStore(database)
        self.metrics = MetricStore(database)
        self.adapters = AdapterStore(database)
        self.exports = ExportStore(database)
        self.chats = ChatStore(database)
        self.votes = VoteStore(database)
        self.settings = SettingsStore(database)
        self.trash = Trash(database)
        self.files = FileVault(paths.vault(self.folder), read_only=self.read_only)
        self.found_at_start = Reconciliation()

    @classmethod
    def open(cls, folder: Path, read_only: bool = False) -> "Library":
        """Open the library in ``folder``, making what is missing. For reading only, it may be open elsewhere."""
        if read_only:
            return cls(open_database(folder, read_only=True), None)
        started = time.time()
        _make_folders(folder)
        lock = LibraryLock(folder)
        try:
            library = cls(open_database(folder), lock)
        except BaseException:
            lock.release()
            raise
        library._reconcile(started)
        return library

    def transaction(self) -> AbstractContextManager[None]:
        """All changes within the block are made, or none. Nests."""
        return self._database.transaction()

    def hurried(self) -> AbstractContextManager[None]:
        """For work in many small transactions; see ``Database.hurried``."""
        return self._database.hurried()

    def close(self) -> None:
        """Close the database and let others have the library."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> "Library":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reconcile(self, started: float) -> None:
        try:
            self.found_at_start = reconcile(self, started)
        except BaseException:
            self.close()
            raise


def _make_folders(folder: Path) -> None:
    wanted = [paths.vault, paths.bases, paths.runs, paths.adapters, paths.logs, paths.control]
    try:
        for place in wanted:
            place(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError("library_unreadable", path=str(folder), reason=str(error)) from error
