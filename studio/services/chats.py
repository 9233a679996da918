"""Chats: one prompt, many voices. A chat is a tree of messages; a column is a contestant with the tip of its thread."""

from collections.abc import Sequence

from studio.domain.changes import Kind
from studio.domain.chat import CHAT, Chat, ChatSettings, Contestant
from studio.domain.clock import now
from studio.domain.ids import new_id
from studio.services.chat_asking import ChatAsking
from studio.services.chat_columns import ChatColumns
from studio.services.chat_desk import COLUMN_LIMIT, ChatDesk, refuse_too_many
from studio.services.chat_greetings import ChatGreetings
from studio.services.chat_settings import ChatManners
from studio.services.chat_tree import ChatTree

__all__ = ["COLUMN_LIMIT", "ChatDesk", "Chats"]
_Chats = list[Chat]  # inside the class, ``list`` is the method


class Chats(ChatTree, ChatColumns, ChatGreetings, ChatManners, ChatAsking):
    """The user's words are stored before anybody answers; a reply is stored when it ends, however it ends."""

    def list(self, kind: str = "") -> _Chats:
        """All chats (of a kind: ``chat`` or ``scene``), the one last spoken in first."""
        return [one for one in self._desk.library.chats.all() if kind in ("", one.kind)]

    def get(self, chat_id: str) -> Chat:
        """One chat."""
        return self._desk.chat(chat_id)

    def create(
        self,
        title: str = "",
        contestants: Sequence[Contestant] = (),
        *,
        settings: ChatSettings | None = None,
        kind: str = CHAT,
    ) -> Chat:
        """Begin a chat; without contestants, the suggested ones."""
        chosen = [self._with_manners(one) for one in contestants] or self.suggested_contestants()
        refuse_too_many(chosen)
        chat = Chat(
            id=new_id("chat"), title=" ".join(title.split()), columns=tuple((one, "") for one in chosen), kind=kind,
            settings=settings or ChatSettings(), lanes=tuple(range(len(chosen))), created_at=now(),
        )  # fmt: skip
        self._desk.library.chats.add(chat)
        self._desk.changes.tell(Kind.CHAT, ids=(chat.id,))
        return chat

    def rename(self, chat_id: str, title: str) -> Chat:
        """Give a chat another title."""
        return self._desk.keep(chat_id, title=" ".join(title.split()))

    def delete(self, chat_id: str) -> str:
        """Move a chat to the trash; return the token of ``undo``."""
        return self._desk.undo.remove(Kind.CHAT, chat_id)
