"""How strongly an adapter speaks: 0 to 1.5 in steps of 0.05, back to 1 on a double click."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from studio.gui.widgets.basic import label
from studio.gui.widgets.layouts import row
from studio.texts import tr

STEP = 0.05
MAXIMUM = 1.5
RESET = 1.0


class StrengthSlider(QWidget):
    """``changed`` tells the new strength at once; ``settled`` when the hand is off it."""

    changed = Signal(float)
    settled = Signal(float)

    def __init__(self, name: str = "") -> None:
        """``name``: what is set, if it is not called strength."""
        super().__init__()
        self.setObjectName("clear")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, round(MAXIMUM / STEP))
        self._slider.setPageStep(4)
        self._slider.setAccessibleName(tr("Strength"))
        self._slider.setToolTip(tr("How strongly the adapter speaks. Double click: back to 1."))
        self._slider.installEventFilter(self)
        self._figure = label("", "small")
        self._figure.setFixedWidth(32)
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(row(label(name or tr("strength"), "small"), self._slider, self._figure, spacing=10))
        self._slider.valueChanged.connect(self._moved)
        self._slider.sliderReleased.connect(lambda: self.settled.emit(self.strength))
        self.setFocusProxy(self._slider)

    @property
    def strength(self) -> float:
        """The strength that is shown."""
        return round(self._slider.value() * STEP, 2)

    def show_strength(self, strength: float, *, enabled: bool, colour: str = "") -> None:
        """Show a strength without telling; disabled (a dash) for the base."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(strength / STEP) if enabled else 0)
        self._slider.blockSignals(False)
        self._slider.setEnabled(enabled)
        self._figure.setText(f"{self.strength:.2f}" if enabled else "—")
        sheet = (
            f"QSlider::sub-page:horizontal {{ background: {colour}; border-radius: 2px; }}"
            if colour and enabled
            else ""
        )
        if sheet != self._slider.styleSheet():
            self._slider.setStyleSheet(sheet)

    def setAccessibleName(self, name: str) -> None:
        """Name the slider itself: it is what has the focus."""
        super().setAccessibleName(name)
        self._slider.setAccessibleName(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: a double click resets."""
        if event.type() == QEvent.Type.MouseButtonDblClick and self._slider.isEnabled():
            self._slider.setValue(round(RESET / STEP))
            self.settled.emit(self.strength)
            return True
        return super().eventFilter(watched, event)

    def _moved(self) -> None:
        self._figure.setText(f"{self.strength:.2f}")
        self.changed.emit(self.strength)
        if not self._slider.isSliderDown():  # the keyboard or the wheel
            self.settled.emit(self.strength)
