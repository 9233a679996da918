"""Undoing by a token: things come back from the trash, acts on data are turned back by their journal."""

from collections.abc import Iterator
from dataclasses import replace

from studio.domain.changes import Kind
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed

_ACT = "act-"
_TOGETHER = "+"
_MADE = "made:"
_STOOD = "stood:"
_ALONG = {
    Kind.PERSONA: (Kind.CONVERSATION, Kind.RUN, Kind.ADAPTER),
    Kind.RUN: (),
    Kind.ADAPTER: (),
    Kind.MESSAGE: (Kind.CHAT,),
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

    def undo(self, token: str) -> None:
        """Undo what the token stands for."""
        for _ in self.undoing(token):
            pass

    def undoing(self, token: str) -> Iterator[tuple[int, int]]:
        """The same in slices, for acts that touched many conversations; yield (done, of how many) between them."""
        for part in reversed(token.split(_TOGETHER)):
            if part.startswith(_ACT):
                yield from self.turning(part, undo=True)
            elif part.startswith(_MADE):
                self.remove(Kind.PERSONA, part.removeprefix(_MADE))
            elif part.startswith(_STOOD):
                self._stand_again(part)
            else:
                entry = self._library.trash.undo(part)
                self._changes.tell(entry.kind, Kind.TRASH, *_ALONG.get(entry.kind, ()))

    def turning(self, token: str, *, undo: bool) -> Iterator[tuple[int, int]]:
        """Undo an act, or do it again, in slices."""
        yield from self._library.journal.turn(token, undo=undo)
        self._changes.tell(Kind.CONVERSATION, ids=self._library.journal.touched(token))

    def _stand_again(self, part: str) -> None:
        """Let a column show again what it showed, where chat, column and message are still there."""
        chat_id, lane, tip = part.removeprefix(_STOOD).split(":")
        chat, message = self._library.chats.get(chat_id), self._library.chats.message(tip)
        if chat is None or message is None:
            return
        columns = [
            (one, tip if chat.lane(at) == int(lane) else stands) for at, (one, stands) in enumerate(chat.columns)
        ]
        self._library.chats.update(replace(chat, columns=tuple(columns)))
        self._changes.tell(Kind.CHAT, ids=(chat_id,))


def together(*tokens: str) -> str:
    """One token for several acts, which are undone in the opposite order."""
    return _TOGETHER.join(token for token in tokens if token)


def made(persona_id: str) -> str:
    """The token for a persona that was made: undone, it goes to the trash."""
    return f"{_MADE}{persona_id}"


def stood_at(chat_id: str, lane: int, tip: str) -> str:
    """The part of a token that brings a column of a chat, known by its lane, back to where it stood."""
    return f"{_STOOD}{chat_id}:{lane}:{tip}"
