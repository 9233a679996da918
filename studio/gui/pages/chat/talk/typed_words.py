"""What was typed and not sent, by chat: kept by a service, so that it is there after a restart. Knows no Qt."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.services.studio import Studio


class TypedWords:
    """Like a dictionary from chat to words; the empty id is a chat that nobody has written in yet."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio

    def __setitem__(self, chat_id: str, words: str) -> None:
        if self._studio.is_open:
            self._studio.unsent.keep(chat_id, words)

    def get(self, chat_id: str, instead: str = "") -> str:
        """The words of a chat."""
        return self._studio.unsent.get(chat_id) or instead

    def pop(self, chat_id: str, instead: str | None = None) -> str | None:
        """The words were sent: forget them."""
        words = self._studio.unsent.get(chat_id)
        self[chat_id] = ""
        return words or instead
