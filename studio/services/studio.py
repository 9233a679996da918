"""The studio: one library, one engine, and every service; the one object that window and command line are given."""

from collections.abc import Callable, Sequence
from pathlib import Path

from studio import paths
from studio.domain.base_model import BaseModel
from studio.library.library import Library
from studio.services.active_run import RunHost
from studio.services.adapter_measure import AdapterMeasure
from studio.services.adapter_proof import AdapterProof
from studio.services.adapters import Adapters
from studio.services.answering_base import AnsweringBase
from studio.services.background import Deliver
from studio.services.baking import Blending
from studio.services.cards import Cards
from studio.services.change_feed import ChangeFeed
from studio.services.chat_exports import ChatExports
from studio.services.chats import ChatDesk, Chats
from studio.services.contestants import Contestants
from studio.services.data import DataBench, DataDesk
from studio.services.drafts import Drafts
from studio.services.engine import Engine
from studio.services.imports import Imports
from studio.services.masks import Masks
from studio.services.models import Models
from studio.services.personas import Personas
from studio.services.replies import Replies
from studio.services.run_stories import RunStories
from studio.services.samples import Samples
from studio.services.scene import Scene
from studio.services.settings import Settings
from studio.services.teaching import Teaching
from studio.services.token_counts import TokenCounts
from studio.services.training import Training
from studio.services.undo import Undo
from studio.services.unsent import UnsentWords
from studio.services.votes import Votes

PATIENCE = 5.0
PATIENCE_WHILE_TRAINING = 30.0
"""Seconds that the engine has to leave; with a run, time enough to end a step and write a checkpoint."""


class Studio:
    """Belongs to the thread that opened it; ``deliver`` brings other threads' news there."""

    def __init__(self, library: Library, deliver: Deliver, engine_command: Sequence[str] | None) -> None:
        self._open_library = library
        self._closed = False
        here = self._while_open(deliver)
        folder = library.folder
        self.library = folder
        self.read_only = library.read_only
        self.changes = ChangeFeed()
        undo = Undo(library, self.changes)
        self.settings = Settings(library, self.changes)
        self.engine = Engine(paths.logs(folder), self._find_base, self.changes, here, engine_command)
        self.models = Models(library, self.changes, self.engine, self.settings, undo, here)
        self.personas = Personas(library, self.changes, undo)
        self.cards = Cards(library, self.personas)
        self.imports = Imports(library, self.changes, self.personas, here)
        counts = TokenCounts(library, None if self.read_only else paths.runs(folder), self.engine, self.changes, here)
        self.data = DataBench(DataDesk(library, self.changes, undo, counts, self.settings, here))
        host = RunHost(deliver=here, changes=self.changes, models=self.models, settings=self.settings, undo=undo)
        self.training = Training(library, self.changes, self.engine, self.data, self.models, host)
        self.run_stories = RunStories(library, self.training)
        bases = AnsweringBase(self.engine, self.models, self.settings)
        contestants = Contestants(library, self.settings, bases)
        measure = AdapterMeasure(library, self.engine, self.data, bases, self.settings)
        self.adapters = Adapters(library, self.changes, self.models, self.settings, measure, undo, here)
        self.proof = AdapterProof(library, self.changes, self.engine, bases)
        replies = Replies(self.engine, bases, contestants, self.proof, here)
        self.chats = Chats(ChatDesk(library, self.changes, undo, self.settings, contestants, replies, here))
        self.scenes = Scene(self.chats)
        self.unsent = UnsentWords(library)
        self.votes = Votes(library, self.changes, contestants)
        self.teaching = Teaching(library, self.data, contestants)
        self.chat_exports = ChatExports(library, contestants)
        self.blending = Blending(library, self.changes, self.engine, bases, here)
        self.drafts = Drafts(library, self.changes, self.personas, self.data, replies, self.settings)
        self.masks = Masks(library, self.engine, self.models, self.settings, here)
        self.samples = Samples(self.imports)

    @classmethod
    def open(
        cls,
        library: Path | None = None,
        *,
        deliver: Deliver,
        engine_command: Sequence[str] | None = None,
        read_only: bool = False,
    ) -> "Studio":
        """Open a library (the default one when None). ``library_in_use`` when another program has it for writing."""
        opened = Library.open(library or paths.default_library(), read_only)
        return cls(opened, deliver, engine_command)

    @property
    def is_open(self) -> bool:
        """False once the library is closed: what a timer still wanted to show is shown no more."""
        return not self._closed

    def close(self) -> None:
        """End the engine (a running training checkpoints first), close the database, let others have the library."""
        if self._closed:
            return
        self.data.close()
        patience = PATIENCE_WHILE_TRAINING if self.training.is_active else PATIENCE
        self.training.close()
        self.engine.close(patience)
        self._closed = True
        self._open_library.close()

    def _find_base(self, base_id: str) -> BaseModel:
        return self.models.get(base_id)

    def _while_open(self, deliver: Deliver) -> Deliver:
        """News that comes after the end is dropped."""

        def deliver_if_open(act: Callable[[], None]) -> None:
            deliver(lambda: None if self._closed else act())

        return deliver_if_open
