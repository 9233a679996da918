"""Files that are there whole or not at all: written under another name, synced, renamed, and the rename synced."""

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from studio.domain.errors import StudioError

PARTIAL_PREFIX = ".partial-"
"""Names of files and folders that are not whole yet. Those left by a dead program are removed at the next start."""

UNFINISHED = (f"{PARTIAL_PREFIX}*", ".staging-*", "*.staging")
"""All names of unfinished things: ours, and those of the engine's staged folders."""

_NO_SPACE = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def partial_path(folder: Path) -> Path:
    """Return an unused name in ``folder`` for something that is not whole yet."""
    return folder / f"{PARTIAL_PREFIX}{secrets.token_hex(8)}"


@contextmanager
def writing(target: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; at the end of the block it is ``target``. After an error nothing has changed."""
    partial = partial_path(target.parent)
    with disk_troubles(target):
        try:
            with partial.open("xb") as file:
                yield file
                file.flush()
                sync_file(file.fileno())
            os.replace(partial, target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)


def write_bytes(target: Path, data: bytes) -> None:
    """Write a whole file."""
    with writing(target) as file:
        file.write(data)


def place_file(staged: Path, target: Path) -> None:
    """Make a finished file (see ``partial_path``) the new ``target`` in one step."""
    with disk_troubles(target):
        with staged.open("rb+") as handle:
            sync_file(handle.fileno())
        os.replace(staged, target)
        sync_folder(target.parent)


def place_folder(staged: Path, target: Path) -> None:
    """Make a finished folder (see ``partial_path``) the new ``target`` in one step, its files synced first."""
    with disk_troubles(target):
        for file in staged.rglob("*"):
            if file.is_file():
                with file.open("rb+") as handle:
                    sync_file(handle.fileno())
        os.replace(staged, target)
        sync_folder(target.parent)


def remove_partials(folder: Path, before: float) -> list[Path]:
    """Remove unfinished files and folders in ``folder`` that are older than ``before`` (seconds since the epoch)."""
    if not folder.is_dir():
        return []
    left = [path for name in UNFINISHED for path in folder.glob(name) if path.lstat().st_mtime < before]
    for path in left:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return left


def sync_file(descriptor: int) -> None:
    """Wait until a file's content is on the disk."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's cache there
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk. Windows has no such call: its file system journals them."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_troubles(target: Path) -> Iterator[None]:
    """Turn a full disk into ``StudioError``."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StudioError("disk_full", path=str(target)) from error
        raise
