"""One column of the chat: who answers, how strongly, and what was said."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget

from studio.gui.pages.chat.contestants import Group
from studio.gui.pages.chat.screen import ColumnView
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import IconLabel, icon_button, label
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.message_view import MessageView
from studio.gui.widgets.portrait import Portrait, portrait_pixmap
from studio.gui.widgets.strength_slider import StrengthSlider
from studio.texts import tr

_FLAT_MENU = 12


class ChatColumn(QFrame):
    """Shows a ``ColumnView`` and a thread; tells what the user wants. ``groups`` are read when a menu opens."""

    contestant_chosen = Signal(object)
    removal_requested = Signal()
    copy_requested = Signal()

    def __init__(self, groups: Callable[[], list[Group]]) -> None:
        super().__init__()
        self.setObjectName("column")
        self._groups = groups
        self._make_header()
        self.strength = StrengthSlider()
        self.view = MessageView()
        top = holder(column(self._header, self.strength, spacing=8, margins=(0, 0, 6, 0)))
        whole = column(top, 4, self.view, margins=(16, 14, 10, 12), spacing=8)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _make_header(self) -> None:
        self._face, self._cube = Portrait(34), IconLabel("mdi6.cube-outline", "muted", 30)
        self._faces = QStackedWidget()
        self._faces.setObjectName("clear")
        self._faces.setFixedSize(34, 34)
        self._faces.addWidget(self._face)
        self._faces.addWidget(self._cube)
        self._title, self._subtitle, self._figure = ElidedLabel("", "h2"), ElidedLabel("", "small"), label("", "small")
        self.change = icon_button("mdi6.chevron-down", tr("Change who answers"), self.open_picker, size=24)
        self.more = icon_button("mdi6.dots-horizontal", tr("More about this column"), self._open_menu)
        names = column(row(self._title, self.change, None, spacing=2), self._subtitle, spacing=0)
        self._header = row(self._faces, names, self._figure, self.more, spacing=10)
        self._header.setStretch(1, 1)

    def show_header(self, view: ColumnView, *, removable: bool, number: int) -> None:
        """Show who answers."""
        self._removable = removable
        self.setAccessibleName(tr("Column {number}: {title}", number=number + 1, title=view.title))
        self._title.setText(view.title)
        self._subtitle.setText(view.subtitle)
        self._figure.setText(view.figure)
        self._faces.setCurrentIndex(1 if view.is_base else 0)
        self._face.show_persona(view.title, view.colour, view.portrait)
        self.change.setAccessibleName(tr("Change who answers (now {title})", title=view.title))
        self.strength.show_strength(view.strength, enabled=not view.is_base, colour=view.colour)

    def open_picker(self) -> None:
        """Show the menu of all who could answer here."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_picker(menu)
        menu.exec(self.change.mapToGlobal(self.change.rect().bottomLeft()))

    def fill_picker(self, menu: QMenu) -> None:
        """One line a contestant; submenus by persona once there are many."""
        groups = self._groups()
        flat = sum(len(one.choices) for one in groups) <= _FLAT_MENU
        for group in groups:
            picture = self._picture(group)
            place = menu if flat or not group.name else menu.addMenu(picture, group.name)
            for choice in group.choices:
                words = f"{group.name} · {choice.label}" if flat and group.name else choice.label
                contestant = choice.contestant
                place.addAction(picture, words, lambda one=contestant: self.contestant_chosen.emit(one))

    def _picture(self, group: Group) -> QIcon:
        if not group.name:
            return icon("mdi6.cube-outline")
        return QIcon(portrait_pixmap(group.name, group.colour, group.portrait, 20, self.devicePixelRatioF()))

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker = menu.addMenu(icon("mdi6.account-switch-outline"), tr("Change who answers"))
        self.fill_picker(picker)
        menu.addAction(icon("mdi6.content-copy"), tr("Copy the whole conversation"), self.copy_requested.emit)
        away = menu.addAction(icon("mdi6.close"), tr("Remove this column"), self.removal_requested.emit)
        away.setEnabled(self._removable)
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))
