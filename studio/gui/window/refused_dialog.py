"""Shown when the library cannot be opened: why, and what can be done about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from studio.domain.errors import StudioError
from studio.gui.widgets.basic import IconLabel, button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import sentence, tr


class RefusedDialog(QDialog):
    """Try again, or quit."""

    again = Signal()

    def __init__(self, error: StudioError, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("The library cannot be opened"))
        self.setMinimumWidth(520)
        self._wants_again = False
        again = button(tr("Try again"), "mdi6.restart", primary=True, on_click=self._try_again)
        leave = button(tr("Quit"), on_click=self.reject)
        self.setLayout(
            column(
                row(IconLabel("mdi6.book-lock-outline", "warn", 28), label(self.windowTitle(), "h1"), None, spacing=12),
                label(sentence(error), wrap=True, selectable=True), row(None, leave, again),
                spacing=14, margins=(24, 20, 24, 20),
            )
        )  # fmt: skip
        self.finished.connect(self._finished)

    def _try_again(self) -> None:
        self._wants_again = True
        self.accept()

    def _finished(self) -> None:
        if self._wants_again:
            self.again.emit()
            return
        parent = self.parentWidget()
        if parent is not None:
            parent.close()
        QApplication.quit()
