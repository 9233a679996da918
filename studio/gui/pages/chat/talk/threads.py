"""The threads of a chat as messages to be painted. Knows no Qt."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from studio.domain.chat import INTERRUPTED, SCENE, Chat, ChatMessage, ThreadMessage
from studio.domain.conversation import Role
from studio.domain.teaching import is_greeting
from studio.gui.pages.chat.talk.replies import Pending
from studio.gui.widgets.message import NOTE, Message
from studio.texts import tr_plural

if TYPE_CHECKING:
    from studio.services.contestants import ContestantLabel
    from studio.services.studio import Studio

Faces = Mapping[str, "ContestantLabel"]
"""Who speaks in a scene, by the key that stands on each line."""


class Threads:
    """Reads threads; system turns are not shown."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self._kept: dict[tuple[str, int], list[ThreadMessage]] = {}

    def forget(self) -> None:
        """What was read may be otherwise now: thumbs, versions, deleted branches."""
        self._kept.clear()

    def messages(self, chat_id: str, column: int, speaker: str, colour: str, pending: Pending | None) -> list[Message]:
        """The thread of a column; a pending reply stands at its end, in the place of the one it replaces."""
        chat = self._studio.chats.get(chat_id) if chat_id else None
        said = self._view(chat_id, column) if chat_id else []
        shown = self._thread(chat, said, speaker, colour)
        if pending is None:
            return shown
        if pending.asked and not (said and said[-1].message.text == pending.asked):
            shown.append(Message(id="asked", mine=True, text=pending.asked))
        return [*shown, self._growing(chat, pending, speaker, colour)]

    def _view(self, chat_id: str, column: int) -> list[ThreadMessage]:
        """A thread; of one that only grew since it was last read, what is new."""
        kept = self._kept.get((chat_id, column), [])
        places = {one.message.id: at for at, one in enumerate(kept)}
        newer = self._studio.chats.newer(chat_id, column, places) if kept else None
        said = [*kept[: places[newer[0]] + 1], *newer[1]] if newer else list(self._studio.chats.view(chat_id, column))
        self._kept[chat_id, column] = said
        return said

    def faces(self, chat: Chat | None) -> Faces:
        """The speakers of a scene; empty for any other chat."""
        if chat is None or chat.kind != SCENE:
            return {}
        return {one.key: self._studio.chats.label(one.contestant) for one in chat.settings.scene.speakers}

    def length(self, chat_id: str, column: int) -> int:
        """How many messages a column has."""
        return self._studio.chats.length(chat_id, column) if chat_id else 0

    def lacks_an_answer(self, chat_id: str, column: int) -> bool:
        """True when nobody has answered the last words yet, or the answer was cut off by the engine's end."""
        said = self._said(chat_id, column)
        return bool(said) and (said[-1].role is Role.USER or said[-1].made_by.get("reason") == INTERRUPTED)

    def is_mine(self, chat_id: str, column: int, message_id: str) -> bool:
        """True for the user's own words."""
        return any(one.id == message_id and one.role is Role.USER for one in self._said(chat_id, column))

    def greets(self, chat_id: str, column: int) -> bool:
        """True where nothing was said yet but a greeting."""
        return self.length(chat_id, column) == 1 and is_greeting(self._said(chat_id, column)[0])

    def last_own(self, chat_id: str, column: int) -> tuple[str, str]:
        """Id and text of what the user said last."""
        mine = [one for one in self._said(chat_id, column) if one.role is Role.USER]
        return (mine[-1].id, mine[-1].text) if mine else ("", "")

    def seed_beside(self, chat_id: str, column: int) -> int | None:
        """The seed of a column's last reply, so that another one can be asked fairly; None when there is none."""
        replies = [one for one in self._said(chat_id, column) if one.role is Role.PERSONA]
        seed = replies[-1].made_by.get("seed") if replies else None
        return seed if isinstance(seed, int) else None

    def sibling(self, chat_id: str, column: int, message_id: str, direction: int) -> str:
        """The id of the sibling before or after; empty at the ends."""
        ids = [one.id for one in self._studio.chats.siblings(message_id)]
        place = ids.index(message_id) + direction
        return ids[place] if 0 <= place < len(ids) else ""

    def _said(self, chat_id: str, column: int) -> list[ChatMessage]:
        if not chat_id:
            return []
        return [one for one in self._studio.chats.thread(chat_id, column) if one.role is not Role.SYSTEM]

    def _thread(self, chat: Chat | None, said: list[ThreadMessage], speaker: str, colour: str) -> list[Message]:
        """All messages, with a line after those that were not read for the last reply."""
        if chat is None:
            return []
        faces, gone = self.faces(chat), left_out([one.message for one in said])
        taught = self._studio.teaching.taught(chat.id)
        shown: list[Message] = []
        for at, one in enumerate(said):
            if gone and at == gone:
                shown.append(_left_out_line(gone))
            if one.message.role is not Role.SYSTEM:
                lesson = one.message.id in taught
                shown.append(_message(one, speaker, colour, faces, faded=at < gone, taught=lesson))
        return shown

    def _growing(self, chat: Chat | None, pending: Pending, speaker: str, colour: str) -> Message:
        face = self.faces(chat).get(pending.speaker)
        return Message(
            id=f"pending-{pending.number}", mine=False, text=pending.text, streaming=True,
            speaker=face.title if face else speaker, colour=face.colour if face else colour,
            portrait=face.portrait if face else None, named=face is not None,
        )  # fmt: skip


def left_out(said: list[ChatMessage]) -> int:
    """How many of the oldest messages no longer fitted when the last reply was written."""
    replies = [one for one in said if one.role is Role.PERSONA]
    gone = replies[-1].made_by.get("left_out", 0) if replies else 0
    return gone if isinstance(gone, int) else 0


def _left_out_line(count: int) -> Message:
    words = tr_plural(
        "The oldest turn no longer fitted and was not read",
        "The {count} oldest turns no longer fitted and were not read", count,
    )  # fmt: skip
    return Message(id="left-out", mine=False, text=words, kind=NOTE)


def _message(shown: ThreadMessage, speaker: str, colour: str, faces: Faces, *, faded: bool, taught: bool) -> Message:
    one = shown.message
    mine = one.role is Role.USER
    face = faces.get(str(one.made_by.get("speaker", "")))
    return Message(
        id=one.id, mine=mine, text=one.text, colour="" if mine else face.colour if face else colour,
        speaker="" if mine else face.title if face else speaker, portrait=face.portrait if face else None,
        named=bool(faces), place=shown.place, count=shown.count, faded=faded, rating=one.rating, taught=taught,
        greeting=is_greeting(one),
    )  # fmt: skip
