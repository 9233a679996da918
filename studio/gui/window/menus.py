"""The studio's actions as Qt's: shortcuts everywhere, and the menu bar that every program has on macOS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from studio.gui.actions import Action

if TYPE_CHECKING:
    from studio.gui.main_window import MainWindow


def make_actions(window: MainWindow, actions: Sequence[Action]) -> None:
    """Give the window its actions. Only macOS shows a menu bar; the palette (Ctrl+K) has them all."""
    bar = window.menuBar()
    for one in actions:
        made = QAction(one.text, window)
        made.setObjectName(one.name)
        made.setIconVisibleInMenu(True)
        made.setShortcut(QKeySequence(one.shortcut))
        made.triggered.connect(lambda _=False, run=one.run: run(window))
        window.addAction(made)
        if bar.isNativeMenuBar():
            _menu(bar, one.group).addAction(made)
    if not bar.isNativeMenuBar():
        bar.hide()


def _menu(bar: QMenuBar, title: str) -> QMenu:
    for action in bar.actions():
        menu = action.menu()
        if action.text() == title and isinstance(menu, QMenu):
            return menu
    return bar.addMenu(title)
