"""The sheet that lies over the window while files are dragged across it."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QFrame, QWidget

from studio.gui.widgets.basic import IconLabel, label, restyle
from studio.gui.widgets.layouts import column, row
from studio.texts import tr


def local_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders among what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropSheet(QFrame):
    """Says what dropping does."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        self.setProperty("active", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = tr("Nothing is written before you have seen what was understood.")
        self.setLayout(
            column(
                None,
                row(None, IconLabel("mdi6.tray-arrow-down", "accent", 48), None),
                row(None, label(tr("Drop to import"), "h1"), None),
                row(None, label(words, "muted"), None),
                None,
                spacing=10,
            )
        )
        self.hide()

    def cover(self) -> None:
        """Show it over the whole parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect().adjusted(8, 8, -8, -8))
        restyle(self)
        self.show()
        self.raise_()
