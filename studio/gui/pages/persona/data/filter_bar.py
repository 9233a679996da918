"""The filter above the list: words, conditions from a menu as chips that can be taken away, and the order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QWidget

from studio.domain.data_filter import Facets, Filter
from studio.gui.pages.persona.data.filter_words import Chip, Choices, chips, choices, orders, with_condition
from studio.gui.widgets.basic import button, icon_button
from studio.gui.widgets.layouts import FlowLayout, clear, column, holder, row
from studio.gui.widgets.line_dialog import ask_line
from studio.texts import tr

DELAY_MS = 160


class FilterField(QLineEdit):
    """Down leads into the list, Esc empties it."""

    down_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setPlaceholderText(tr("Filter by words"))
        self.setAccessibleName(tr("Filter conversations"))
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.down_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class FilterBar(QWidget):
    """``changed`` tells the whole filter. ``facets`` is asked when the menu is opened, because counting takes time."""

    changed = Signal(object)

    def __init__(self, facets: Callable[[], Facets]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._facets, self._where = facets, Filter()
        self.field = FilterField()
        self._typed = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._typed.timeout.connect(self._take_words)
        self.field.textChanged.connect(lambda: self._typed.start())
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        more = icon_button("mdi6.filter-variant", tr("Filter by speaker, tag, finding and more"), size=34)
        more.clicked.connect(lambda: self._menu.popup(more.mapToGlobal(more.rect().bottomLeft())))
        self._order_menu = QMenu(self)
        order = icon_button("mdi6.sort", tr("Order of the list"), size=34)
        order.clicked.connect(lambda: self._pop_order(order))
        self.more = more
        top = row(self.field, more, order, spacing=4)
        top.setStretch(0, 1)
        self._chips = FlowLayout(spacing=6)
        self._chip_row = holder(self._chips)
        self.setLayout(column(top, self._chip_row, spacing=6))
        self._show_chips()

    @property
    def where(self) -> Filter:
        """What is filtered by now."""
        return self._where

    def show_filter(self, where: Filter) -> None:
        """Show a filter without telling."""
        self._where = where
        self._typed.stop()
        if self.field.text().strip() != where.text:
            self.field.blockSignals(True)
            self.field.setText(where.text)
            self.field.blockSignals(False)
        self._show_chips()

    def take(self, where: Filter) -> None:
        """Filter by this from now on."""
        self.show_filter(where)
        self.changed.emit(where)

    def _take_words(self) -> None:
        self.take(replace(self._where, text=self.field.text().strip()))

    # -- chips --------------------------------------------------------------------------------------------------

    def _show_chips(self) -> None:
        clear(self._chips)
        shown = chips(self._where)
        for one in shown:
            self._chips.addWidget(self._chip(one))
        self._chip_row.setVisible(bool(shown))

    def _chip(self, one: Chip) -> QPushButton:
        said = self.fontMetrics().elidedText(one.words, Qt.TextElideMode.ElideRight, 240)
        made = button(said, "mdi6.close", on_click=lambda: self.take(one.without), tip=one.words)
        made.setObjectName("removable")
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        made.setAccessibleName(tr("Filter {words}: take it away", words=one.words))
        return made

    # -- menus --------------------------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        self._menu.clear()
        for one in choices(self._where, self._facets()):
            menu = self._menu.addMenu(one.title)
            for choice in one.choices:
                action = menu.addAction(choice.words)
                action.setCheckable(True)
                action.setChecked(choice.chosen)
                action.triggered.connect(lambda _=False, where=choice.where: self.take(where))
            if one.more:
                menu.addSeparator()
                menu.addAction(tr("Another…")).triggered.connect(partial(self._ask, one))
        if not self._where.is_empty:
            self._menu.addSeparator()
            self._menu.addAction(tr("No filter"), lambda: self.take(Filter(order=self._where.order)))

    def _ask(self, one: Choices, *_: object) -> None:
        def take(said: str) -> None:
            self.take(with_condition(self._where, one.name, said))

        ask_line(self, one.title, one.title, "", take, list(one.more))

    def _pop_order(self, at: QPushButton) -> None:
        self._order_menu.clear()
        for name, words in orders():
            action = self._order_menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(self._where.order == name)
            action.triggered.connect(lambda _=False, name=name: self.take(replace(self._where, order=name)))
        self._order_menu.popup(at.mapToGlobal(at.rect().bottomLeft()))
