"""Token ids to text as they come; characters that span tokens are held back until they are whole."""

from collections.abc import Sequence
from typing import Any


class TextStream:
    """The text of what was said. ``before`` are tokens that stand right before it: some tokenizers write the first word
    of a text without its blank, and what goes on with a text is not its first word."""

    def __init__(self, tokenizer: Any, before: Sequence[int] = ()) -> None:
        self._tokenizer = tokenizer
        self._before = len(before)
        self._ids = list(before)
        self._told = 0
        self._start = 0
        self._whole = len(before)

    def add(self, token: int) -> str:
        """Take a token and return the new piece of text, which may be empty."""
        self._ids.append(token)
        before = self._decoded(self._start, self._whole)
        now = self._decoded(self._start, len(self._ids))
        if now.endswith("\ufffd"):
            return ""
        self._start, self._whole = self._whole, len(self._ids)
        piece = now[len(before) :]
        self._told += len(piece)
        return piece

    def finish(self) -> str:
        """Return the whole text, held-back rest included."""
        return self._decoded(0, len(self._ids))[len(self._decoded(0, self._before)) :]

    def rest(self) -> str:
        """Return the end of the text that no piece has told."""
        return self.finish()[self._told :] if self._whole < len(self._ids) else ""

    def _decoded(self, start: int, end: int) -> str:
        return self._tokenizer.decode(self._ids[start:end], skip_special_tokens=True)  # type: ignore[no-any-return]
