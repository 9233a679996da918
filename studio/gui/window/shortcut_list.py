"""The list of shortcuts (F1), made from the actions and from the keys that pages have of their own."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from studio.gui.actions import Action
from studio.gui.widgets.basic import button, chip, label, scrolling
from studio.gui.widgets.keys import key_words
from studio.gui.widgets.layouts import Part, column, holder, row
from studio.texts import tr

_AROUND, _HIGHEST = 140, 740
Group = tuple[str, list[tuple[str, str]]]
"""A title, and what is done by which key."""


def extra_shortcuts() -> list[tuple[str, str]]:
    """Keys that belong to one widget and are no actions."""
    return [
        (tr("Send a message"), tr("Enter")),
        (tr("New line in a message"), tr("Shift+Enter")),
        (tr("Delete what is chosen"), tr("Del")),
        (tr("Leave a text, a dialog"), tr("Esc")),
    ]


class ShortcutList(QDialog):
    """Three columns, so that it fits a small screen: what works from anywhere, then the keys of pages (``more``)."""

    def __init__(self, actions: tuple[Action, ...], parent: QWidget | None = None, more: Sequence[Group] = ()) -> None:
        """``more`` has keys in Qt's portable text."""
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setMinimumWidth(1080 if more else 440)
        with_keys = [action for action in actions if action.shortcut]
        everywhere: list[Group] = [
            (title, [(one.text, key_words(one.shortcut)) for one in members])
            for title, members in groupby(with_keys, key=lambda action: action.group)
        ]
        everywhere.append((tr("Everywhere"), extra_shortcuts()))
        of_pages = [(title, [(text, key_words(key)) for text, key in lines]) for title, lines in more]
        shared = _shared_out(everywhere, of_pages)
        columns = row(*(_column(groups) for groups in shared if groups), spacing=32)
        for place in range(columns.count()):
            columns.setStretch(place, 1)
        close = button(tr("Close"), on_click=self.accept)
        title = label(self.windowTitle(), "h1")
        inner = holder(columns)
        area = scrolling(inner)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the keyboard scrolls, too
        whole = column(title, area, 8, row(None, close), spacing=6, margins=(24, 20, 24, 18))
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.resize(self.minimumWidth(), min(inner.sizeHint().height() + _AROUND, _HIGHEST))


def _shared_out(everywhere: list[Group], groups: Sequence[Group]) -> tuple[list[Group], ...]:
    """Three columns of about the same height; the first begins with what works from anywhere."""
    columns: tuple[list[Group], ...] = (everywhere, [], [])
    for group in sorted(groups, key=lambda one: -len(one[1])):
        min(columns, key=lambda held: sum(len(lines) + 1 for _, lines in held)).append(group)
    return columns


def _column(groups: Sequence[Group]) -> Part:
    parts: list[Part] = []
    for title, lines in groups:
        parts += [6, label(title, "small"), *(_line(text, keys) for text, keys in lines)]
    return column(*parts, None, spacing=3)


def _line(text: str, keys: str) -> Part:
    return row(label(text), None, chip(keys))
