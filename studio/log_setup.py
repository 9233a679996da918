"""Logs of the app: files that rotate in the library's log folder. Never the text of chats or datasets."""

import logging
import logging.handlers
import os
from pathlib import Path

APP_LOG = "app.log"
ENGINE_LOG = "engine.log"
LIMIT = 1024 * 1024
KEPT = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(folder: Path, *, verbose: bool = False) -> Path:
    """Log this program into ``folder``; a second call moves the log there. Returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / APP_LOG
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LIMIT, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.set_name(APP_LOG)
    stop_logging()
    logging.getLogger("studio").addHandler(handler)
    logging.getLogger("studio").setLevel(logging.DEBUG if verbose else logging.INFO)
    return path


def stop_logging() -> None:
    """Close the log file, so that its folder can be removed."""
    logger = logging.getLogger("studio")
    for handler in [one for one in logger.handlers if one.get_name() == APP_LOG]:
        logger.removeHandler(handler)
        handler.close()


def rotate(path: Path, limit: int = LIMIT, kept: int = KEPT) -> None:
    """Move a log that another process writes out of the way once it is over ``limit`` bytes."""
    if not path.exists() or path.stat().st_size <= limit:
        return
    for number in range(kept, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
        if newer.exists():
            os.replace(newer, older)


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log, or nothing when there is no log yet."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64 * 1024))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
