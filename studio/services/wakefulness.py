"""Keeping the computer from falling asleep while a run works: asked of the system, and always given back."""

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from typing import Any, Protocol

_log = logging.getLogger(__name__)
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # SetThreadExecutionState
_PATIENCE = 2.0


class Grip(Protocol):
    """One system's way. Both calls come on the app's thread."""

    def take(self) -> None:
        """Ask the system to stay awake; raise ``OSError`` when it cannot be asked."""

    def let_go(self) -> None:
        """Take the wish back."""


class WindowsGrip:
    """The wish belongs to the thread that made it, and ends with it."""

    def __init__(self, kernel: Any = None) -> None:
        self._kernel = kernel or getattr(ctypes, "windll").kernel32  # noqa: B009  (not there on other systems)

    def take(self) -> None:
        """Forbid sleep; the screen may go dark."""
        if not self._kernel.SetThreadExecutionState(_CONTINUOUS | _SYSTEM_REQUIRED):
            raise OSError("SetThreadExecutionState refused")

    def let_go(self) -> None:
        """Leave sleeping to the system again."""
        self._kernel.SetThreadExecutionState(_CONTINUOUS)


class ProcessGrip:
    """A small process that holds the wish: it ends when told to, and also when this program is gone."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def take(self) -> None:
        """Start it. It reads from a pipe of ours, so that our end, however it comes, is its end."""
        nowhere = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere)

    def let_go(self) -> None:
        """End it and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class NoGrip:
    """A system that offers nothing."""

    def take(self) -> None:
        """Nothing to do."""

    def let_go(self) -> None:
        """Nothing to do."""


class Wakefulness:
    """``want(True)`` while there is work, ``want(False)`` when there is none. What fails is logged, and no more."""

    def __init__(self, grip: Grip | None = None) -> None:
        self._grip = grip
        self.held = False

    def want(self, awake: bool) -> None:
        """Hold the system awake, or let it go; asking twice does nothing."""
        if awake is self.held:
            return
        self.held = awake
        try:
            if self._grip is None:
                self._grip = system_grip()
            self._grip.take() if awake else self._grip.let_go()
        except (OSError, AttributeError) as error:
            _log.warning("the computer could not be %s: %r", "kept awake" if awake else "left to sleep again", error)


def system_grip(platform: str = sys.platform) -> Grip:
    """The way of this system."""
    if platform == "win32":
        return WindowsGrip()
    if platform == "darwin":
        return ProcessGrip(["caffeinate", "-i", "-w", str(os.getpid())])
    inhibit = shutil.which("systemd-inhibit")
    if inhibit is None:
        _log.info("systemd-inhibit is not here, so the computer may fall asleep while a run works")
        return NoGrip()
    why = ["--what=sleep:idle", "--mode=block", "--who=Persona Studio", "--why=A training is under way"]
    return ProcessGrip([inhibit, *why, "cat"])
