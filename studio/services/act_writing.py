"""The steps that acts are made of: written to the library and noted in its journal, within the caller's transaction."""

from collections.abc import Sequence

from studio.domain.conversation import Conversation
from studio.domain.dataset import StoredConversation
from studio.library.journal import Step
from studio.library.library import Library


class ActWriting:
    """``act`` is the token of the act that the step belongs to."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def change(self, act: str, changes: Sequence[tuple[StoredConversation, Conversation]]) -> list[StoredConversation]:
        """Give conversations other content; those that stay the same are passed over."""
        real = [(before, after) for before, after in changes if after != before.conversation]
        stored = self._library.conversations.update_many([(before.id, after) for before, after in real])
        steps = ((new.id, before.revision, new.revision) for new, (before, _) in zip(stored, real, strict=True))
        self._library.journal.note(act, Step.CHANGED, steps)
        return stored

    def add_behind(self, act: str, one: StoredConversation, conversations: Sequence[Conversation]) -> None:
        """Add conversations right behind another one."""
        room = self._library.conversations.order.room_behind(one.persona_id, one.id, len(conversations))
        added = self._library.conversations.insert(one.persona_id, conversations, positions=room)
        self._library.journal.note_all(act, Step.ADDED, added)

    def remove(self, act: str, ids: Sequence[str]) -> None:
        """Take conversations out of sight."""
        if ids:
            self._library.conversations.set_removed(ids, True)
            self._library.journal.note_all(act, Step.REMOVED, ids)
