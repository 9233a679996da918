"""Above the composer of an empty chat: who could speak first, and with which greeting."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from studio.gui.pages.chat.messages.greeting_presenter import Offer
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import FlowLayout, clear
from studio.gui.widgets.roleplay_text import plain
from studio.texts import tr

_LENGTH = 70


class GreetingBar(QWidget):
    """``chosen`` tells column and greeting; ``all_chosen`` lets everybody begin."""

    chosen = Signal(int, int)
    all_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._flow = FlowLayout()
        self.setLayout(self._flow)
        self._shown: list[Offer] = []
        self.buttons: list[QPushButton] = []
        self.hide()

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Show who could begin."""
        if list(offers) == self._shown:
            return
        self._shown = list(offers)
        clear(self._flow)
        self.buttons = [self._offer(one) for one in offers]
        if len(offers) > 1:
            everybody = button(tr("All of them"), "mdi6.account-group-outline", on_click=self.all_chosen.emit)
            self.buttons.insert(0, everybody)
        if offers:
            words = label(tr("They can speak first:"), "muted")
            words.setMinimumHeight(self.buttons[0].sizeHint().height())
            self._flow.addWidget(words)
        for made in self.buttons:
            self._flow.addWidget(made)
        self.setVisible(bool(offers))

    def fill_menu(self, menu: QMenu, offer: Offer) -> None:
        """One line a greeting."""
        for index, words in enumerate(offer.greetings):
            line = " ".join(plain(words).split())
            shown = line if len(line) <= _LENGTH else line[: _LENGTH - 1].rstrip() + "…"
            menu.addAction(shown.replace("&", "&&"), partial(self.chosen.emit, offer.column, index))

    def _offer(self, offer: Offer) -> QPushButton:
        several = len(offer.greetings) > 1
        words = tr("{name} · {count} greetings", name=offer.title, count=len(offer.greetings))
        made = button(words if several else offer.title, "mdi6.comment-quote-outline",
                      tip="" if several else plain(offer.greetings[0])[:400])  # fmt: skip
        act = partial(self._open, offer, made) if several else partial(self.chosen.emit, offer.column, 0)
        made.clicked.connect(lambda: act())
        return made

    def _open(self, offer: Offer, made: QPushButton) -> None:
        menu = QMenu(made)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, offer)
        menu.exec(made.mapToGlobal(made.rect().topLeft()))
