"""The list of shortcuts (F1), made from the actions."""

from itertools import groupby

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QWidget

from studio.gui.actions import Action
from studio.gui.widgets.basic import button, chip, label
from studio.gui.widgets.layouts import Part, column, row
from studio.texts import tr


def extra_shortcuts() -> list[tuple[str, str]]:
    """Keys that belong to one widget and are no actions."""
    return [
        (tr("Send a message"), tr("Enter")),
        (tr("New line in a message"), tr("Shift+Enter")),
        (tr("Delete what is chosen"), tr("Del")),
        (tr("Leave a text, a dialog"), tr("Esc")),
    ]


class ShortcutList(QDialog):
    """One group under the other."""

    def __init__(self, actions: tuple[Action, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setMinimumWidth(440)
        parts: list[Part] = [label(self.windowTitle(), "h1")]
        with_keys = [action for action in actions if action.shortcut]
        for group, members in groupby(with_keys, key=lambda action: action.group):
            parts += [4, label(group, "small"), *(_line(one.text, _keys(one.shortcut)) for one in members)]
        parts += [4, label(tr("Everywhere"), "small"), *(_line(text, keys) for text, keys in extra_shortcuts())]
        close = button(tr("Close"), on_click=self.accept)
        self.setLayout(column(*parts, 8, row(None, close), spacing=6, margins=(24, 20, 24, 18)))


def _keys(shortcut: str) -> str:
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def _line(text: str, keys: str) -> Part:
    return row(label(text), None, chip(keys))
