"""Boxes for numbers as the rest of the window looks."""

from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox

B = TypeVar("B", bound=QAbstractSpinBox)
_BEFORE = 10


def padded(box: B) -> B:
    """With room before the digits: the stylesheet's padding does not reach the field inside."""
    box.lineEdit().setTextMargins(_BEFORE, 0, 0, 0)
    return box
