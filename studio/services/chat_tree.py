"""The tree of a chat: what a column shows, swipes and branches, editing, deleting with a way back, thumbs."""

from collections.abc import Container
from dataclasses import replace

from studio.domain.changes import Kind
from studio.domain.chat import Chat, ChatMessage, ThreadMessage
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.services.chat_desk import ChatPart
from studio.services.undo import stood_at, together

_FEW = 6


class ChatTree(ChatPart):
    """A message is never changed: another one is put beside it. Only deleting takes something away."""

    def messages(self, chat_id: str) -> list[ChatMessage]:
        """The whole tree, oldest first."""
        return self._desk.library.chats.messages(chat_id)

    def thread(self, chat_id: str, column: int) -> list[ChatMessage]:
        """What a column shows: the messages from the root to its tip."""
        return self._desk.library.chats.thread(self._desk.column(self._desk.chat(chat_id), column)[1])

    def view(self, chat_id: str, column: int) -> list[ThreadMessage]:
        """The same, each message with its place among its swipes and branches; thousands in one go."""
        return self._desk.library.chats.thread_view(self._desk.column(self._desk.chat(chat_id), column)[1])

    def newer(self, chat_id: str, column: int, known: Container[str]) -> tuple[str, list[ThreadMessage]] | None:
        """What a thread says after the last message that is known, and that one's id; None when that is far back.

        A thread that grew by a turn is shown without reading its thousands of messages again.
        """
        chats = self._desk.library.chats
        tip = self._desk.column(self._desk.chat(chat_id), column)[1]
        found: list[ThreadMessage] = []
        while tip and tip not in known and len(found) < _FEW:
            beside = chats.siblings(tip)
            at = next(place for place, one in enumerate(beside) if one.id == tip)
            found.append(ThreadMessage(message=beside[at], place=at + 1, count=len(beside)))
            tip = beside[at].parent_id
        return (tip, found[::-1]) if tip and tip in known else None

    def length(self, chat_id: str, column: int) -> int:
        """How many messages a column's thread has, without reading them."""
        chat = self._desk.chat(chat_id)
        return self._desk.library.chats.height(self._desk.column(chat, column)[1]) if chat.columns else 0

    def siblings(self, message_id: str) -> list[ChatMessage]:
        """The swipes and branches beside a message, itself included: those that were made in the same column."""
        return self._desk.library.chats.siblings(message_id)

    def choose(self, chat_id: str, column: int, message_id: str) -> Chat:
        """Show the branch of a message: its newest leaf becomes the tip."""
        chat = self._desk.chat(chat_id)
        self._desk.message(chat_id, message_id)
        return self._desk.at(chat, column, self._desk.library.chats.newest_leaf(message_id))

    def branch(self, chat_id: str, column: int, message_id: str) -> Chat:
        """Go on from a message: what followed stays as a branch beside what is said next."""
        chat = self._desk.chat(chat_id)
        return self._desk.at(chat, column, self._desk.message(chat_id, message_id).id)

    def copy_branch(self, chat_id: str, column: int, message_id: str) -> Chat:
        """A new chat with the thread up to a message; the old one stays as it is."""
        old = self._desk.chat(chat_id)
        contestant, _ = self._desk.column(old, column)
        self._desk.message(chat_id, message_id)
        thread = self._desk.library.chats.thread(message_id)
        chat = replace(old, id=new_id("chat"), columns=((contestant, ""),), lanes=(), created_at=now())
        with self._desk.library.transaction():
            self._desk.library.chats.add(chat)
            return self._desk.keep(chat.id, columns=((contestant, self._desk.copied(thread, chat.id, lane=0)),))

    def edit(self, chat_id: str, column: int, message_id: str, text: str) -> Chat:
        """Write a message anew, as a branch beside the old one; the column goes on from there."""
        if not text.strip():
            raise StudioError("prompt_empty")
        chat, old = self._desk.chat(chat_id), self._desk.message(chat_id, message_id)
        made_by = _edited(old, chat.lane(column))
        edited = replace(old, id=new_id("say"), text=text, made_by=made_by, created_at=now(), rating=0)
        with self._desk.library.transaction():
            self._desk.library.chats.add_message(edited)
            return self._desk.at(chat, column, edited.id)

    def delete_message(self, chat_id: str, column: int, message_id: str) -> str:
        """Take a message away with all that follows it; return the token of ``undo``, which brings all of it back.

        Columns that stood there go to what stands beside it, else to what was said before it.
        """
        chat, gone = self._desk.chat(chat_id), self._desk.message(chat_id, message_id)
        self._desk.column(chat, column)
        below = self._desk.library.chats.below(message_id)
        left = self._instead(gone)
        columns = tuple((one, left if tip in below else tip) for one, tip in chat.columns)
        stood = [stood_at(chat.id, chat.lane(at), tip) for at, (_, tip) in enumerate(chat.columns) if tip in below]
        with self._desk.library.transaction():
            self._desk.keep(chat.id, columns=columns)
            token = self._desk.undo.remove(Kind.MESSAGE, message_id)
        return together(*stood, token)

    def rate(self, message_id: str, rating: int) -> None:
        """Keep the user's thumb: -1, 0 or 1."""
        if rating not in (-1, 0, 1):
            raise ValueError(f"a thumb is -1, 0 or 1, not {rating}")
        message = self._desk.library.chats.message(message_id)
        if message is None:
            raise StudioError("not_found", what="message", name=message_id)
        self._desk.library.chats.rate(message_id, rating)
        self._desk.changes.tell(Kind.CHAT, ids=(message.chat_id,))

    def _instead(self, gone: ChatMessage) -> str:
        """The tip of a column whose message goes: the newest leaf beside it, or what stood before it."""
        beside = [one.id for one in self.siblings(gone.id)]
        others = beside[: beside.index(gone.id)][-1:] or beside[beside.index(gone.id) + 1 :][:1]
        return self._desk.library.chats.newest_leaf(others[0]) if others else gone.parent_id


def _edited(old: ChatMessage, lane: int) -> dict[str, object]:
    made_by = dict(old.made_by) | {"column": lane}
    return made_by | {"edited": True} if old.role is Role.PERSONA else made_by
