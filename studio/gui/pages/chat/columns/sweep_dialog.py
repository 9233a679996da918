"""Strength sweep: one adapter at several strengths, side by side."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QWidget

from studio.gui.pages.chat.columns import strength_sweep as sweep
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.number_box import padded
from studio.gui.widgets.steady import steady
from studio.gui.widgets.strength_slider import MAXIMUM
from studio.texts import tr


class StrengthSweepDialog(QDialog):
    """``then`` hears the strengths."""

    def __init__(self, who: str, then: Callable[[list[float]], object], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._then = then
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Strength sweep"))
        self.setMinimumWidth(480)
        self.low, self.high = self._field(tr("From"), sweep.FROM), self._field(tr("To"), sweep.TO)
        self.step = self._field(tr("Step"), sweep.STEP)
        self.step.setMinimum(0.05)
        self._shown, self._trouble = label("", "h2", wrap=True), label("", "bad", wrap=True)
        self.start = button(tr("Sweep"), "mdi6.stairs", primary=True, on_click=self._go)
        said = tr(
            "{who} stands in all columns, from a whisper to more than was trained. The columns that are open now step "
            "aside, and one click brings them back.", who=who,
        )  # fmt: skip
        fields = row(*(column(label(one.accessibleName(), "small"), one, spacing=4)
                       for one in (self.low, self.high, self.step)), None, spacing=12)  # fmt: skip
        foot = row(None, button(tr("Cancel"), on_click=self.reject), self.start)
        self.setLayout(column(
            label(tr("Strength sweep"), "h1"), label(said, "muted", wrap=True), 4, fields, 2, self._shown,
            self._trouble, 4, foot, spacing=8, margins=(24, 20, 24, 18),
        ))  # fmt: skip
        self.start.setDefault(True)
        steady(self)
        self._show()

    def strengths(self) -> list[float]:
        """What is chosen."""
        return sweep.strengths(self.low.value(), self.high.value(), self.step.value())

    def _field(self, name: str, value: float) -> QDoubleSpinBox:
        made = padded(QDoubleSpinBox())
        made.setRange(0.0, MAXIMUM)
        made.setSingleStep(0.05)
        made.setDecimals(2)
        made.setValue(value)
        made.setFixedWidth(110)
        made.setAccessibleName(name)
        made.valueChanged.connect(lambda _: self._show())
        return made

    def _show(self) -> None:
        found = self.strengths()
        trouble = sweep.trouble(found)
        self._shown.setText(sweep.words(found[: sweep.MOST + 1]) + (" …" if len(found) > sweep.MOST + 1 else ""))
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        self.start.setEnabled(not trouble)

    def _go(self) -> None:
        chosen = self.strengths()
        self.accept()
        self._then(chosen)
