"""Asking when a run shall start: as soon as possible, or at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QWidget

from studio.gui.pages.train.when import as_kept, tonight
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.steady import steady
from studio.texts import tr


class MomentEdit(QDateTimeEdit):
    """A moment in the user's own time."""

    def __init__(self, moment: str, now: datetime) -> None:
        super().__init__()
        self.setAccessibleName(tr("When to start"))
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd  HH:mm")
        self.show_moment(moment, now)

    def show_moment(self, moment: str, now: datetime) -> None:
        """Show a moment (ISO 8601), or tonight."""
        shown = datetime.fromisoformat(moment).astimezone() if moment else tonight(now)
        self.setDateTime(QDateTime.fromSecsSinceEpoch(int(shown.timestamp())))

    def moment(self) -> str:
        """As the queue keeps it."""
        return as_kept(datetime.fromtimestamp(self.dateTime().toSecsSinceEpoch()).astimezone())


class ScheduleDialog(QDialog):
    """``then(moment)``; nothing is as soon as possible."""

    def __init__(
        self, title: str, moment: str, now: datetime, then: Callable[[str], object], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._then = then
        self.setWindowTitle(tr("Start at a time"))
        self.setMinimumWidth(400)
        self.moment = MomentEdit(moment, now)
        steady(self.moment)
        quick = row(
            button(tr("In an hour"), on_click=lambda: self._take(now.astimezone() + timedelta(hours=1))),
            button(tr("At 23:00"), on_click=lambda: self._take(tonight(now))), None,
        )  # fmt: skip
        said = tr("It waits in the queue until then; what stands behind it may go first.")
        self.soon = button(tr("As soon as possible"), on_click=lambda: self._tell(""))
        self.set = button(
            tr("Set"), "mdi6.clock-outline", primary=True, on_click=lambda: self._tell(self.moment.moment())
        )
        self.setLayout(column(
            label(tr("Start at a time"), "h1"), label(title, "muted"), 4, self.moment, quick,
            label(said, "small", wrap=True), 8,
            row(self.soon, None, button(tr("Cancel"), on_click=self.reject), self.set),
            spacing=10, margins=(24, 20, 24, 18),
        ))  # fmt: skip

    def _take(self, moment: datetime) -> None:
        self.moment.show_moment(as_kept(moment), moment)

    def _tell(self, moment: str) -> None:
        self._then(moment)
        self.accept()
