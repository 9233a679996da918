"""The engine never outlives the app: stdin's end everywhere, the kernel's signal on Linux, a job object on Windows."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies (prctl(2)); elsewhere the wire and the launcher see to it."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died while we asked
        sys.exit(1)
