"""One row while it speaks: its text as it grows, why it ends, and what was shown of it."""

from typing import Any

from studio.engine.chat.openings import Opening
from studio.engine.chat.stops import StopWatch
from studio.engine.chat.text_stream import TextStream


class Speaker:
    """What one row has said so far. ``pending`` is what has not been told yet."""

    def __init__(self, row: int, opening: Opening, tokenizer: Any) -> None:
        self.row = row
        self.opening = opening
        self.tokens = 0
        self.pending = ""
        self._said = ""
        self._stream = TextStream(tokenizer, opening.before)
        self._watch = StopWatch(opening.stop_texts)
        self._swallow = opening.ends_blank

    def take(self, token: int) -> str:
        """Add a token; return why the row ends with it, or nothing."""
        if token in self.opening.stop_ids:
            self.close()
            return "end"
        self.tokens += 1
        self._show(self._watch.add(self._new(self._stream.add(token))))
        if self._watch.stopped:
            return "stop"
        if self.tokens >= self.opening.limit:
            self.close()
            return "length"
        return ""

    def close(self) -> None:
        """The row has ended: what was held back is part of it after all."""
        self._show(self._watch.add(self._new(self._stream.rest())))
        self._show(self._watch.rest())

    @property
    def text(self) -> str:
        """Everything that was said now; what goes on with a text keeps the blank or the line break between them."""
        return self._said.rstrip() if self.opening.continues else self._said.strip()

    def _show(self, piece: str) -> None:
        self._said += piece
        self.pending += piece

    def _new(self, piece: str) -> str:
        """Without a second blank, where the text that is gone on with ends with one."""
        if self._swallow:
            piece = piece.lstrip(" ")
            self._swallow = not piece
        return piece
