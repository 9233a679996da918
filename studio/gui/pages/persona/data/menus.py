"""The menus of the open conversation and of its turns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from studio.domain.dataset import StoredConversation
from studio.gui.pages.persona.data.findings import Mending, Remark
from studio.gui.pages.persona.data.turn_acts import Wish, possible, role_names, turn_acts
from studio.gui.theme.icons import icon
from studio.gui.widgets.keys import with_key
from studio.gui.widgets.line_dialog import ask_line
from studio.texts import tr

Tell = Callable[[Wish], object]


def turn_menu(parent: QWidget, stored: StoredConversation, index: int, tell: Tell) -> QMenu:
    """Everything that can be done with a turn."""
    turns = stored.conversation.turns
    can, menu, group = possible(turns[index], index, len(turns)), QMenu(parent), 0
    for act in turn_acts():
        if act.name not in can:
            continue
        if act.group != group:
            menu.addSeparator()
            group = act.group
        made = QAction(icon(act.icon, "bad" if act.name == "delete" else None), with_key(act.text, act.keys), menu)
        made.triggered.connect(lambda _=False, name=act.name: tell(Wish(name=name, index=index)))
        menu.addAction(made)
        if act.name == "edit":
            _who_speaks(menu, stored, index, tell)
    return menu


def _who_speaks(menu: QMenu, stored: StoredConversation, index: int, tell: Tell) -> None:
    turn = stored.conversation.turns[index]
    roles = menu.addMenu(icon("mdi6.account-switch-outline"), tr("Who speaks"))
    for role, words in role_names().items():
        made = roles.addAction(words)
        made.setCheckable(True)
        made.setChecked(turn.role is role)
        made.triggered.connect(lambda _=False, role=role: tell(Wish(name="role", index=index, value=role.value)))
    roles.addSeparator()
    others = sorted({one.speaker for one in stored.conversation.turns if one.speaker})
    for name in others[:12]:
        made = roles.addAction(name)
        made.setCheckable(True)
        made.setChecked(turn.speaker == name)
        made.triggered.connect(lambda _=False, name=name: tell(Wish(name="speaker", index=index, value=name)))
    roles.addAction(tr("Another name…"), lambda: _ask_name(menu.parentWidget(), turn.speaker, index, tell))


def _ask_name(parent: QWidget | None, now: str, index: int, tell: Tell) -> None:
    ask(parent, tr("Who speaks"), tr("Name"), now, lambda said: tell(Wish(name="speaker", index=index, value=said)))


def mending_menu(parent: QWidget, remark: Remark, tell: Callable[[Mending], object]) -> QMenu:
    """The repairs of a finding."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    for mending in remark.mendings:
        made = menu.addAction(icon("mdi6.auto-fix"), mending.label)
        made.setToolTip(mending.summary)
        made.triggered.connect(lambda _=False, one=mending: tell(one))
    return menu


def pop(menu: QMenu, at: object) -> None:
    """Show a menu under a button or at a point."""
    menu.aboutToHide.connect(menu.deleteLater)
    if isinstance(at, QPushButton):
        menu.popup(at.mapToGlobal(at.rect().bottomLeft()))
    elif isinstance(at, QPoint):
        menu.popup(at)


def ask(parent: QWidget | None, title: str, words: str, text: str, then: Callable[[str], object]) -> None:
    """Ask for a line of text."""
    ask_line(parent, title, words, text, then)
