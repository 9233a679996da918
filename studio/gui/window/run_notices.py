"""A notification of the desktop when a run ends and the window is not in front: the tray's, a command's, or a mark."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QProcess, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from studio.domain.run import Run
from studio.gui.theme.icons import icon

Listen = Callable[[Callable[[Run], None]], Callable[[], None]]
"""Takes who wants to hear of runs that ended; returns how to stop hearing."""
Words = Callable[[Run], tuple[str, str]]
"""Title and text of what is said about a run."""
SHOWN_MS = 15_000


class Notifier(Protocol):
    """A way to reach somebody who looks elsewhere."""

    def tell(self, title: str, text: str, clicked: Callable[[], None]) -> bool:
        """Show it; False where this way does not exist here."""


class TrayNotifier:
    """Windows, macOS and desktops with a tray. The icon is there only as long as the message."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def tell(self, title: str, text: str, clicked: Callable[[], None]) -> bool:
        """Show a message at the tray."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return False
        self._hide()
        tray = self._tray = QSystemTrayIcon(icon("mdi6.drama-masks", "#8ea6ff"), self._window)
        tray.messageClicked.connect(clicked)
        tray.activated.connect(lambda _: clicked())
        tray.show()
        tray.showMessage(title, text, tray.icon(), SHOWN_MS)
        QTimer.singleShot(2 * SHOWN_MS, tray, self._hide)
        return True

    def _hide(self) -> None:
        if self._tray is not None:
            self._tray.hide()
            self._tray.deleteLater()
            self._tray = None


class CommandNotifier:
    """Linux desktops without a tray: the command that comes with their notifications."""

    def tell(self, title: str, text: str, clicked: Callable[[], None]) -> bool:
        """Hand it to ``notify-send``."""
        command = shutil.which("notify-send")
        if not sys.platform.startswith("linux") or command is None or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return False
        started = QProcess.startDetached(command, ["--app-name=Persona Studio", "--", title, text])
        return bool(started[0] if isinstance(started, tuple) else started)


class MarkNotifier:
    """Where nothing else is: the window's entry in the task bar asks for attention."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def tell(self, title: str, text: str, clicked: Callable[[], None]) -> bool:
        """Mark the window."""
        QApplication.alert(self._window)
        return True


class RunNotices:
    """Listens to the queue (``listen``); whether it is told at all is a setting that the service looks at."""

    def __init__(
        self,
        listen: Listen,
        words: Words,
        window: QWidget,
        show_run: Callable[[str], None],
        ways: tuple[Notifier, ...] = (),
    ) -> None:
        self._words, self._window, self._show_run = words, window, show_run
        self._ways = ways or (TrayNotifier(window), CommandNotifier(), MarkNotifier(window))
        self.stop = listen(self._ended)

    def _ended(self, run: Run) -> None:
        if self._window.isActiveWindow():
            return
        title, text = self._words(run)
        for way in self._ways:
            if way.tell(title, text, lambda: self._come(run.id)):
                return

    def _come(self, run_id: str) -> None:
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self._show_run(run_id)
