"""The threads of a chat as messages to be painted. Knows no Qt."""

from typing import TYPE_CHECKING

from studio.domain.chat import ChatMessage
from studio.domain.conversation import Role
from studio.gui.pages.chat.replies import Pending
from studio.gui.widgets.message import Message

if TYPE_CHECKING:
    from studio.services.studio import Studio


class Threads:
    """Reads threads; system turns are not shown."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio

    def messages(self, chat_id: str, column: int, speaker: str, colour: str, pending: Pending | None) -> list[Message]:
        """The thread of a column; a pending reply stands at its end, in the place of the one it replaces."""
        said = self._said(chat_id, column)
        if pending is not None:
            while said and said[-1].role is Role.PERSONA:
                said = said[:-1]
        shown = [self._message(one, speaker, colour, last=one is said[-1]) for one in said]
        if pending is None:
            return shown
        if pending.asked and not (said and said[-1].text == pending.asked):
            shown.append(Message(id="asked", mine=True, text=pending.asked))
        shown.append(
            Message(
                id=f"pending-{pending.number}", mine=False, text=pending.text,
                speaker=speaker, colour=colour, streaming=True,
            )
        )  # fmt: skip
        return shown

    def ends_with_user(self, chat_id: str, column: int) -> bool:
        """True when nobody has answered the last words yet."""
        said = self._said(chat_id, column)
        return bool(said) and said[-1].role is Role.USER

    def is_mine(self, chat_id: str, column: int, message_id: str) -> bool:
        """True for the user's own words."""
        return any(one.id == message_id and one.role is Role.USER for one in self._said(chat_id, column))

    def last_own(self, chat_id: str, column: int) -> tuple[str, str]:
        """Id and text of what the user said last."""
        mine = [one for one in self._said(chat_id, column) if one.role is Role.USER]
        return (mine[-1].id, mine[-1].text) if mine else ("", "")

    def sibling(self, chat_id: str, column: int, message_id: str, direction: int) -> str:
        """The id of the sibling before or after; empty at the ends."""
        ids = [one.id for one in self._studio.chats.siblings(message_id)]
        place = ids.index(message_id) + direction
        return ids[place] if 0 <= place < len(ids) else ""

    def _said(self, chat_id: str, column: int) -> list[ChatMessage]:
        if not chat_id:
            return []
        return [one for one in self._studio.chats.thread(chat_id, column) if one.role is not Role.SYSTEM]

    def _message(self, one: ChatMessage, speaker: str, colour: str, *, last: bool) -> Message:
        mine = one.role is Role.USER
        siblings = [each.id for each in self._studio.chats.siblings(one.id)] if last else [one.id]
        return Message(
            id=one.id, mine=mine, text=one.text, colour="" if mine else colour, speaker="" if mine else speaker,
            place=siblings.index(one.id) + 1 if one.id in siblings else 1, count=max(len(siblings), 1),
        )  # fmt: skip
