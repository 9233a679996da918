"""The sweep dialog: two options, their values, and the grid of runs that comes of it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QWidget

from studio.domain.run import RunGroup
from studio.gui.pages.train.sweep import Sweep
from studio.gui.pages.train.sweep_grid import SweepGrid
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr


class SweepDialog(QDialog):
    """``then`` puts the runs into the queue; it returns None when that was refused, and the dialog stays."""

    def __init__(
        self, state: Sweep, who: str, colour: str, then: Callable[[], RunGroup | None], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._state, self._then = state, then
        self.setWindowTitle(tr("Sweep"))
        self.setMinimumWidth(560)
        self.fields = [self._field(place) for place in range(len(state.axes))]
        self.pickers = [self._picker(place) for place in range(len(state.axes))]
        self.grid = SweepGrid(colour)
        self._words, self._trouble = label("", "h2"), label("", "bad", wrap=True)
        self.start = button(tr("Start"), "mdi6.play", primary=True, on_click=self._start)
        said = tr(
            "Every combination becomes a run of its own, with everything else as the form has it: {who}. They stand in "
            "the queue as one line, and end in one table.", who=who,
        )  # fmt: skip
        sides = [row(picker, field, spacing=10) for picker, field in zip(self.pickers, self.fields, strict=True)]
        foot = row(self._words, None, button(tr("Cancel"), on_click=self.reject), self.start)
        self.setLayout(column(
            label(tr("Sweep"), "h1"), label(said, "muted", wrap=True), 6, *sides, 4, self.grid, self._trouble, 4, foot,
            spacing=10, margins=(24, 20, 24, 18),
        ))  # fmt: skip
        self._show()

    def _picker(self, place: int) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(tr("Option to try"))
        made.setFixedWidth(190)
        for name, one in self._state.numbers().items():
            made.addItem(tr(one.label), name)
            made.setItemData(made.count() - 1, tr(one.help), Qt.ItemDataRole.ToolTipRole)
        made.setCurrentIndex(made.findData(self._state.axes[place].option.name))
        made.activated.connect(lambda _: self._choose(place, str(made.currentData())))
        return made

    def _field(self, place: int) -> QLineEdit:
        made = QLineEdit(self._state.axes[place].written)
        made.setAccessibleName(tr("Values to try, with commas between them"))
        made.setPlaceholderText(tr("Values, with commas between them"))
        made.textEdited.connect(lambda written: self._write(place, written))
        return made

    def _choose(self, place: int, name: str) -> None:
        self._state.choose(place, name)
        self.fields[place].setText(self._state.axes[place].written)
        self._show()

    def _write(self, place: int, written: str) -> None:
        self._state.write(place, written)
        self._show()

    def _show(self) -> None:
        self.grid.show_axes(self._state.axes)
        self._words.setText(self._state.words())
        trouble = self._state.trouble()
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        blocked = not self._state.count() or any(axis.problem for axis in self._state.axes)
        self.start.setEnabled(not blocked)

    def _start(self) -> None:
        if self._then() is not None:
            self.accept()
