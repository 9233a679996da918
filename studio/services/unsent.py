"""Words that were typed for a chat and not sent yet: kept over a restart."""

from collections.abc import Mapping

from studio.library.library import Library

_NAME = "unsent_words"
_MOST = 100


class UnsentWords:
    """By chat; the empty id is a chat that nobody has written in yet. Kept with the settings, of which it is none."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def get(self, chat_id: str) -> str:
        """The words that wait in a chat's composer."""
        return self._all().get(chat_id, "")

    def keep(self, chat_id: str, text: str) -> None:
        """Keep words; empty ones are forgotten. In a library that is only read nothing is kept."""
        kept = self._all()
        if self._library.read_only or kept.get(chat_id, "") == text:
            return
        kept.pop(chat_id, None)
        if text.strip():
            kept[chat_id] = text
        known = {"", *(chat.id for chat in self._library.chats.all())}
        left = [(key, words) for key, words in kept.items() if key in known][-_MOST:]
        self._library.settings.set(_NAME, dict(left))

    def _all(self) -> dict[str, str]:
        stored = self._library.settings.get(_NAME, {})
        return {str(key): str(words) for key, words in stored.items()} if isinstance(stored, Mapping) else {}
