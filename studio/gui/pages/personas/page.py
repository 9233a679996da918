"""The home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.item_models.persona_list import PersonaListModel
from studio.gui.navigator import Navigator
from studio.gui.pages.personas.card_grid import CardGrid
from studio.gui.pages.personas.presenter import PersonaCard, PersonasPresenter, samples_added
from studio.gui.theme import tokens
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import IconLabel, button, card, empty_state, label
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

SHOWN_KINDS = frozenset({Kind.PERSONA, Kind.CONVERSATION, Kind.ADAPTER, Kind.RUN, Kind.TRASH})
SEARCH_DELAY_MS = 150
GUTTER = (
    0,
    0,
    tokens.PAGE_MARGINS[2],
    0,
)  # what is no card ends where the last card ends; the scroll bar runs in between
MARGINS = (tokens.PAGE_MARGINS[0], tokens.PAGE_MARGINS[1], 0, tokens.PAGE_MARGINS[3])


class Page(QWidget):
    """Cards, search, import, and an empty state that teaches the first step."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self._presenter = PersonasPresenter(studio)
        self._stale = True
        self.model = PersonaListModel()
        self.grid = CardGrid(self.model)
        self.grid.open_requested.connect(navigator.open_persona)
        self.grid.delete_requested.connect(self.delete)
        self.grid.menu_requested.connect(self._menu)
        self.search = self._search_field()
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        for part in (self._cards_view(), self._empty_view(), self._nothing_found_view()):
            self._stack.addWidget(part)
        self.setLayout(column(self._head(), self._stack, margins=MARGINS, spacing=18))

    # -- what the window calls ----------------------------------------------------------------------------------

    def open(self, **args: object) -> None:
        """Show the newest state."""
        if self._stale:
            self.refresh()
        self.grid.setFocus()

    def on_change(self, change: Change) -> None:
        """Follow the library; at once when shown, else when shown next."""
        if change.kinds & SHOWN_KINDS:
            self._stale = True
            if self.isVisible():
                self.refresh()

    def refresh(self) -> None:
        """Ask again and show."""
        self._stale = False
        typed = self.search.text().strip()
        cards = self._presenter.cards(typed)
        self.model.show(cards)
        self._stack.setCurrentIndex(0 if cards else 2 if typed else 1)
        self.search.setVisible(bool(cards or typed))

    # -- parts --------------------------------------------------------------------------------------------------

    def _head(self) -> QWidget:
        bring = button(tr("Import"), "mdi6.import", on_click=lambda: self._navigator.import_files())
        new = button(tr("New persona"), "mdi6.plus", primary=True, on_click=self._new)
        return holder(row(label(tr("Personas"), "display"), None, self.search, bring, new, spacing=10, margins=GUTTER))

    def _search_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName("search")
        field.setPlaceholderText(tr("Search names, tags, every line of dialogue"))
        field.setAccessibleName(tr("Search personas"))
        field.setClearButtonEnabled(True)
        field.setMinimumWidth(340)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SEARCH_DELAY_MS)
        self._typing.timeout.connect(self.refresh)
        field.textChanged.connect(lambda: self._typing.start())
        return field

    def _cards_view(self) -> QWidget:
        words = label(tr("Drop cards, chats, scripts or whole folders anywhere"), "muted")
        strip = card(
            row(None, IconLabel("mdi6.tray-arrow-down", "accent", 22), words, None, margins=(16, 18, 16, 18)), "drop"
        )
        inner = column(self.grid, row(strip, margins=GUTTER), None, spacing=2)
        inner.setStretch(0, 1000)
        return holder(inner)

    def _empty_view(self) -> QWidget:
        samples = button(
            tr("Add the sample personas"), "mdi6.account-group-outline", primary=True, on_click=self._add_samples
        )
        bring = button(tr("Import files"), "mdi6.import", on_click=lambda: self._navigator.import_files())
        return empty_state(
            "mdi6.drama-masks",
            tr("Who do you want to bring to life?"),
            tr(
                "A persona is a character with lines of dialogue: a card, chats, a script. "
                "Drop files anywhere in this window, or begin with three characters that came with the studio."
            ),
            [samples, bring],
        )

    def _nothing_found_view(self) -> QWidget:
        again = button(tr("Clear the search"), on_click=self.search.clear)
        return empty_state(
            "mdi6.magnify-close",
            tr("Nobody here says that"),
            tr("The search looks at names, tags and every line of dialogue."),
            [again],
        )

    # -- what cards can do --------------------------------------------------------------------------------------

    def _menu(self, persona_id: str, place: QPoint) -> None:
        found = next((one for one in self._presenter.cards() if one.id == persona_id), None)
        if found is not None:
            menu = self._menu_for(found)
            menu.exec(place)
            menu.deleteLater()

    def _menu_for(self, one: PersonaCard) -> QMenu:
        menu = QMenu(self)
        menu.addAction(icon("mdi6.account-outline"), tr("Open"), lambda: self._navigator.open_persona(one.id))
        menu.addAction(
            icon("mdi6.message-text-outline"), tr("Data"), lambda: self._navigator.open_persona(one.id, "data")
        )
        menu.addAction(
            icon("mdi6.chat-outline"), tr("Chat"), lambda: self._navigator.open_chat(self._presenter.contestants(one))
        )
        menu.addAction(icon("mdi6.fire"), tr("Train"), lambda: self._navigator.open_train(one.id))
        menu.addSeparator()
        menu.addAction(icon("mdi6.trash-can-outline", "bad"), tr("Delete"), lambda: self.delete(one.id))
        return menu

    def delete(self, persona_id: str) -> None:
        """Move a persona to the trash, with a way back."""
        name = self._studio.personas.get(persona_id).name
        try:
            token = self._studio.personas.delete(persona_id)
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self._navigator.toast(tr("{name} was deleted.", name=name), lambda: self._studio.personas.undo(token))

    def _new(self) -> None:
        self._navigator.open_persona(self._studio.personas.create(tr("New persona")).id)

    def _add_samples(self) -> None:
        try:
            self._navigator.toast(samples_added(self._studio.samples.import_all()))
        except StudioError as error:
            self._navigator.show_error(error)
