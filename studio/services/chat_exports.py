"""A comparison on its way to others: who answered, with which seed and sampler, and every word, as text or data."""

import json
from pathlib import Path

from studio import atomic_files
from studio.domain.chat import Chat
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.services.chat_comparison import Comparison, comparison_of
from studio.services.comparison_markdown import markdown_of
from studio.services.contestants import Contestants

FORMATS = {"markdown": ".md", "json": ".json"}
"""What a comparison can be written as, and how such a file's name ends."""


class ChatExports:
    """Names, hashes and words only: no path and no setting of this machine leaves with them."""

    def __init__(self, library: Library, contestants: Contestants) -> None:
        self._library = library
        self._contestants = contestants

    def comparison(self, chat_id: str) -> Comparison:
        """What the columns of a chat show now."""
        return comparison_of(self._chat(chat_id), self._library, self._contestants)

    def text(self, chat_id: str, format: str = "markdown") -> str:
        """The comparison in a format."""
        if format not in FORMATS:
            raise StudioError("export_format_unknown", name=format, known=", ".join(FORMATS))
        found = self.comparison(chat_id)
        if format == "markdown":
            return markdown_of(found)
        return json.dumps(found.document(), ensure_ascii=False, indent=2) + "\n"

    def write(self, chat_id: str, format: str, out: Path) -> Path:
        """Write the comparison as a file; one that is there already is not touched."""
        text, target = self.text(chat_id, format), out.expanduser().resolve()
        if target.exists():
            raise StudioError("export_exists", path=str(target))
        with atomic_files.disk_troubles(target), atomic_files.writing(target) as file:
            file.write(text.encode())
        return target

    def _chat(self, chat_id: str) -> Chat:
        chat = self._library.chats.get(chat_id)
        if chat is None:
            raise StudioError("not_found", what="chat", name=chat_id)
        return chat
