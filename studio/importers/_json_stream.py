"""One large JSON document read piece by piece: a log of gigabytes needs no more memory than its messages."""

import io
import json
import re
from collections.abc import Collection, Iterator

from studio.domain.errors import StudioError
from studio.importers._json_limits import VALUES_LIMIT
from studio.importers._source import Source

Path = tuple[str, ...]
"""Keys from the outside in; a place in a list is ``*``."""

PIECE = 256 * 1024
VALUE_LIMIT = 32 * 1024 * 1024
"""Characters in one value that is not opened."""
_IN_A_LIST = "*"
_SPACE = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


class Begun:
    """Stands for an object or list that was opened: its parts follow."""


BEGUN = Begun()


def walk(source: Source, opened: Collection[Path], *, limit_mb: int) -> Iterator[tuple[int, Path, object]]:
    """Yield (line, path, value) of everything in the containers named by ``opened``; those themselves are ``BEGUN``."""
    source.require_at_most(limit_mb)
    source.guessed_lines = 0
    with source.open() as file, io.TextIOWrapper(file, encoding=source.encoding, errors=source.errors) as reader:
        text = _Text(source, reader)
        yield from _container(text, (), opened)
        if text.peek():
            raise text.broken("something follows the end of the value")


def _container(text: "_Text", path: Path, opened: Collection[Path]) -> Iterator[tuple[int, Path, object]]:
    if path not in opened or text.peek() not in ("{", "["):
        line = text.line
        yield line, path, text.value()
        return
    yield text.line, path, BEGUN
    closing = "}" if text.take() == "{" else "]"
    while text.peek() != closing:
        key = text.key() if closing == "}" else _IN_A_LIST
        yield from _container(text, (*path, key), opened)
        if text.peek() == ",":
            text.take()
        elif text.peek() != closing:
            raise text.broken("a bracket is not closed, or a comma is missing")
    text.take()


class _Text:
    """The document: a piece of it in memory, a position in that, and the ``line`` of the position, from 1."""

    def __init__(self, source: Source, reader: io.TextIOWrapper) -> None:
        self._source = source
        self._reader = reader
        self._piece = ""
        self._at = 0
        self._ended = False
        self.line = 1

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            match = _SPACE.match(self._piece, self._at)
            self._move(match.end() if match else self._at)
            if self._at < len(self._piece) or self._ended:
                return self._piece[self._at : self._at + 1]
            self._read_on(PIECE)

    def take(self) -> str:
        """Go over the next character."""
        taken = self.peek()
        self._at += 1
        return taken

    def key(self) -> str:
        """Go over ``"key":``."""
        if self.peek() != '"':
            raise self.broken("a key in quotation marks was expected")
        key = self.value()
        if self.take() != ":":
            raise self.broken("a colon is missing")
        return str(key)

    def value(self) -> object:
        """Go over a value, reading on until it is whole."""
        wanted = PIECE
        while True:
            self.peek()
            self._require_few()
            try:
                value, end = _decoder.raw_decode(self._piece, self._at)
            except RecursionError as error:
                raise self.broken("nested too deeply") from error
            except json.JSONDecodeError as error:
                self._give_up(error)
            except ValueError as error:
                raise self.broken("a number is too long") from error
            else:
                # A number at the end of the piece may go on in the next one.
                if end < len(self._piece) or self._ended:
                    self._move(end)
                    return value
            self._read_on(wanted)
            wanted *= 2

    def broken(self, reason: str, line: int = 0) -> StudioError:
        """The trouble with this document."""
        return StudioError("json_broken", path=self._source.path, line=line or self.line, reason=reason)

    def _move(self, position: int) -> None:
        self.line += self._piece.count("\n", self._at, position)
        self._at = position

    def _require_few(self) -> None:
        """Before a long value is parsed: its parts take far more memory than its text."""
        signs = ",[{" if len(self._piece) - self._at > VALUES_LIMIT else ""
        if sum(self._piece.count(sign, self._at) for sign in signs) > VALUES_LIMIT:
            raise self.broken("too many values")

    def _give_up(self, error: json.JSONDecodeError) -> None:
        if self._ended:
            raise self.broken(error.msg, self.line + self._piece.count("\n", self._at, error.pos)) from error
        if len(self._piece) - self._at > VALUE_LIMIT:
            raise self.broken("one value is too long, or not closed") from error

    def _read_on(self, count: int) -> None:
        try:
            more = self._reader.read(count)
        except OSError as error:
            reason = error.strerror or str(error)
            raise StudioError("file_unreadable", path=self._source.path, reason=reason) from error
        self._piece, self._at, self._ended = self._piece[self._at :] + self._source.mended(more), 0, not more
