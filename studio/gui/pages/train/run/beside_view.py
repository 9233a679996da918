"""Two runs side by side: both curves in one picture, and every fact, with what differs marked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from studio.gui.pages.train.run.beside import Beside, BesideRow
from studio.gui.theme import tokens
from studio.gui.theme.switcher import switcher
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.loss_curve import LossCurve
from studio.gui.widgets.steady import steady
from studio.texts import tr


class BesideView(QWidget):
    """``other_chosen`` tells the id of the other run; ``open_wished`` asks to look at it."""

    other_chosen = Signal(str)
    open_wished = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._others: list[tuple[str, str]] = []
        self._rows: Sequence[BesideRow] = ()
        self.picker = QComboBox()
        self.picker.setAccessibleName(tr("Run to compare with"))
        self.picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.picker.setMinimumContentsLength(6)
        self.picker.activated.connect(lambda _: self.other_chosen.emit(self.picker.currentData()))
        self.open = button(tr("Look at it"), quiet=True, on_click=self._open, tip=tr("Show the other run's page"))
        self.only = QCheckBox(tr("Only what differs"))
        self.only.setChecked(True)
        self.only.toggled.connect(lambda _: self._write())
        self.words = label("", "small", wrap=True)
        self.curve = LossCurve(tr("Neither of the two has made a step yet."))
        self.table = self._make_table()
        self._keys = (label("━", "small"), label("", "small"), label("╍", "small"), label("", "small"))
        self._build()
        switcher().theme_changed.connect(self._write)
        steady(self)

    def _make_table(self) -> QTableWidget:
        made = QTableWidget(0, 3)
        made.setObjectName("clear")
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setAccessibleName(tr("Facts of both runs"))
        made.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        made.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        made.setTabKeyNavigation(False)
        made.setShowGrid(False)
        made.setWordWrap(True)
        made.verticalHeader().hide()
        made.verticalHeader().setDefaultSectionSize(27)
        made.setStyleSheet("QTableWidget::item { padding: 0 6px; } QHeaderView::section { padding: 4px 8px; }")
        for part, mode in enumerate((QHeaderView.ResizeMode.ResizeToContents, *[QHeaderView.ResizeMode.Stretch] * 2)):
            made.horizontalHeader().setSectionResizeMode(part, mode)
        made.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        made.horizontalHeader().setHighlightSections(False)
        return made

    def _build(self) -> None:
        top = row(label(tr("Beside"), "small"), self.picker, self.open, self.only, spacing=10)
        top.setStretch(1, 1)
        keys = row(*self._keys, None, spacing=5)
        whole = column(top, self.curve, keys, self.words, self.table, spacing=7)
        whole.setStretch(1, 5)
        whole.setStretch(4, 4)
        self.setLayout(whole)

    def offer(self, others: list[tuple[str, str]], chosen: str) -> None:
        """Runs that can be chosen (id, title)."""
        if others != self._others:
            self._others = others
            self.picker.clear()
            for key, title in others:
                self.picker.addItem(title, key)
        self.picker.setCurrentIndex(self.picker.findData(chosen))
        for part in (self.picker, self.open, self.only, self.table, self.curve, *self._keys):
            part.setVisible(bool(others))
        if not others:
            self.words.setText(tr("There is no other run to compare with yet."))

    def show_beside(self, shown: Beside) -> None:
        """Show both."""
        first, second = shown.first, shown.second
        self.curve.show_points(first.train, first.heldout, total_steps=shown.total_steps, colour=first.colour)
        self.curve.show_beside(second.train, second.heldout, second.colour, (first.title, second.title))
        for key, colour in ((self._keys[0], first.colour), (self._keys[2], second.colour)):
            key.setStyleSheet(f"color: {tokens.readable(colour, tokens.current().surface, 3.0)};")
        self._keys[1].setText(first.title)
        self._keys[3].setText(second.title)
        self.words.setText(shown.words)
        titles = [tr("Fact"), first.title, second.title]
        self.table.setHorizontalHeaderLabels(titles)
        if shown.rows != self._rows:
            self._rows = shown.rows
            self._write()

    def _write(self) -> None:
        rows = [one for one in self._rows if one.differs or not self.only.isChecked()]
        self.table.setRowCount(len(rows))
        for number, one in enumerate(rows):
            marked = one.differs and not self.only.isChecked()
            for place, words in enumerate((one.label, one.first, one.second)):
                self.table.setItem(number, place, _item(words, place, marked))

    def _open(self) -> None:
        self.open_wished.emit(self.picker.currentData() or "")


def _item(words: str, place: int, differs: bool) -> QTableWidgetItem:
    """What differs is marked by ground and weight: never by colour alone; not where nothing else is shown."""
    theme = tokens.current()
    made = QTableWidgetItem(words or "–")
    made.setToolTip(words)
    if place == 0:
        made.setForeground(QBrush(QColor(theme.muted)))
    elif differs:
        made.setBackground(QBrush(QColor(theme.accent_ground)))
        weighty = QFont(made.font())
        weighty.setBold(True)
        made.setFont(weighty)
    return made
