"""One persona's workspace: a header, and the tabs in the order in which the work goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.adapters_tab import AdaptersTab
from studio.gui.pages.persona.card_tab import CardTab
from studio.gui.pages.persona.data.tab import DataTab
from studio.gui.pages.persona.drafts.dialog import open_drafts
from studio.gui.pages.persona.presenter import header
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, icon_button, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.portrait import Portrait
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

TABS = ("card", "data", "adapters")
HEADER_KINDS = frozenset({Kind.PERSONA, Kind.CONVERSATION, Kind.ADAPTER, Kind.TRASH})


class Page(QWidget):
    """Shows the persona that ``open`` names."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.persona_id = ""
        self._face = Portrait(tokens.PORTRAIT_HEADER)
        self._name, self._summary = label("", "display"), label("", "small")
        self.card, self.data, self.adapters = (
            CardTab(studio, navigator), DataTab(studio, navigator), AdaptersTab(studio, navigator),
        )  # fmt: skip
        self.data.drafts_requested.connect(lambda persona_id: open_drafts(studio, navigator, persona_id))
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._tabs = {name: self._tab(name) for name in TABS}
        self._parts: dict[str, CardTab | DataTab | AdaptersTab] = {
            "card": self.card, "data": self.data, "adapters": self.adapters,
        }  # fmt: skip
        for part in self._parts.values():
            self._stack.addWidget(part)
        train = button(tr("Train"), "mdi6.fire", primary=True, on_click=lambda: navigator.open_train(self.persona_id))
        back = icon_button("mdi6.arrow-left", tr("All personas"), lambda: navigator.open_page("personas"))
        bring = button(tr("Import"), "mdi6.import", on_click=self._import)
        top = row(back, self._face, self._name, None, self._summary, spacing=12)
        tabs = row(*self._tabs.values(), None, bring, train, spacing=6)
        whole = column(top, tabs, self._stack, margins=(28, 20, 28, 16), spacing=12)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _tab(self, name: str) -> QPushButton:
        words = {"card": tr("Card"), "data": tr("Data"), "adapters": tr("Adapters")}
        made = button(words[name], on_click=lambda: self.show_tab(name))
        made.setObjectName("tab")
        made.setCheckable(True)
        if not hasattr(self, "_group"):
            self._group = QButtonGroup(self)
        self._group.addButton(made)
        return made

    # -- what the window calls ----------------------------------------------------------------------------------

    def open(self, *, persona_id: str = "", tab: str = "", **args: object) -> None:
        """Show a persona (the same again when none is named) at a tab."""
        if persona_id and persona_id != self.persona_id:
            self._studio.personas.get(persona_id)  # not there: a StudioError that the window tells
            self.persona_id = persona_id
            for part in self._parts.values():
                part.show_persona(persona_id)
        self._show_header()
        self.show_tab(tab or self.current_tab)
        self.setFocus()  # Tab then goes to the first control of the page

    @property
    def current_tab(self) -> str:
        """The name of the tab that is shown."""
        return TABS[self._stack.currentIndex()]

    def show_tab(self, name: str) -> None:
        """Show a tab."""
        self._tabs[name].setChecked(True)
        self._stack.setCurrentIndex(TABS.index(name))
        self._parts[name].refresh_if_stale()

    def on_change(self, change: Change) -> None:
        """Follow the library; go home when the persona was deleted."""
        if not self.persona_id or not change.kinds & HEADER_KINDS:
            return
        if change.initiator is self.data:  # edits of turns: nothing of the header, which takes time to count
            self.data.on_change(change)
            return
        try:
            self._show_header()
        except StudioError:
            self._left_alone()
            return
        for part in self._parts.values():
            part.on_change(change)

    def _left_alone(self) -> None:
        self.persona_id = ""
        if self.isVisible():
            self._navigator.open_page("personas")

    def _show_header(self) -> None:
        if self.persona_id:
            shown = header(self._studio, self.persona_id)
            self._face.show_persona(shown.name, shown.colour, shown.portrait)
            self._name.setText(shown.name)
            self._summary.setText(shown.summary)

    def _import(self) -> None:
        self._navigator.import_files((), self._studio.personas.get(self.persona_id).name)
