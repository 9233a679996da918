"""Work under way in one line, with its progress and a way to give it up; or what went wrong with it."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QProgressBar

from studio.gui.pages.models.presenter import Working
from studio.gui.widgets.basic import IconLabel, button, icon_button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr


class WorkBar(QFrame):
    """Hidden while there is nothing to tell."""

    def __init__(self, on_cancel: Callable[[], None], on_dismiss: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._words, self._trouble = label(""), label("", "bad", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress"))
        self.cancel = button(tr("Cancel"), "mdi6.close", on_click=on_cancel)
        self._alert = IconLabel("mdi6.alert-circle-outline", "bad", 18)
        self._away = icon_button("mdi6.close", tr("Close this notice"), on_dismiss)
        words = row(self._alert, self._trouble, self._words, None, spacing=8)
        words.setStretch(1, 1)
        whole = row(column(words, self._bar, spacing=8), self.cancel, self._away, spacing=12, margins=(16, 10, 12, 10))
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self.hide()

    def show_work(self, working: Working | None, trouble: str) -> None:
        """Show what goes on, else what went wrong, else nothing."""
        self.setVisible(working is not None or bool(trouble))
        for part in (self._words, self._bar, self.cancel):
            part.setVisible(working is not None)
        for part in (self._alert, self._trouble, self._away):
            part.setVisible(working is None)
        self._trouble.setText(trouble)
        if working is not None:
            self._words.setText(working.words)
            self._bar.setAccessibleDescription(working.words)
            self._bar.setRange(0, 1000 if working.share >= 0 else 0)
            self._bar.setValue(round(max(working.share, 0) * 1000))
