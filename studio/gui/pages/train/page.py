"""The train page: a new run and the queue on the left, the run looked at on the right, what is up next under it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.domain.run import RunState
from studio.gui.navigator import Navigator
from studio.gui.pages.train.new_run_card import NewRunCard
from studio.gui.pages.train.page_acts import PageActs, started_words
from studio.gui.pages.train.presenter import Presenter
from studio.gui.pages.train.queue_pane import QueuePane
from studio.gui.pages.train.queue_strip import QueueStrip
from studio.gui.pages.train.run.panel import RunPanel
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, empty_state, label
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.segmented import Segmented
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.pages.train.run.findings import Prefill
    from studio.services.studio import Studio

_FORM_KINDS = {
    Kind.PERSONA, Kind.CONVERSATION, Kind.BASE, Kind.ENGINE, Kind.SETTING, Kind.TRASH, Kind.ADAPTER,
}  # fmt: skip
_RUN_KINDS = {Kind.RUN, Kind.ADAPTER, Kind.PERSONA, Kind.TRASH}
_LEFT = 344
_WIDE = 1500
"""From this width on, form and queue stand side by side."""
FORM, QUEUE = "new", "queue"


class Page(QWidget):
    """Reads again only what a change touched, and nothing while it is hidden."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = Presenter(studio)
        self._stale = False
        self._side = FORM
        self.form = NewRunCard(self.presenter.new_run, navigator, self._portrait, self._start)
        self.acts = PageActs(self.presenter, navigator, self._refresh_runs, self._continue_from)
        self.queue, self.strip = QueuePane(), QueueStrip()
        self.list = self.queue.list
        self.panel = RunPanel(studio, navigator, self._portrait)
        self._listen()
        self._build()
        self._refresh_runs()

    def _listen(self) -> None:
        self.list.looked_at.connect(self._look_at)
        self.list.act_requested.connect(self.acts.do)
        self.list.drop_requested.connect(self.acts.drop)
        self.list.fold_requested.connect(self._fold)
        self.queue.new_requested.connect(lambda: self._show_side(FORM))
        self.strip.queue_requested.connect(lambda: self._show_side(QUEUE))
        self.panel.prefill_requested.connect(self._prefill)
        self.panel.run_requested.connect(self._look_at)

    def _build(self) -> None:
        words = ((FORM, tr("New run"), tr("Choose what to train")), (QUEUE, tr("Queue"), tr("Waiting and past runs")))
        self.sides = Segmented(words, tr("Left side"))
        self.sides.chosen.connect(self._show_side)
        self._switch = holder(row(self.sides))
        self._switch.setFixedWidth(_LEFT)
        for card in (self.form, self.queue):
            card.setFixedWidth(_LEFT)
        left = column(self._switch, row(self.form, self.queue, spacing=14), spacing=10)
        left.setStretch(1, 1)
        body = row(left, self._make_right(), spacing=14)
        body.setStretch(1, 1)
        whole = column(self._head(), 4, body, margins=tokens.PAGE_MARGINS, spacing=10)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self._arrange()

    def _head(self) -> QWidget:
        compare = button(tr("Compare methods"), "mdi6.table-large", on_click=self.acts.compare,
                         tip=tr("The same data and budget through several methods"))  # fmt: skip
        sweep = button(tr("Sweep"), "mdi6.grid", on_click=self.acts.sweep,
                       tip=tr("Several values of two options, every combination a run"))  # fmt: skip
        return holder(row(label(tr("Train"), "display"), None, compare, sweep))

    def _make_right(self) -> QWidget:
        full = column(self.panel, self.strip, spacing=12)
        full.setStretch(0, 1)
        self._right = QStackedWidget()
        self._right.setObjectName("clear")
        words = tr(
            "Choose a persona on the left and press Start. "
            "Taste takes minutes and shows whether the voice comes through."
        )
        self._right.addWidget(empty_state("mdi6.fire", tr("No run yet"), words))
        self._right.addWidget(holder(full))
        return self._right

    # -- what is shown -------------------------------------------------------------------------------------------

    def open(self, persona_id: str = "", run_id: str = "", continues: str = "", wish: str = "", **args: object) -> None:
        """Called when the page is shown. ``wish``: ``new queue sweep compare pause resume``."""
        if persona_id:
            self.form.choose_persona(persona_id)
        if run_id:
            self.presenter.look_at(run_id)
        self._refresh()
        if continues:
            self._continue_from(continues)
        if wish in (FORM, QUEUE) or persona_id:
            self._show_side(wish or FORM)
        elif wish:
            QTimer.singleShot(0, self, lambda: self.acts.wish(wish))

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
            self.queue.show_rows(self.presenter.progressed(), self.presenter.foretold())
            self._refresh_panel()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: catch up with what happened while the page was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: form and queue side by side where there is room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= _WIDE
        self._switch.setVisible(not wide)
        self.form.title.setVisible(wide)
        self.queue.show_title(wide)
        self.form.setVisible(wide or self._side == FORM)
        self.queue.setVisible(wide or self._side == QUEUE)
        self.strip.setVisible(self.strip.holds_something and not self.queue.isVisibleTo(self))
        self.sides.show_choice(self._side)

    def _show_side(self, side: str) -> None:
        self._side = side
        self._arrange()
        if side == QUEUE:
            self.list.setFocus()

    def _refresh(self) -> None:
        self._stale = False
        self.form.refresh()
        self._refresh_runs()

    def _refresh_runs(self) -> None:
        self.presenter.times.forget()
        rows = self.presenter.rows()
        self.queue.show_rows(rows, self.presenter.done_words())
        upcoming = self.presenter.queue.upcoming()
        self.strip.show_rows(upcoming)
        waiting = sum(max(one.count, 1) for one in upcoming)
        self.sides.part(QUEUE).setText(tr("Queue · {count}", count=waiting) if waiting else tr("Queue"))
        self.form.refresh_foot()
        self._arrange()
        self._refresh_panel()
        self.acts.refresh_results()

    def _refresh_panel(self) -> None:
        run = self.presenter.shown()
        self._right.setCurrentIndex(0 if run is None else 1)
        if run is not None:
            self.panel.show_run(run.id)
            chosen = self.list.chosen()
            if chosen is None or chosen.id != self.presenter.shown_id:
                self.list.choose(self.presenter.shown_id or run.id)

    def _portrait(self, persona_id: str) -> Path | None:
        persona = self.presenter.persona(persona_id)
        return self._studio.personas.portrait_path(persona) if persona else None

    # -- what is done --------------------------------------------------------------------------------------------

    def _start(self) -> None:
        try:
            run = self.presenter.start()
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self.form.foot.start_soon()
        self._refresh_runs()
        active = next((one for one in self._studio.training.queue() if one.state is RunState.RUNNING), None)
        said = started_words(run, active)
        if said:
            self._navigator.toast(said)

    def _look_at(self, row_id: str) -> None:
        self.presenter.look_at(row_id)
        self._refresh_panel()

    def _fold(self, group_id: str) -> None:
        self.presenter.fold(group_id)
        self.queue.show_rows(self.presenter.rows(), self.presenter.done_words())

    def _continue_from(self, adapter_id: str) -> None:
        self.form.continue_from(adapter_id)
        self._show_side(FORM)

    def _prefill(self, wanted: "Prefill") -> None:
        """Start again otherwise: the form as the run was, with what is to be changed."""
        self.form.prefill(wanted)
        self._show_side(FORM)
