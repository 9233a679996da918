"""Fields that a scrolling wheel does not change by accident: they take it only while they have the focus."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget


class _WheelGuard(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: let the page scroll instead."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def steady(root: QWidget) -> None:
    """Guard every field inside ``root`` (and ``root`` itself)."""
    guard = _WheelGuard(root)
    kinds = (QAbstractSpinBox, QComboBox, QSlider)
    found = [one for one in [root, *root.findChildren(QWidget)] if isinstance(one, kinds)]
    for field in found:
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(guard)
