"""The models page: the bases on this machine, and the ways to get one."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.models.base_card import BaseCardFrame
from studio.gui.pages.models.presenter import BaseCard, Presenter
from studio.gui.pages.models.work_bar import WorkBar
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, empty_state, label, scrolling
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_TWO_COLUMNS = 1100


class Page(QWidget):
    """Cards in one or two columns; work under way and its trouble in a bar above them."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self._shown: tuple[list[BaseCard], int] | None = None
        self.presenter = Presenter(studio, self._show)
        self.work = WorkBar(self.presenter.cancel, self.presenter.dismiss)
        self._build()
        self._show()

    def _build(self) -> None:
        self._machine = label("", "muted")
        add = button(tr("Add folder…"), "mdi6.folder-plus-outline", on_click=self._add_folder)
        gguf = button(tr("Add GGUF…"), "mdi6.file-plus-outline", on_click=self._add_gguf)
        self.starter = button(
            tr("Get the starter"), "mdi6.download", primary=True, on_click=self.presenter.install_starter,
            tip=tr("SmolLM2 135M Instruct: small enough for any machine, about 93 MB to download"),
        )  # fmt: skip
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(14)
        cards = scrolling(holder(column(self._grid, None)))
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(cards)
        self._stack.addWidget(self._empty())
        head = row(label(tr("Models"), "display"), 10, self._machine, None, add, gguf, self.starter, spacing=8)
        whole = column(head, 4, self.work, self._stack, margins=tokens.PAGE_MARGINS, spacing=10)
        whole.setStretch(3, 1)
        self.setLayout(whole)

    def _empty(self) -> QWidget:
        words = tr(
            "A base is the model that your personas are trained on and speak through. "
            "The starter is small (135M), downloads in a minute and runs anywhere. "
            "Or add a model folder (safetensors) or a GGUF file that you have."
        )
        get = button(tr("Get the starter"), "mdi6.download", primary=True, on_click=self.presenter.install_starter)
        own = button(tr("Add folder…"), "mdi6.folder-plus-outline", on_click=self._add_folder)
        return empty_state("mdi6.cube-outline", tr("No base yet"), words, [get, own])

    def open(self, **args: object) -> None:
        """Called when the page is shown."""
        self._show()

    def on_change(self, change: Change) -> None:
        """Read again what changed."""
        if change.kinds & {Kind.BASE, Kind.ENGINE, Kind.SETTING, Kind.TRASH}:
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: one or two columns."""
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        if not hasattr(self, "_stack"):
            return
        cards, columns = self.presenter.cards(), 2 if self.width() > _TWO_COLUMNS else 1
        self._stack.setCurrentIndex(0 if cards else 1)
        self._machine.setText(self.presenter.machine())
        working = self.presenter.working()
        self.work.show_work(working, self.presenter.trouble)
        self.starter.setVisible(bool(cards))
        self.starter.setEnabled(working is None)
        if self._shown != (cards, columns):
            self._shown = (cards, columns)
            self._show_cards(cards, columns)

    def _show_cards(self, cards: list[BaseCard], columns: int) -> None:
        clear(self._grid)
        acts = {"load": self.presenter.load, "make_default": self.presenter.make_default, "remove": self._remove}
        for number, one in enumerate(cards):
            self._grid.addWidget(BaseCardFrame(one, acts), number // columns, number % columns)
        for place in range(2):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)

    def _remove(self, base_id: str) -> None:
        try:
            token = self.presenter.remove(base_id)
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self._navigator.toast(tr("Base removed from the library."), lambda: self._studio.personas.undo(token))
        self._show()

    def _add_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self._navigator.window_widget(), tr("Folder of a model"))
        if found:
            self.presenter.add(Path(found))

    def _add_gguf(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self._navigator.window_widget(), tr("GGUF file"), "", tr("GGUF models") + " (*.gguf)"
        )
        if found:
            self.presenter.add(Path(found))
