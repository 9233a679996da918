"""The left side of the Data tab: filter, list, how many, and what can be done with those that are chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.data_filter import Filter
from studio.gui import figures
from studio.gui.item_models.conversation_list import ConversationListModel
from studio.gui.pages.persona.data.bulk_acts import BulkAct, bulk_acts
from studio.gui.pages.persona.data.conversation_list import ConversationList
from studio.gui.pages.persona.data.filter_bar import FilterBar
from studio.gui.pages.persona.data.presenter import DataPresenter
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import button, icon_button, label
from studio.gui.widgets.keys import key_words, with_key
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

WIDTH = 348
TOOLS = ("tag", "train", "no_train", "duplicate", "merge", "delete")


class DataListPane(QWidget):
    """``opened`` tells the conversation one is at; ``act_requested`` what is to be done with the chosen ones."""

    opened = Signal(str)
    entered = Signal()
    act_requested = Signal(str)
    filtered = Signal()

    def __init__(self, presenter: DataPresenter) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.setFixedWidth(WIDTH)
        self.presenter = presenter
        self.model = ConversationListModel(presenter.entries)
        self.list = ConversationList(self.model)
        self.filter = FilterBar(presenter.facets)
        self._count = label("", "small")
        self._nothing = self._nothing_view()
        self.tools = self._tool_row()
        self._wire()
        whole = column(self.filter, self.list, self._nothing, row(self._count, None, self.tools, spacing=4), spacing=8)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _wire(self) -> None:
        self.filter.changed.connect(self._filter)
        self.filter.field.down_pressed.connect(self.list.setFocus)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.list.selection_changed.connect(self._show_count)
        self.list.act_requested.connect(self.act_requested)
        self.list.menu_requested.connect(self._pop_menu)
        self.list.opened.connect(self.entered)

    def _nothing_view(self) -> QWidget:
        words = label(tr("No conversation has all of this."), "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        back = button(tr("No filter"), on_click=lambda: self.filter.take(Filter(order=self.filter.where.order)))
        made = holder(column(24, words, row(None, back, None), None, spacing=10))
        made.hide()
        return made

    def _tool_row(self) -> QWidget:
        by_name = {act.name: act for act in bulk_acts()}
        self._buttons = {name: self._tool(by_name[name]) for name in TOOLS}
        return holder(row(*self._buttons.values(), spacing=0))

    def _tool(self, act: BulkAct) -> QWidget:
        made = icon_button(act.icon, act.text, lambda: self.act_requested.emit(act.name), size=28)
        if act.keys:
            made.setToolTip(f"{act.text} ({key_words(act.keys[0])})")
        return made

    # -- showing ------------------------------------------------------------------------------------------------

    def load(self, keep: str = "") -> str:
        """Show the list as it is now; stay at ``keep`` or near where one was. Returns the conversation one is at."""
        before, scrolled = self.list.currentIndex().row(), self.list.verticalScrollBar().value()
        count = self.presenter.count()
        self.model.show(count)
        row_now = self._row_of(keep, before) if keep and count else -1
        same = row_now >= 0 and row_now == before
        self.list.setVisible(count > 0)
        self._nothing.setVisible(count == 0)
        row_now = row_now if row_now >= 0 else min(max(before, 0), count - 1)
        if row_now >= 0:
            self._stand_at(row_now)
        if same:
            self.list.verticalScrollBar().setValue(scrolled)
        self._show_count()
        return self.model.id_at(row_now)

    def _row_of(self, conversation_id: str, before: int) -> int:
        """Mostly where it was, or near the top; only else is it looked for, which takes time in large data."""
        if self.model.id_at(before) == conversation_id:
            return before
        self.model.id_at(0)
        row_now = self.model.row_of(conversation_id)
        found_by_words = bool(self.presenter.where.text)
        return row_now if row_now >= 0 or found_by_words else self.presenter.row_of(conversation_id)

    def _stand_at(self, row_now: int) -> None:
        """Without telling: whoever loads also opens."""
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        self.list.choose(row_now)
        selection.blockSignals(False)
        self.list.scrollTo(self.model.index(row_now))
        self.list.show_selection()
        self.list.viewport().update()

    def go_to(self, conversation_id: str) -> bool:
        """Go to a conversation of the list; False when the filter hides it."""
        row_now = self.model.row_of(conversation_id)
        row_now = row_now if row_now >= 0 else self.presenter.row_of(conversation_id)
        if row_now >= 0:
            self.list.choose(row_now)
        return row_now >= 0

    def _filter(self, where: Filter) -> None:
        self.presenter.where = where
        self.filtered.emit()

    def show_persona(self) -> None:
        """Begin with no filter."""
        self.filter.show_filter(self.presenter.where)

    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        conversation_id = self.model.id_at(now.row())
        if conversation_id:
            self.opened.emit(conversation_id)

    # -- which are chosen ---------------------------------------------------------------------------------------

    def chosen(self) -> list[str]:
        """The chosen conversations in the order of the list, loaded or not."""
        ranges = self.list.ranges()
        if not ranges:
            return []
        if self.list.chosen_count() <= self.model.held():
            found = [self.model.id_at(row_now) for first, last in ranges for row_now in range(first, last + 1)]
            return [one for one in found if one]
        ids = self.presenter.ids()
        return [one for first, last in ranges for one in ids[first : last + 1]]

    def _show_count(self) -> None:
        count, chosen = self.model.rowCount(), self.list.chosen_count()
        if chosen > 1:
            words = tr("{chosen} of {count} chosen", chosen=figures.whole(chosen), count=figures.whole(count))
        elif self.presenter.where.is_empty:
            words = figures.conversations(count)
        else:
            words = tr("{count} match", count=figures.whole(count))
        self._count.setText(words)
        for act in bulk_acts():
            if act.name in self._buttons:
                self._buttons[act.name].setEnabled(chosen >= act.least)

    def _pop_menu(self, at: QPoint) -> None:
        menu = self.menu(self.act_requested.emit, self.list.chosen_count())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu(self, tell: Callable[[str], object], chosen: int) -> QMenu:
        """What can be done with so many conversations."""
        menu, group = QMenu(self), 0
        for act in bulk_acts():
            if act.group != group:
                menu.addSeparator()
                group = act.group
            made = QAction(icon(act.icon, "bad" if act.name == "delete" else None), with_key(act.text, act.keys), menu)
            made.setEnabled(chosen >= act.least)
            made.triggered.connect(lambda _=False, name=act.name: tell(name))
            menu.addAction(made)
        return menu
