"""Starting the engine process: pipes, its log, and a tie that ends it with its parent."""

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.log_setup import rotate

_log = logging.getLogger(__name__)
LOG_LIMIT = 2 * 1024 * 1024
PACKAGE_PARENT = Path(__file__).resolve().parent.parent.parent


def default_command() -> list[str]:
    """The command that starts this program's own engine, also from a frozen executable."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--engine"]
    return [sys.executable, "-m", "studio", "--engine"]


def launch(command: Sequence[str], log_path: Path) -> "subprocess.Popen[bytes]":
    """Start the engine; its words come on stdout, its log goes to ``log_path``. ``OSError`` when it cannot start.

    The tie to the parent: stdin ends everywhere; on Windows a job object kills it as well; on Linux the engine
    itself asks for a parent-death signal (a hook between fork and exec is not safe in a program with threads).
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    rotate(log_path, LOG_LIMIT)
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(),
            creationflags=_creation_flags(),
            # A group of its own: Ctrl+C in a terminal is for the program, which then lets a run write a checkpoint.
            process_group=None if sys.platform == "win32" else 0,
        )
    _tie_to_parent(process)
    return process


def _environment() -> dict[str, str]:
    """UTF-8 everywhere, no network by accident, and this very copy of the program on the path."""
    search = [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
        "PYTHONSAFEPATH": "1",  # a torch.py in the folder where the program was started is nobody's torch
        "PYTHONUTF8": "1",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def _tie_to_parent(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        from studio.engine_client.windows_job import tie

        try:
            tie(process)
        except OSError:
            _log.exception("the engine could not be tied to this program; it still ends when its input ends")
