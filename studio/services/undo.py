"""Undoing a deletion by its token: things come back from the trash, turns from an earlier revision."""

from studio.domain.changes import Kind
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed

_TURN = "turn"
_ALONG = {
    Kind.PERSONA: (Kind.CONVERSATION, Kind.RUN, Kind.ADAPTER),
    Kind.RUN: (),
    Kind.ADAPTER: (),
}
"""Which kinds go and come with a kind."""


class Undo:
    """Deletes and brings back; the one place that knows what a token looks like."""

    def __init__(self, library: Library, changes: ChangeFeed) -> None:
        self._library = library
        self._changes = changes

    def remove(self, kind: Kind, item_id: str) -> str:
        """Move a thing to the trash; return the token that brings it back."""
        token = self._library.trash.remove(kind, item_id)
        self._changes.tell(kind, Kind.TRASH, *_ALONG.get(kind, ()))
        return token

    def turn_token(self, before: StoredConversation) -> str:
        """The token that brings a conversation back to what it was at ``before``."""
        return f"{_TURN}:{before.id}:{before.revision}"

    def undo(self, token: str) -> None:
        """Bring back what the token stands for."""
        kind, _, rest = token.partition(":")
        if kind == _TURN:
            self._undo_turn(rest)
            return
        entry = self._library.trash.undo(token)
        self._changes.tell(entry.kind, Kind.TRASH, *_ALONG.get(entry.kind, ()))

    def _undo_turn(self, rest: str) -> None:
        conversation_id, _, revision = rest.partition(":")
        if not revision.isdigit():
            raise StudioError("trash_gone")
        self._library.conversations.revert(conversation_id, int(revision))
        self._changes.tell(Kind.CONVERSATION, ids=(conversation_id,))
