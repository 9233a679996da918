"""A picture of the real window, taken by a process of its own: Qt and the library's lock stay apart from ours."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import studio
from studio.domain.errors import StudioError

SECONDS = 120
MODULE = "studio.gui.snapshot"


def take_picture(library: Path, chat_id: str, out: Path) -> dict[str, Any]:
    """Show the window with a chat, write it to ``out``; return what the process measured."""
    words = ["--library", str(library), "--out", str(out), "--chat", chat_id]
    command = [sys.executable, "-m", MODULE, *words]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, env=_environment()
        )
    except subprocess.TimeoutExpired as error:
        raise StudioError("window_not_shown", reason=f"it took more than {SECONDS} s") from error
    if done.returncode != 0:
        raise StudioError("window_not_shown", reason=_last_line(done.stderr))
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


def _environment() -> dict[str, str]:
    """Without a display Qt draws into memory; this very copy of the program is the one that is shown."""
    search = [str(Path(studio.__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, search)), "PYTHONUTF8": "1"}
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in displays):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    return environment


def _last_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
