"""The record of a run: what it learned from, how, where and with what; its log; all of it as text to keep."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from studio.gui.pages.train.run.record import LogLine, RecordRow, RecordSection
from studio.gui.widgets.basic import button, label, link, scrolling
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.texts import tr

_LABEL_WIDTH, _VALUE_WIDTH = 168, 150
_MOST_LOG_LINES = 14


class RecordView(QWidget):
    """``link_wished`` tells where a line's button leads; ``copy_wished`` what goes to the clipboard ("": all)."""

    link_wished = Signal(str)
    copy_wished = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._shown: tuple[object, ...] = ()
        inner = QWidget()
        self._place = column(spacing=4, margins=(0, 0, 10, 4))
        inner.setLayout(self._place)
        self._area = scrolling(inner)
        copy = button(tr("Copy as text"), "mdi6.content-copy", quiet=True, on_click=lambda: self.copy_wished.emit(""))
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName(tr("Log of the run"))
        self.log.setTabChangesFocus(True)
        whole = column(self._area, row(None, copy), spacing=4)
        whole.setStretch(0, 1)
        self.setLayout(whole)

    def show_record(self, parts: Sequence[RecordSection], lines: Sequence[LogLine]) -> None:
        """Show a record; nothing is rebuilt when nothing changed."""
        shown = (tuple(parts), tuple(lines))
        if shown == self._shown:
            return
        self._shown = shown
        place = self._area.verticalScrollBar().value()
        self.log.setParent(None)
        clear(self._place)
        for part in parts:
            self._place.addWidget(label(part.title, "h2"))
            self._place.addWidget(self._grid(part.rows))
            self._place.addSpacing(10)
        self._add_log(lines)
        self._place.addStretch(1)
        self._area.verticalScrollBar().setValue(place)

    def _grid(self, rows: Sequence[RecordRow]) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        grid.setColumnStretch(2, 1)
        for number, one in enumerate(rows):
            self._add_row(grid, number, one)
        return holder(grid)

    def _add_row(self, grid: QGridLayout, number: int, one: RecordRow) -> None:
        name = label(one.label, "small", wrap=True)
        name.setFixedWidth(_LABEL_WIDTH)
        value = label(one.value, "mono" if one.link == "copy" else "", wrap=True, selectable=True)
        value.setAccessibleName(f"{one.label}: {one.value}")
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(name, number, 0, top)
        if one.why:
            value.setFixedWidth(_VALUE_WIDTH)
            grid.addWidget(value, number, 1, top)
            grid.addWidget(label(one.why, "small", wrap=True), number, 2, top)
        else:
            made = row(value, *self._buttons(one), spacing=6)
            made.setStretch(0, 1)
            grid.addLayout(made, number, 1, 1, 2)

    def _buttons(self, one: RecordRow) -> list[QWidget]:
        if one.link == "copy":
            return [link(tr("Copy"), lambda: self.copy_wished.emit(one.value))]
        if one.link:
            return [link(tr("Open data"), lambda: self.link_wished.emit(one.link))]
        return []

    def _add_log(self, lines: Sequence[LogLine]) -> None:
        self._place.addWidget(label(tr("Log"), "h2"))
        said = [
            "  ".join(word for word in (one.when, "⚠" if one.warning else "", one.step, one.words) if word)
            for one in lines
        ]
        self.log.setPlainText("\n".join(said) or tr("Nothing was written down yet."))
        height = QFontMetrics(self.log.font()).lineSpacing() * (min(max(len(said), 2), _MOST_LOG_LINES) + 1) + 22
        self.log.setFixedHeight(height)
        self._place.addWidget(self.log)
        self.log.show()
