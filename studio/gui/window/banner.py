"""The banner at the top of the window: what happened to the engine, until it is dismissed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from studio.gui.widgets.basic import IconLabel, button, icon_button, label
from studio.gui.widgets.layouts import row
from studio.texts import tr


class Banner(QFrame):
    """Hidden until ``tell``; a notice that was dismissed is not shown again until another one came."""

    details_requested = Signal()
    restart_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._shown = self._dismissed = ("", 0)
        self._words = label("", wrap=True, selectable=True)
        self._restart = button(tr("Start the engine"), "mdi6.restart", on_click=self.restart_requested.emit)
        self._restart.hide()
        details = button(tr("Details"), on_click=self.details_requested.emit)
        dismiss = icon_button("mdi6.close", tr("Dismiss"), self._dismiss)
        self.setLayout(
            row(
                IconLabel("mdi6.alert-circle-outline", "bad", 20), self._words, self._restart, details, dismiss,
                spacing=12, margins=(18, 8, 14, 8),
            )
        )  # fmt: skip
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self.hide()

    def tell(self, notice: str, can_restart: bool = False, number: int = 0) -> None:
        """Show a notice; an empty one takes it away. ``can_restart``: the engine waits to be started by hand.

        ``number`` tells notices of the same words apart.
        """
        self._restart.setVisible(can_restart)
        self._shown = (notice, number)
        if not notice:
            self._dismissed = self._shown
            self.hide()
        elif self._shown != self._dismissed:
            self._words.setText(notice)
            self.setAccessibleName(notice)
            self.show()

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def _dismiss(self) -> None:
        self._dismissed = self._shown
        self.hide()
