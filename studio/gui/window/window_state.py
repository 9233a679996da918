"""What must be known before the library is open: the window's place and its last theme, in a small file beside it."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QWidget

FILE = "window.ini"


class WindowState:
    """Losing the file costs nothing but the window's place."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._values = QSettings(str(library / FILE), QSettings.Format.IniFormat)

    def theme(self) -> str:
        """The theme that was wished for last: system, light or dark."""
        wish = str(self._values.value("theme", "system"))
        return wish if wish in ("light", "dark") else "system"

    def keep_theme(self, wish: str) -> None:
        """Remember the wish."""
        self._write("theme", wish)

    def restore(self, window: QWidget) -> None:
        """Put the window where it was, or give it a good first size."""
        geometry = self._values.value("geometry")
        if not (isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)):
            window.resize(1280, 800)

    def keep(self, window: QWidget) -> None:
        """Remember where the window is."""
        self._write("geometry", window.saveGeometry())

    def _write(self, name: str, value: object) -> None:
        if self._library.is_dir():
            self._values.setValue(name, value)
            self._values.sync()
