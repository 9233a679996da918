"""The way back to the window's thread, for the services (``Deliver`` of ``Studio.open``)."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class MainThread(QObject):
    """Make it on the window's thread; ``deliver`` may then be called from any thread."""

    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._came.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def deliver(self, act: Callable[[], None]) -> None:
        """Run ``act`` on the window's thread, soon, in the order of the calls."""
        self._came.emit(act)

    def _run(self, act: Callable[[], None]) -> None:
        act()
