"""Doing something at once, but not more often than ten times a second, however often it is asked for."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

MILLISECONDS = 100


class Pace(QObject):
    """``ask`` does it now, or as soon as the last time is long enough ago; what was asked in between is done once."""

    def __init__(self, parent: QObject, act: Callable[[], object], milliseconds: int = MILLISECONDS) -> None:
        super().__init__(parent)
        self._act, self._least = act, milliseconds
        self._last = -1e9
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.now)

    def ask(self) -> None:
        """Do it, in time."""
        passed = (time.monotonic() - self._last) * 1000
        if passed >= self._least:
            self.now()
        elif not self._timer.isActive():
            self._timer.start(round(self._least - passed))

    def now(self) -> None:
        """Do it whatever the pace."""
        self._timer.stop()
        self._last = time.monotonic()
        self._act()
