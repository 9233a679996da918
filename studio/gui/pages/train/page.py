"""The train page: a new run on the left, the run looked at on the right, queue and past under it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.train.new_run_card import NewRunCard, trouble_of
from studio.gui.pages.train.presenter import Presenter
from studio.gui.pages.train.run_list import RunList
from studio.gui.pages.train.run_panel import RunPanel
from studio.gui.theme import tokens
from studio.gui.widgets.basic import card, empty_state, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_FORM_KINDS = {Kind.PERSONA, Kind.CONVERSATION, Kind.BASE, Kind.ENGINE, Kind.SETTING, Kind.TRASH}
_RUN_KINDS = {Kind.RUN, Kind.ADAPTER, Kind.PERSONA, Kind.TRASH}


class Page(QWidget):
    """Reads again only what a change touched, and nothing while it is hidden."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = Presenter(studio)
        self._stale = False
        self.form = NewRunCard(self.presenter.new_run, navigator, self._portrait, self._start)
        self.panel = RunPanel({
            "pause": lambda: self._act(self.presenter.pause), "resume": lambda: self._act(self.presenter.resume),
            "stop": lambda: self._act(self.presenter.stop), "chat": self._chat,
            "open": self._open, "export": self._open,
        })  # fmt: skip
        self.list = RunList(self._portrait)
        self.list.looked_at.connect(self._look_at)
        self.list.delete_requested.connect(self._delete)
        self._build()
        self._refresh_runs()

    def _build(self) -> None:
        self._list_card = card(column(label(tr("Queue and past runs"), "h2"), self.list, margins=(16, 12, 12, 10)))
        self._list_card.setFixedHeight(178)
        right = column(self.panel, self._list_card, spacing=12)
        right.setStretch(0, 1)
        full = QWidget()
        full.setObjectName("clear")
        full.setLayout(right)
        self._right = QStackedWidget()
        self._right.setObjectName("clear")
        self._right.addWidget(self._empty())
        self._right.addWidget(full)
        body = row(self.form, self._right, spacing=14)
        body.setStretch(1, 1)
        whole = column(row(label(tr("Train"), "display"), None), 4, body, margins=tokens.PAGE_MARGINS, spacing=10)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _empty(self) -> QWidget:
        words = tr(
            "Choose a persona on the left and press Start. "
            "Taste takes minutes and shows whether the voice comes through."
        )
        return empty_state("mdi6.fire", tr("No run yet"), words)

    def open(self, persona_id: str = "", run_id: str = "", **args: object) -> None:
        """Called when the page is shown."""
        if persona_id:
            self.form.choose_persona(persona_id)
        if run_id:
            self.presenter.shown_id = run_id
        self._refresh()

    def on_change(self, change: Change) -> None:
        """Read again what changed."""
        if not self.isVisible():
            self._stale = True
            return
        if change.kinds & _FORM_KINDS:
            self.form.refresh()
        if change.kinds & _RUN_KINDS:
            self._refresh_runs()
        elif Kind.RUN_PROGRESS in change.kinds:
            self._refresh_panel()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: catch up with what happened while the page was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def _refresh(self) -> None:
        self._stale = False
        self.form.refresh()
        self._refresh_runs()

    def _refresh_runs(self) -> None:
        run = self.presenter.shown()
        self.list.show_rows(self.presenter.rows(), run.id if run else "")
        self._refresh_panel()

    def _refresh_panel(self) -> None:
        view = self.presenter.view()
        self._right.setCurrentIndex(0 if view is None else 1)
        if view is not None:
            self.panel.show_run(view, self.presenter.curve(view.run), self._portrait(view.run.persona_id))

    def _portrait(self, persona_id: str) -> Path | None:
        persona = self.presenter.persona(persona_id)
        return self._studio.personas.portrait_path(persona) if persona else None

    def _start(self) -> None:
        try:
            run = self.presenter.start()
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self._refresh_runs()
        if any(one.active for one in self.presenter.rows() if one.id != run.id):
            self._navigator.toast(tr("Queued: it starts when the present run has ended."))

    def _act(self, act: Callable[[], object]) -> None:
        trouble_of(act, self._navigator)
        self._refresh_runs()

    def _look_at(self, run_id: str) -> None:
        self.presenter.shown_id = run_id
        self._refresh_panel()

    def _delete(self, run_id: str) -> None:
        def delete() -> None:
            self.presenter.delete(run_id)
            self._navigator.toast(tr("Run deleted."), self._undo)

        self._act(delete)

    def _undo(self) -> None:
        self._act(self.presenter.undo)

    def _chat(self) -> None:
        run = self.presenter.shown()
        if run and run.adapter_id:
            self._navigator.open_chat([Contestant(), Contestant(adapter_id=run.adapter_id)])

    def _open(self) -> None:
        run = self.presenter.shown()
        if run:
            self._navigator.open_persona(run.persona_id, "adapters")
