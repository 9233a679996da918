"""The Adapters tab: what training made of the persona."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.adapter_card import AdapterCardView
from studio.gui.pages.persona.adapters_presenter import AdapterCard, AdaptersPresenter
from studio.gui.widgets.basic import button, empty_state, scrolling
from studio.gui.widgets.layouts import clear, column, holder
from studio.gui.widgets.line_dialog import ask_line
from studio.services.job import Job, JobState
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


class AdaptersTab(QWidget):
    """Cards; the newest first."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = AdaptersPresenter(studio)
        self._persona_id, self._stale = "", True
        self._cards = column(spacing=12)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(scrolling(holder(column(self._cards, None, margins=(0, 0, 8, 0)))))
        self._stack.addWidget(self._empty_view())
        self.setLayout(column(self._stack))

    def _empty_view(self) -> QWidget:
        train = button(
            tr("Train"), "mdi6.fire", primary=True, on_click=lambda: self._navigator.open_train(self._persona_id)
        )
        words = tr(
            "An adapter is what training makes: a small file that gives a base model this persona's voice. "
            "The first one takes some minutes."
        )
        return empty_state("mdi6.layers-outline", tr("Nothing trained yet"), words, [train])

    # -- what the page calls ------------------------------------------------------------------------------------

    def show_persona(self, persona_id: str) -> None:
        """Show another persona's adapters."""
        self._persona_id, self._stale = persona_id, True

    def refresh_if_stale(self) -> None:
        """Show the adapters as they are now."""
        if not self._stale or not self._persona_id:
            return
        self._stale = False
        clear(self._cards)
        cards = self.presenter.cards(self._persona_id)
        self._stack.setCurrentIndex(0 if cards else 1)
        for shown in cards:
            self._cards.addWidget(self._card(shown))

    def on_change(self, change: Change) -> None:
        """Follow the library."""
        if change.kinds & {Kind.ADAPTER, Kind.TRASH, Kind.PERSONA}:
            self._stale = True
            if self.isVisible():
                self.refresh_if_stale()

    def cards(self) -> list[AdapterCardView]:
        """The cards on the screen."""
        widgets = [self._cards.itemAt(place).widget() for place in range(self._cards.count())]  # type: ignore[union-attr]
        return [widget for widget in widgets if isinstance(widget, AdapterCardView)]

    def _card(self, shown: AdapterCard) -> AdapterCardView:
        made = AdapterCardView(shown)
        made.chat_requested.connect(lambda key: self._navigator.open_chat(self.presenter.contestants(key)))
        made.export_requested.connect(self._export)
        made.rename_requested.connect(self._rename)
        made.delete_requested.connect(self._delete)
        return made

    # -- what cards can do --------------------------------------------------------------------------------------

    def _rename(self, adapter_id: str) -> None:
        def rename(name: str) -> None:
            self._told(lambda: self._studio.adapters.rename(adapter_id, name))

        ask_line(self, tr("Rename the adapter"), tr("Name"), self._studio.adapters.get(adapter_id).name, rename)

    def _delete(self, adapter_id: str) -> None:
        name = self._studio.adapters.get(adapter_id).name
        token = self._studio.adapters.delete(adapter_id)
        self._navigator.toast(tr("{name} was deleted.", name=name), lambda: self._studio.personas.undo(token))

    def _export(self, adapter_id: str) -> None:
        """One format: straight to the folder; several: choose first."""
        formats = self._studio.adapters.export_formats()
        if len(formats) == 1:
            self._ask_folder(adapter_id, formats[0].name)
            return
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for one in formats:
            action = menu.addAction(one.label)
            action.setToolTip(one.summary)
            action.triggered.connect(partial(self._ask_folder, adapter_id, one.name))
        menu.popup(self.cursor().pos())

    def _ask_folder(self, adapter_id: str, format: str, *_: object) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Where to? A new folder is made there."))
        if name:
            self.export_to(adapter_id, format, Path(name))

    def export_to(self, adapter_id: str, format: str, inside: Path) -> None:
        """Export into a new folder inside ``inside`` and say how it ended."""
        out = self.presenter.free_folder(inside, adapter_id)
        self._show_exporting(adapter_id, True)

        def ended(job: Job[object]) -> None:
            self._show_exporting(adapter_id, False)
            if job.state is JobState.DONE:
                self._navigator.toast(tr("Exported to {folder}", folder=out))
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(out)))
            elif job.error is not None:
                self._navigator.show_error(job.error)

        self._told(lambda: self._studio.adapters.export(adapter_id, format, out).on_end(ended))  # type: ignore[arg-type]

    def _show_exporting(self, adapter_id: str, exporting: bool) -> None:
        for one in self.cards():
            if one.shown.id == adapter_id:
                one.show_exporting(exporting)

    def _told(self, act: Callable[[], object]) -> None:
        try:
            act()
        except StudioError as error:
            self._navigator.show_error(error)
