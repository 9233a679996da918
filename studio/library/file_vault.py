"""Content-addressed files: named by the SHA-256 of what is in them, so the same content is stored once."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from studio import atomic_files
from studio.domain.errors import StudioError

_BLOCK = 1024 * 1024


class FileVault:
    """Files under ``folder/ab/cdef…``. Put a file before the row that names it."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self._read_only = read_only

    def put(self, content: bytes | Path) -> str:
        """Store bytes or a copy of a file; return its SHA-256. ``disk_full`` leaves everything as it was."""
        if self._read_only:
            raise StudioError("library_read_only")
        name = _hash_of(content)
        if not self.exists(name):
            self._store(name, content)
        return name

    def path(self, name: str) -> Path:
        """Return where the file called ``name`` is (or would be)."""
        if not _is_hash(name):
            raise ValueError(f"{name!r} is not a SHA-256")
        return self.folder / name[:2] / name[2:]

    def exists(self, name: str) -> bool:
        """True when the file is there."""
        return _is_hash(name) and self.path(name).is_file()

    def read(self, name: str) -> bytes:
        """Return the content; ``vault_file_broken`` when it is not what its name says."""
        path = self.path(name)
        if not path.is_file():
            raise StudioError("file_missing", path=str(path))
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != name:
            raise StudioError("vault_file_broken", path=str(path))
        return data

    def _store(self, name: str, content: bytes | Path) -> None:
        target = self.path(name)
        with atomic_files.disk_troubles(target):
            if not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                atomic_files.sync_folder(self.folder)
        found = hashlib.sha256()
        with atomic_files.writing(target) as file:
            for block in _blocks(content):
                found.update(block)
                file.write(block)
            if found.hexdigest() != name:
                raise StudioError("file_unreadable", path=str(content), reason="it changed while it was read")


def _is_hash(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def _hash_of(content: bytes | Path) -> str:
    found = hashlib.sha256()
    for block in _blocks(content):
        found.update(block)
    return found.hexdigest()


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    try:
        file: BinaryIO = content.open("rb")
    except FileNotFoundError as error:
        raise StudioError("file_missing", path=str(content)) from error
    except OSError as error:
        raise StudioError("file_unreadable", path=str(content), reason=str(error)) from error
    with file:
        while block := file.read(_BLOCK):
            yield block
