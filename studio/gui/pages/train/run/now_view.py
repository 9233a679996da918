"""What a run does and says: how it ended or what it waits for, its curves, findings, and the strip of samples."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.domain.run import RunState
from studio.gui.pages.train.run.charts import Charts
from studio.gui.pages.train.run.findings_view import FindingsView
from studio.gui.pages.train.run.presenter import RunPresenter, RunView
from studio.gui.pages.train.run.sample_reader import SampleReader
from studio.gui.pages.train.run.sample_strip import SampleStrip
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import IconLabel, button, label, scrolling, set_kind
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

_TITLES = {
    RunState.QUEUED: "Waiting for its turn",
    RunState.PAUSED: "Paused before its first step",
    RunState.FAILED: "It could not begin",
    RunState.INTERRUPTED: "Interrupted before its first step",
    RunState.STOPPED: "Stopped before its first step",
}


class NowView(QWidget):
    """``acts``: what the buttons of the outcome do."""

    act_wished = Signal(object)

    def __init__(self, presenter: RunPresenter, acts: dict[str, Callable[[], object]]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._presenter = presenter
        self._reader: SampleReader | None = None
        self.charts, self.findings, self.strip = Charts(), FindingsView(), SampleStrip()
        self.findings.act_wished.connect(self.act_wished)
        self.strip.prompt_chosen.connect(self._prompt_chosen)
        self.strip.opened.connect(self.read_sample)
        self.outcome, self.failure = label("", wrap=True, selectable=True), label("", "bad", wrap=True, selectable=True)
        self.end = holder(column(self.failure, self.outcome, spacing=4))
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(self._make_waiting(acts))
        self._stack.addWidget(self._make_work())
        whole = column(self.end, self._stack, spacing=6)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _make_waiting(self, acts: dict[str, Callable[[], object]]) -> QWidget:
        """The empty state of a run that has made no step: what it waits for, and what can be done."""
        self._waiting_title = label("", "h1")
        self.waiting = label("", "muted", wrap=True)
        self.waiting.setMinimumWidth(260)
        self.waiting.setMaximumWidth(440)
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._waiting_mark = IconLabel("mdi6.timer-sand", "accent", 44)
        self._again = button(tr("Fill in the form like this"), "mdi6.restart", on_click=acts["again"])
        sentence = row(None, self.waiting, None)
        sentence.setStretch(1, 20)
        made = QWidget()
        made.setObjectName("clear")
        made.setLayout(
            column(
                None, row(None, self._waiting_mark, None), 4, row(None, self._waiting_title, None), sentence, 6,
                row(None, self._again, None), None, None, spacing=10,
            )
        )  # fmt: skip
        return made

    def _make_work(self) -> QWidget:
        inner = QWidget()
        whole = column(self.charts, self.findings, self.strip, spacing=10)
        whole.setStretch(0, 5)
        whole.setStretch(2, 4)
        inner.setLayout(whole)
        return scrolling(inner)

    def show_head(self, view: RunView) -> None:
        """How it ended, or what it waits for."""
        run, begun = view.run, view.begun
        resting = view.waiting if begun and run.state is RunState.PAUSED else ""
        self.outcome.setText(view.outcome or resting)
        self.outcome.setVisible(bool(view.outcome or resting))
        self.failure.setText(view.failure if begun else "")
        self.failure.setVisible(bool(view.failure) and begun)
        set_kind(self.failure, "bad" if run.state is RunState.FAILED else "warn")
        self.end.setVisible(begun and bool(view.outcome or resting or view.failure))
        self._stack.setCurrentIndex(1 if begun else 0)
        self._waiting_title.setText(tr(_TITLES.get(run.state, "Waiting for its turn")))
        failed = run.state in (RunState.FAILED, RunState.INTERRUPTED)
        set_icon(self._waiting_mark, "mdi6.alert-circle-outline" if failed else "mdi6.timer-sand",
                 "bad" if failed else "accent")  # fmt: skip
        self.waiting.setText(view.failure or view.waiting)
        self._again.setVisible(view.allowed.again)

    def show_work(self, view: RunView) -> None:
        """Curves, findings and samples, as far as they are known."""
        shown = self._presenter
        total = max(view.run.total_steps, shown.live.total_steps if shown.live else 0)
        self.charts.show_curves(shown.curves, total_steps=total, colour=view.colour, best_step=shown.best_step)
        self.findings.show_rows(shown.findings)
        self._show_strip(view.run.state is RunState.RUNNING)

    def _show_strip(self, working: bool) -> None:
        prompts = self._presenter.prompts()
        nothing = (
            tr("The first answers come from the base alone, before the first step; then at every checkpoint.")
            if working
            else tr("No samples were written by this run.")
        )
        self.strip.show_samples(prompts, self._presenter.prompt_key, self._presenter.strip(), nothing)

    def _prompt_chosen(self, key: str) -> None:
        self._presenter.prompt_key = key
        self.strip.show_samples(self._presenter.prompts(), key, self._presenter.strip(), "")

    def forget(self) -> None:
        """Another run is looked at: what was unfolded or opened belongs to the one before."""
        self.findings.fold()
        if self._reader is not None:
            self._reader.close()
            self._reader.deleteLater()
            self._reader = None

    def read_sample(self, step: int) -> None:
        """Open the whole answer beside the one before it."""
        if self._reader is None:
            self._reader = SampleReader(self.window(), self._presenter.prompts(), self._presenter.strip)
        self._reader.show_step(self._presenter.prompt_key, step)
        self._reader.show()
