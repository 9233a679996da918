"""One program per library: an exclusive lock of the operating system, which ends with the process however it ends."""

import os
import sys
from pathlib import Path

from studio.domain.errors import StudioError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _give(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    # flock, not lockf: a record lock would be lost when anything in this process closes the file.
    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class LibraryLock:
    """Held from construction to ``release``; ``library_in_use`` when another program holds it."""

    def __init__(self, folder: Path) -> None:
        try:
            self._descriptor = os.open(folder / "library.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StudioError("library_unreadable", path=str(folder), reason=str(error)) from error
        try:
            _take(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise StudioError("library_in_use", path=str(folder)) from error

    def release(self) -> None:
        """Let another program have the library."""
        _give(self._descriptor)
        os.close(self._descriptor)
