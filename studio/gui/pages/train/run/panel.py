"""The run looked at: while it works its curves and what it says; afterwards its record; beside another run."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QStackedWidget

from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.train.run.beside_desk import BesideDesk
from studio.gui.pages.train.run.beside_view import BesideView
from studio.gui.pages.train.run.findings import FindingAct
from studio.gui.pages.train.run.head import VIEWS, RunHead
from studio.gui.pages.train.run.now_view import NowView
from studio.gui.pages.train.run.presenter import RunPresenter, RunView
from studio.gui.pages.train.run.record import as_text, log
from studio.gui.pages.train.run.record_view import RecordView
from studio.gui.widgets.layouts import column
from studio.gui.widgets.pace import Pace
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


class RunPanel(QFrame):
    """``portrait_of`` finds a persona's picture. What is told in between is shown at most ten times a second."""

    prefill_requested = Signal(object)
    """A ``Prefill``: the form is to be filled in so."""
    run_requested = Signal(str)
    """Another run is to be looked at."""

    def __init__(self, studio: "Studio", navigator: Navigator, portrait_of: Callable[[str], Path | None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._navigator, self._portrait_of = navigator, portrait_of
        self.presenter = RunPresenter(studio)
        self._desk = BesideDesk(self.presenter)
        acts: dict[str, Callable[[], object]] = {
            "talk": self._talk, "open": self._open, "again": self._again,
            "sample_now": lambda: self._ask("sample_now", tr("It answers the prompts after this step.")),
            "save_now": lambda: self._ask("save_now", tr("It writes a checkpoint after this step.")),
            **{name: lambda name=name: self._ask(name) for name in ("pause", "resume", "stop")},  # type: ignore[misc]
        }  # fmt: skip
        self.head, self.now = RunHead(acts), NowView(self.presenter, acts)
        self.record, self.beside = RecordView(), BesideView()
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        for one in (self.now, self.record, self.beside):
            self._stack.addWidget(one)
        self._connect()
        self._pace = Pace(self, self._refresh)
        whole = column(self.head, self._stack, margins=(18, 16, 18, 14), spacing=10)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _connect(self) -> None:
        self.head.view_chosen.connect(self.show_view)
        self.now.act_wished.connect(self._act)
        self.record.link_wished.connect(lambda _: self._open("data"))
        self.record.copy_wished.connect(self._copy)
        self.beside.other_chosen.connect(self._compare)
        self.beside.open_wished.connect(self.run_requested)

    def show_run(self, run_id: str) -> None:
        """Show a run; asked for again and again while it works."""
        if run_id != self.presenter.run_id:
            self.presenter.look_at(run_id)
            self._desk.forget()
            self.now.forget()
            self._pace.now()
        else:
            self._pace.ask()

    def show_view(self, name: str) -> None:
        """``now``, ``record`` or ``beside``."""
        self.head.views.show_choice(name)
        self._stack.setCurrentIndex(VIEWS.index(name))
        self._pace.now()

    def _refresh(self) -> None:
        """Only what is seen is worked out."""
        if not self.presenter.run_id:
            return
        try:
            more = self.presenter.read()
            view = self.presenter.view()
        except StudioError:  # deleted meanwhile; the page looks at another one with the next notice
            self.presenter.look_at("")
            return
        self.head.show_view(view, self._portrait_of(view.run.persona_id))
        self.now.show_head(view)
        if more:
            QTimer.singleShot(0, self, self._pace.now)
            return
        self._show_stack(view)

    def _show_stack(self, view: RunView) -> None:
        shown = self._stack.currentWidget()
        if shown is self.now:
            self.now.show_work(view)
        elif shown is self.record:
            story = self.presenter.story()
            self.record.show_record(self.presenter.sections(story), log(story.notes))
        else:
            self._show_beside()

    # -- beside another run ---------------------------------------------------------------------------------------

    def _show_beside(self) -> None:
        self.beside.offer(self._desk.others(), self._desk.other_id)
        if not self._desk.other_id:
            return
        if self._desk.read():
            QTimer.singleShot(0, self, self._pace.now)
            return
        self.beside.show_beside(self._desk.beside())

    def _compare(self, other_id: str) -> None:
        self._desk.choose(other_id)
        self._pace.now()

    # -- acts -----------------------------------------------------------------------------------------------------

    def _ask(self, name: str, said: str = "") -> None:
        try:
            self.presenter.act(name)
        except StudioError as error:
            self._navigator.show_error(error)
            return
        if said:
            self._navigator.toast(said)
        self._pace.now()

    def _act(self, act: FindingAct) -> None:
        if act.kind == "again":
            self.prefill_requested.emit(self.presenter.again(act))
        elif act.kind == "talk":
            self._talk()
        else:
            self._ask(act.kind)

    def _again(self) -> None:
        self.prefill_requested.emit(self.presenter.again())

    def _talk(self) -> None:
        self._navigator.open_chat(self.presenter.contestants())

    def _open(self, tab: str = "adapters") -> None:
        self._navigator.open_persona(self.presenter.run.persona_id, tab)

    def _copy(self, words: str) -> None:
        if not words:
            story = self.presenter.story()
            words = as_text(self.presenter.view().title, self.presenter.sections(story), log(story.notes))
        QGuiApplication.clipboard().setText(words)
        self._navigator.toast(tr("Copied."))
