"""The queue and the past: one line a run; choose one to look at it, delete one (with undo)."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from studio.gui.pages.train.presenter import RunRow
from studio.gui.widgets.basic import IconLabel, icon_button, label
from studio.gui.widgets.layouts import holder, row
from studio.gui.widgets.portrait import Portrait
from studio.texts import tr

_ROW_HEIGHT = 42


class RunList(QListWidget):
    """``portrait_of`` finds a persona's picture."""

    looked_at = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, portrait_of: Callable[[str], Path | None]) -> None:
        super().__init__()
        self._portrait_of = portrait_of
        self._rows: list[RunRow] = []
        self.setObjectName("clear")
        self.setAccessibleName(tr("Runs"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.currentRowChanged.connect(self._chosen)

    def show_rows(self, rows: list[RunRow], shown_id: str) -> None:
        """Show the runs; nothing is rebuilt when nothing changed."""
        self.blockSignals(True)
        if rows != self._rows:
            self._rows = rows
            self.clear()
            for one in rows:
                self._add(one)
        for number, one in enumerate(rows):
            if one.id == shown_id:
                self.setCurrentRow(number)
        self.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Delete moves the run to the trash."""
        if event.key() == Qt.Key.Key_Delete and 0 <= self.currentRow() < len(self._rows):
            if self._rows[self.currentRow()].deletable:
                self.delete_requested.emit(self._rows[self.currentRow()].id)
            return
        super().keyPressEvent(event)

    def _add(self, one: RunRow) -> None:
        item = QListWidgetItem()
        item.setSizeHint(QSize(100, _ROW_HEIGHT))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.title}, {one.line}")
        self.addItem(item)
        self.setItemWidget(item, self._widget(one))

    def _widget(self, one: RunRow) -> QWidget:
        name = one.title.split(" · ")[0]
        mark = IconLabel("mdi6.clock-outline" if one.waiting else "mdi6.fire", one.colour or "muted", 14)
        mark.setVisible(one.waiting or one.active)
        away = icon_button(
            "mdi6.trash-can-outline", tr("Delete {title}", title=one.title), lambda: self.delete_requested.emit(one.id)
        )
        away.setVisible(one.deletable)
        return holder(
            row(
                Portrait(26, name, one.colour, self._portrait_of(one.persona_id)),
                label(one.title),
                mark,
                label(one.line, "small"),
                None,
                away,
                spacing=10,
                margins=(6, 2, 6, 2),
            )  # fmt: skip
        )

    def _chosen(self, number: int) -> None:
        if 0 <= number < len(self._rows):
            self.looked_at.emit(self._rows[number].id)
