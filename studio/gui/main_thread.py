"""The way back to the window's thread, for the services (``Deliver`` of ``Studio.open``)."""

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

PATIENCE = 0.008
"""Seconds of deliveries after which the window may paint and hear its user, before the rest is delivered."""


class MainThread(QObject):
    """Make it on the window's thread; ``deliver`` may then be called from any thread."""

    _came = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._acts: deque[Callable[[], None]] = deque()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._run)
        self._came.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def deliver(self, act: Callable[[], None]) -> None:
        """Run ``act`` on the window's thread, soon, in the order of the calls."""
        self._acts.append(act)
        self._came.emit()

    def _run(self) -> None:
        """Do what came, but not all of a flood at once: Qt would let nothing else in between."""
        if self._rest.isActive():
            return
        until = time.perf_counter() + PATIENCE
        try:
            while self._acts and time.perf_counter() < until:
                self._acts.popleft()()
        finally:  # an act that failed is a bug of its own; the others come nevertheless
            if self._acts:
                self._rest.start(0)
