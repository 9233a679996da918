"""The Data tab: what the persona is learned from. A strip, and four views: data, findings, coverage, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.gui.item_models.conversation_list import ConversationListModel
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.data.bench_view import DataBenchView
from studio.gui.pages.persona.data.change_desk import ChangeDesk
from studio.gui.pages.persona.data.checker import DataChecker
from studio.gui.pages.persona.data.conversation_list import ConversationList
from studio.gui.pages.persona.data.conversation_view import ConversationView
from studio.gui.pages.persona.data.coverage_view import CoverageView
from studio.gui.pages.persona.data.figures import charts
from studio.gui.pages.persona.data.findings import Remark
from studio.gui.pages.persona.data.findings_view import FindingsView
from studio.gui.pages.persona.data.keys import tab_keys
from studio.gui.pages.persona.data.menus import mending_menu, pop
from studio.gui.pages.persona.data.presenter import DataPresenter
from studio.gui.pages.persona.data.strip import DataStrip
from studio.gui.pages.persona.data.toolbar import VIEWS, DataToolbar
from studio.gui.pages.persona.data.versions_view import VersionsView
from studio.gui.widgets.basic import button, empty_state
from studio.gui.widgets.layouts import column, holder
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

MEASURE_DELAY_MS = 600


class DataTab(QWidget):
    """Edits are stored as they are made; everything can be undone."""

    drafts_requested = Signal(str)
    """The persona for which data is to be written from its card."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = DataPresenter(studio)
        self._stale, self._new, self._walking = True, True, ""
        self.strip, self.toolbar = DataStrip(), DataToolbar()
        self.bench = DataBenchView(studio, navigator, self.presenter, self)
        self.findings, self.coverage = FindingsView(), CoverageView()
        self.versions = VersionsView(studio, navigator)
        self.checker = DataChecker(studio, self.presenter, self)
        self.desk = ChangeDesk(studio, navigator, self.presenter, self.toolbar.work, self)
        self._shown_report: object = self
        self._measuring = QTimer(self, singleShot=True, interval=MEASURE_DELAY_MS)
        self._measuring.timeout.connect(self._measure)
        self._build()
        self._wire()
        self._make_keys()

    @property
    def view(self) -> ConversationView:
        """The open conversation."""
        return self.bench.view

    @property
    def list(self) -> ConversationList:
        """The list."""
        return self.bench.pane.list

    @property
    def model(self) -> ConversationListModel:
        """What the list shows."""
        return self.bench.pane.model

    def _build(self) -> None:
        self._views = QStackedWidget()
        self._views.setObjectName("clear")
        for part in (self.bench, self.findings, self.coverage, self.versions):
            self._views.addWidget(part)
        whole = column(self.strip, self.toolbar, self._views, spacing=10)
        whole.setStretch(2, 1)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(holder(whole))
        self._stack.addWidget(self._empty_view())
        self.setLayout(column(self._stack))

    def _empty_view(self) -> QWidget:
        bring = button(tr("Import files"), "mdi6.import", primary=True, on_click=self._import)
        write = button(tr("Write from the card"), "mdi6.creation-outline", on_click=self._write)
        words = tr(
            "A voice is learned from what somebody says. Drop chats, scripts or datasets with this persona's lines "
            "anywhere in this window. There are none? Then let the base answer questions as the card describes, and "
            "keep what is right."
        )
        return empty_state("mdi6.message-text-outline", tr("No lines yet"), words, [bring, write])

    def _import(self) -> None:
        self._navigator.import_files((), self._studio.personas.get(self.presenter.persona_id).name)

    def _write(self) -> None:
        self.drafts_requested.emit(self.presenter.persona_id)

    def _wire(self) -> None:
        self.toolbar.view_requested.connect(self.show_view)
        self.toolbar.undo_requested.connect(self.desk.undo)
        self.toolbar.redo_requested.connect(self.desk.redo)
        self.toolbar.replace_requested.connect(self.replace)
        self.toolbar.drafts_requested.connect(self._write)
        self.toolbar.failed.connect(self._navigator.show_error)
        self.bench.acted.connect(self.desk.acted)
        self.bench.work_began.connect(self.desk.follow)
        self.desk.done.connect(self._show_undoable)
        self.desk.place_opened.connect(self.open_place)
        self.bench.filtered.connect(self.bench.load)
        self.checker.changed.connect(self._show_check)
        self.checker.failed.connect(self._navigator.show_error)
        self.findings.place_requested.connect(self._open_place_of)
        self.findings.cancel_requested.connect(self.checker.cancel)
        self.strip.all_requested.connect(lambda: self.show_view("findings"))
        for part in (self.strip, self.findings):
            part.remark_requested.connect(self.show_remark)
            part.mending_requested.connect(self._pop_mendings)
            part.checking_requested.connect(self.checker.check)

    def _make_keys(self) -> None:
        for one in tab_keys():
            made = QShortcut(QKeySequence(one.key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(getattr(self, one.name))

    # -- what the page calls ------------------------------------------------------------------------------------

    def show_persona(self, persona_id: str) -> None:
        """Show another persona's data."""
        self.presenter.show(persona_id)
        self.bench.pane.show_persona()
        self.bench.view.show_conversation(None)
        self.versions.show_persona(persona_id)
        self._walking, self._stale, self._new, self._shown_report = "", True, True, self
        self.show_view("conversations")

    def refresh_if_stale(self) -> None:
        """Show the data as it is now."""
        if not self._stale or not self.presenter.persona_id:
            return
        self._stale = False
        self.presenter.recount()
        persona = self._studio.personas.get(self.presenter.persona_id)
        self.bench.colour, self.bench.name = persona.colour, persona.name
        some = self.presenter.total() > 0
        self._stack.setCurrentIndex(0 if some else 1)
        self.bench.load()
        self._show_undoable()
        if not some:
            return
        if self._new:
            self._new = False
            QTimer.singleShot(0, self, self._measure)  # the list first: counting large data takes a moment
            self.checker.begin()
        else:
            self._measuring.start()
            self.checker.look_again()
        if self.current_view == "versions":
            self.versions.refresh()

    def on_change(self, change: Change) -> None:
        """Follow changes made elsewhere; own edits only measure again, a little later."""
        if not change.kinds & {Kind.CONVERSATION, Kind.TRASH, Kind.PERSONA}:
            return
        if change.kinds == {Kind.CONVERSATION} and change.ids == {self.presenter.persona_id}:
            self._measuring.start()  # nothing but what is known of the data: its tokens were counted, say
            return
        if change.initiator is self:
            self._measuring.start()
            self.checker.data_changed()
            self._show_undoable()
            return
        self._stale = True
        if self.isVisible():
            self.refresh_if_stale()

    @property
    def current_view(self) -> str:
        """Which of the views is shown."""
        return VIEWS[self._views.currentIndex()]

    def show_view(self, name: str) -> None:
        """Show one of the views."""
        self.toolbar.views.show_choice(name)
        self._views.setCurrentIndex(VIEWS.index(name))
        if name == "versions" and self.presenter.persona_id:
            self.versions.refresh()

    # -- figures and checks -------------------------------------------------------------------------------------

    def _measure(self) -> None:
        if self.presenter.can_look and self.presenter.total():
            shown = self.presenter.figures()
            self.strip.show_figures(shown, self.bench.colour)
            self.coverage.show_figures(shown, self.bench.colour)

    def _show_check(self) -> None:
        """A new report, or another state of checking."""
        found, gauge, state = self.presenter.remarks(), self.presenter.gauge(), self.checker.state_words()
        checking, report = self.checker.checking, self.presenter.report
        self.strip.show_remarks(found, state, checking=checking)
        self.findings.show_remarks(found, state, checking=checking, checked=report is not None)
        if report is self._shown_report:
            return
        self._shown_report = report
        self.strip.show_gauge(gauge)
        self.toolbar.show_findings(len(found))
        self.coverage.show_charts(
            charts(report) if report else (), gauge, self.bench.colour,
            readable=report.coverage.readable if report else True,
        )  # fmt: skip
        self.bench.pane.model.refresh()

    def show_remark(self, remark: Remark, by: int = 1) -> None:
        """Let the list show the conversations of a finding, and go to its next place."""
        self.show_view("conversations")
        self._walking = remark.code
        where = self.presenter.with_finding(remark.code)
        if self.presenter.where != where and self.presenter.is_flagged(remark.code):
            self.bench.pane.filter.take(where)
        found = self.presenter.walk.step(remark, by)
        if found is None:
            return
        place, number = found
        self.bench.open_place(place.conversation, place.turn)
        self.strip.show_place(remark, number)
        self.findings.show_place(remark, number)

    def _open_place_of(self, remark: Remark, number: int) -> None:
        self.presenter.walk.stand_before(remark, number)
        self.show_remark(remark)

    def next_place(self) -> None:
        """Go on in the walk through a finding's places."""
        self._walk(1)

    def previous_place(self) -> None:
        """Go back in it."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        found = self.presenter.remarks()
        remark = next((one for one in found if one.code == self._walking), found[0] if found else None)
        if remark is not None:
            self.show_remark(remark, by)

    # -- changes to all of the data -------------------------------------------------------------------------------

    def _pop_mendings(self, remark: Remark, at: object) -> None:
        pop(mending_menu(self, remark, self.desk.mend), at)

    def replace(self) -> None:
        """Open find and replace."""
        self.desk.replace(self.bench.pane.chosen())

    def undo(self) -> None:
        """Undo the newest act that stands."""
        self.desk.undo()

    def redo(self) -> None:
        """Do again what was undone last."""
        self.desk.redo()

    def _show_undoable(self) -> None:
        self.toolbar.show_undoable(self.presenter.undoable())

    def open_place(self, conversation_id: str, turn: int) -> None:
        """Go to a turn."""
        self.show_view("conversations")
        self.bench.open_place(conversation_id, turn)

    def swap_view(self) -> None:
        """Words instead of tokens, or the other way round."""
        self.bench.swap_view()
