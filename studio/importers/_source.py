"""A file on its way in: its head, its bytes and its lines, read late and never without a limit."""

import codecs
import io
import stat
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from studio.domain.errors import StudioError
from studio.importers._wording import clean

MEGABYTE = 1024 * 1024
HEAD_BYTES = 64 * 1024
LINE_LIMIT = 8 * MEGABYTE
"""Characters in one line; a longer one is no line of a dialogue."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Stored(Protocol):
    """A content that is no file of its own, such as one in an archive."""

    size: int

    def start(self, count: int) -> bytes:
        """The first bytes."""

    def open(self) -> BinaryIO:
        """The whole content, from its beginning; what cannot be read is a ``StudioError``."""


class Source:
    """``guessed_lines`` counts the lines of the latest reading that were not UTF-8 but taken for Windows-1252.

    ``stored``: where the content is, when ``path`` is no file on the disk but goes on below one. Open it here, not by
    its path.
    """

    def __init__(
        self,
        path: Path,
        *,
        stored: Stored | None = None,
        name: str = "",
        neighbour: "Callable[[str], Source | None] | None" = None,
    ) -> None:
        self.path = path
        self._neighbour = neighbour
        self.guessed_lines = 0
        self._stored = stored
        self._name = name or path.name

    @property
    def is_file(self) -> bool:
        """True when ``path`` is a file of its own."""
        return self._stored is None

    @cached_property
    def size(self) -> int:
        """Bytes in the file; ``StudioError`` when it is missing or no ordinary file."""
        if self._stored:
            return self._stored.size
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise StudioError("file_missing", path=self.path) from error
        except OSError as error:
            raise self._unreadable(error) from error
        if not stat.S_ISREG(found.st_mode):
            raise StudioError("file_unreadable", path=self.path, reason="it is not an ordinary file")
        return found.st_size

    @property
    def name(self) -> str:
        """The file's name, fit to be stored; in an archive, with the archive's before it."""
        return clean(self._name)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KB."""
        if self._stored:
            return self._stored.start(HEAD_BYTES)
        with self.open() as file:
            return self._careful_read(file, HEAD_BYTES)

    def beside(self, name: str) -> "Source | None":
        """The file of this name in the same folder, of the disk or of the archive, if there is one."""
        if self._neighbour or self._stored:
            return self._neighbour(name) if self._neighbour else None
        path = self.path.with_name(name)
        return Source(path) if path.is_file() else None

    def forget_head(self) -> None:
        """Let go of what was only kept for sniffing: thousands of files wait for their turn at once."""
        for kept in ("head", "head_text"):
            self.__dict__.pop(kept, None)

    @cached_property
    def head_text(self) -> str:
        """The head as text, for sniffing only: undecodable bytes become replacement marks."""
        return self.head.decode(self.encoding, errors="replace").removeprefix("\ufeff")

    @cached_property
    def encoding(self) -> str:
        """The encoding that the byte order mark names; UTF-8 without one."""
        return next((name for mark, name in _MARKS if self.head.startswith(mark)), "utf-8")

    def open(self) -> BinaryIO:
        """Open for reading; the system's refusals become sentences."""
        if self._stored:
            return self._stored.open()
        if self.size < 0:
            raise StudioError("file_missing", path=self.path)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error

    def require_at_most(self, megabytes: int) -> None:
        """Refuse a file over the limit without reading it."""
        if self.size > megabytes * MEGABYTE:
            raise StudioError("file_too_large", path=self.path, size=self.size // MEGABYTE, limit=megabytes)

    def whole(self, *, limit_mb: int) -> bytes:
        """Return the whole file, if it is within the limit."""
        self.require_at_most(limit_mb)
        with self.open() as file:
            return self._careful_read(file, limit_mb * MEGABYTE)

    def text(self, *, limit_mb: int) -> str:
        """Return the whole file as text; what is not UTF-8 is read line by line as Windows-1252."""
        self.guessed_lines = 0
        return self.mended(self.whole(limit_mb=limit_mb).decode(self.encoding, errors=self.errors))

    def lines(self, *, limit_mb: int) -> Iterator[tuple[int, str]]:
        """Yield (number from 1, line without its end), holding only one line in memory."""
        self.require_at_most(limit_mb)
        self.guessed_lines = 0
        with self.open() as file, io.TextIOWrapper(file, encoding=self.encoding, errors=self.errors) as reader:
            number = 0
            while line := self._next_line(reader, number + 1):
                number += 1
                yield number, self.mended(line.rstrip("\n"))

    def _next_line(self, reader: io.TextIOWrapper, number: int) -> str:
        try:
            line = reader.readline(LINE_LIMIT + 1)
        except OSError as error:
            raise self._unreadable(error) from error
        if len(line) > LINE_LIMIT:
            raise StudioError(
                "dataset_invalid", path=self.path, line=number, reason=f"longer than {LINE_LIMIT // MEGABYTE} MB"
            )
        return line

    @property
    def errors(self) -> str:
        """How a decoder treats bytes that its encoding does not know; ``mended`` makes them readable."""
        # Escaped bytes can be found again and read as Windows-1252; the wide encodings cannot escape them.
        return "surrogateescape" if self.encoding.startswith("utf-8") else "replace"

    def mended(self, text: str) -> str:
        """Return the text with bytes that were no UTF-8 read as Windows-1252; such lines are counted."""
        if text.isascii() or not self.errors.startswith("surrogate"):
            return text
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "\n".join(self._mended_line(line) for line in text.split("\n"))
        return text

    def _mended_line(self, line: str) -> str:
        raw = line.encode("utf-8", errors="surrogateescape")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.guessed_lines += 1
            return raw.decode("cp1252", errors="replace")

    def _careful_read(self, file: BinaryIO, limit: int) -> bytes:
        try:
            return file.read(limit)
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> StudioError:
        return StudioError("file_unreadable", path=self.path, reason=error.strerror or str(error))
