"""Zip archives from strangers: judged by their table of contents first, then read one file at a time."""

import io
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from studio.domain.errors import StudioError
from studio.importers._source import MEGABYTE, Source

CONTENTS_LIMIT_MB = 16
"""Of the table of contents, which is read whole: some hundred thousand names."""
MEMBERS_LIMIT = 100_000
UNPACKED_LIMIT_MB = 4096
RATIO_LIMIT = 200
"""Chats and cards pack to a tenth, rarely to a fiftieth; what packs better than this is made to fill a disk."""
_SMALL = 8 * MEGABYTE
_BLOCK = 1024 * 1024
_ENCRYPTED = 0x1
_PLAIN_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others unfold without a limit that could be set beforehand."""
_TROUBLES = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, struct.error,
    OverflowError,
)  # fmt: skip
_DRIVE = re.compile(r"[A-Za-z]:[/\\\\]")
_DOCUMENTS = {
    "[Content_Types].xml": "Office",
    "META-INF/container.xml": "EPUB",
    "META-INF/manifest.xml": "OpenDocument",
}


class Member:
    """A file in an archive, in the shape that ``Source`` reads from; nothing is unpacked before it is asked for."""

    def __init__(self, archive: "Archive", name: str, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info
        self.name = name
        self.size = info.file_size

    def start(self, count: int) -> bytes:
        """The first bytes."""
        with self._archive.reading(), self._archive.zip.open(self._info) as file:
            return file.read(count)

    def open(self) -> BinaryIO:
        """The whole content, in memory when it is small, else in a file that is gone when it is closed."""
        with self._archive.reading(), self._archive.zip.open(self._info) as file:
            if self.size <= _SMALL:
                return io.BytesIO(file.read())
            with ExitStack() as unless_whole:
                unpacked = unless_whole.enter_context(tempfile.TemporaryFile())
                while block := file.read(_BLOCK):
                    unpacked.write(block)
                unpacked.seek(0)
                unless_whole.pop_all()
            return cast(BinaryIO, unpacked)


class Archive:
    """A zip. Everything about it that could hurt raises ``StudioError`` here, before a file in it is read.

    The file is only open while something is read from it: hundreds of archives may lie in a folder.
    """

    def __init__(self, source: Source) -> None:
        self.path = source.path
        self._name = source.name
        self._file = _PatientFile(source)
        with self.reading():
            self.zip = zipfile.ZipFile(cast(BinaryIO, self._file))
        self._members = {name: Member(self, name, info) for name, info in self._contents()}

    @property
    def members(self) -> list[Member]:
        """The files in it, folders left out."""
        return list(self._members.values())

    @property
    def start(self) -> int:
        """Where the first file of the archive begins: more than 0 when something stands before it."""
        return min((info.header_offset for info in self.zip.infolist()), default=0)

    def find(self, name: str) -> Member | None:
        """The file of this name."""
        return self._members.get(name)

    def source(self, member: Member) -> Source:
        """The file as importers read it; its path goes on below the archive's."""
        folder = PurePosixPath(member.name).parent
        return Source(
            self.path / member.name,
            stored=member,
            name=f"{self._name}/{member.name}",
            neighbour=lambda name: self.source(other) if (other := self.find(str(folder / name))) else None,
        )

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Whatever a broken archive makes the reader raise becomes one sentence."""
        try:
            yield
        except _TROUBLES as error:
            raise StudioError("archive_broken", path=self.path, reason=_reason(error)) from error
        finally:
            self._file.release()

    def require_modest(self, members: list[Member]) -> None:
        """Refuse an archive that unfolds to more than a disk or a memory should take."""
        infos = [member._info for member in members]
        if len(infos) > MEMBERS_LIMIT:
            raise StudioError("archive_too_many", path=self.path, count=len(infos), limit=MEMBERS_LIMIT)
        unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
        if unpacked > UNPACKED_LIMIT_MB * MEGABYTE:
            raise self._too_large(unpacked, UNPACKED_LIMIT_MB * MEGABYTE)
        for size, stored in [(unpacked, packed), *((info.file_size, info.compress_size) for info in infos)]:
            if size > _SMALL and size > RATIO_LIMIT * stored:
                raise self._too_large(size, max(_SMALL, RATIO_LIMIT * stored))

    def require_no_document(self) -> None:
        """Refuse what is packed as a zip but is a document to its owner."""
        for name, kind in _DOCUMENTS.items():
            if name in self._members:
                raise StudioError("archive_is_document", path=self.path, kind=kind)

    def _contents(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        for info in self.zip.infolist():
            if info.is_dir() or info.filename.endswith("\\"):
                continue
            if info.flag_bits & _ENCRYPTED:
                raise StudioError("archive_encrypted", path=self.path)
            if info.compress_type not in _PLAIN_PACKINGS:
                raise StudioError("archive_broken", path=self.path, reason="it is packed in an unusual way")
            yield self._safe_name(info.filename), info

    def _safe_name(self, name: str) -> str:
        """The name with forward slashes; one that leads out of the archive is no name of an honest file."""
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.parts or _DRIVE.match(name):
            raise StudioError("archive_name_unsafe", path=self.path, name=name[:120])
        return str(path)

    def _too_large(self, size: int, limit: int) -> StudioError:
        sizes = {"size": size // MEGABYTE, "limit": limit // MEGABYTE}
        return StudioError("archive_too_large", path=self.path, **sizes)


class _PatientFile:
    """What the zip reader takes for an open file. Opened when it is read from, let go of with ``release``.

    It is never read in one gulp: a table of contents says itself how long it is.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._file: BinaryIO | None = None
        self._position = 0

    def read(self, count: int = -1) -> bytes:
        """Read no more than the limit of a table of contents."""
        if count > CONTENTS_LIMIT_MB * MEGABYTE:
            raise ValueError("its table of contents is too long")
        self._file = self._file or self._source.open()
        self._file.seek(self._position)
        left = max(0, self._source.size - self._position)
        data = self._file.read(min(left, count if count >= 0 else CONTENTS_LIMIT_MB * MEGABYTE))
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; the end is known without opening."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._source.size}[whence]
        if start + offset < 0:
            raise OSError("a place before the beginning")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._position

    def seekable(self) -> bool:
        """Yes."""
        return True

    def release(self) -> None:
        """Close the file until it is read from again."""
        if self._file:
            self._file.close()
            self._file = None

    close = release


def looks_like_zip(source: Source) -> bool:
    """True for a file that begins as a zip does."""
    return source.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def member_path(path: Path) -> tuple[Path, str] | None:
    """Split a path that goes on below a file (``chats.zip/logs/one.jsonl``) into the file and the rest."""
    for parent in path.parents:
        if os.path.isfile(parent):
            return parent, path.relative_to(parent).as_posix()
        if os.path.exists(parent):
            return None
    return None


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
