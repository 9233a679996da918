"""The same words once more in another lane of a chat, a few messages at a time: threads can be thousands long."""

from collections.abc import Sequence
from dataclasses import replace

from studio.domain.chat import ChatMessage
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.library import Library
from studio.services.sliced import Steps

_A_SLICE = 100


class ThreadCopies:
    """``made`` are the ids of all copies so far, parents before children."""

    def __init__(self, library: Library, chat_id: str) -> None:
        self._library = library
        self._chat_id = chat_id
        self.made: list[str] = []

    def copying(self, thread: Sequence[ChatMessage], lane: int) -> Steps[str]:
        """Say it again with everything that is known of it; returns the new tip."""
        parent = ""
        for at in range(0, len(thread), _A_SLICE):
            copies = []
            for one in thread[at : at + _A_SLICE]:
                made_by = dict(one.made_by) | {"column": lane}
                copies.append(replace(one, id=new_id("say"), chat_id=self._chat_id, parent_id=parent, made_by=made_by))
                parent = copies[-1].id
            self._add(copies)
            yield None
        return parent

    def taking_back(self) -> Steps[None]:
        """Take all copies away again, the newest first."""
        while self.made:
            some, self.made = self.made[-_A_SLICE:], self.made[:-_A_SLICE]
            self._library.chats.drop_messages(some)
            yield None

    def _add(self, copies: Sequence[ChatMessage]) -> None:
        if self._library.chats.get(self._chat_id) is None:  # deleted between two slices
            raise StudioError("not_found", what="chat", name=self._chat_id)
        self._library.chats.add_messages(copies)
        self.made.extend(one.id for one in copies)
