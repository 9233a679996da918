"""What one column is to answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.chat import ChatMessage, ChatSettings, Contestant, Sampler
from studio.domain.scene import Speaking


@dataclass(frozen=True, kw_only=True)
class Question:
    """A column's thread up to the words that want an answer.

    ``lane``: the number that the column keeps. ``sampler`` None: the one of all rows. ``continues``: the beginning of
    the reply, which the message ``continued`` holds. ``impersonates``: what the user might say. ``speaking``: whose
    turn it is in a scene. ``earlier``: how many messages stand before the thread that no base could hold beside it.
    """

    column: int
    contestant: Contestant
    thread: Sequence[ChatMessage]
    seed: int
    lane: int = 0
    settings: ChatSettings = ChatSettings()
    sampler: Sampler | None = None
    continues: str = ""
    continued: str = ""
    impersonates: bool = False
    speaking: Speaking | None = None
    earlier: int = 0

    @property
    def parent_id(self) -> str:
        """The message that is answered; empty at the beginning of a chat."""
        return self.thread[-1].id if self.thread else ""
