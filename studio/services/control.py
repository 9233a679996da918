"""Wishes from another process: a small file per wish, read by the program that holds the library."""

import logging
from collections.abc import Callable
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.errors import StudioError

_log = logging.getLogger(__name__)
WISHES = ("pause", "stop", "resume", "sample", "save")


def request(library: Path, run_id: str, wish: str) -> None:
    """Ask the program that has ``library`` open to do one of ``WISHES`` with a run."""
    if wish not in WISHES:
        raise ValueError(wish)
    folder = paths.control(library)
    folder.mkdir(parents=True, exist_ok=True)
    atomic_files.write_bytes(folder / f"{run_id}.{wish}", b"")


def take_wishes(library: Path, act: Callable[[str, str], None]) -> None:
    """Call ``act(run_id, wish)`` for every wish, oldest first. A wish that cannot be granted goes to the log."""
    waiting = [path for wish in WISHES for path in paths.control(library).glob(f"*.{wish}")]
    for path in sorted(waiting, key=_age):
        path.unlink(missing_ok=True)
        run_id, _, wish = path.name.rpartition(".")
        try:
            act(run_id, wish)
        except StudioError as error:
            _log.warning("the wish to %s %s was not granted: %s", wish, run_id, error)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
