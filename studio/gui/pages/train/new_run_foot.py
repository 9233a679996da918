"""The form's foot: what the run will take of this machine, when it starts, what stands in its way, and the button."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtWidgets import QPushButton, QWidget

from studio.domain.clock import now
from studio.gui.navigator import Navigator
from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.new_run_words import memory_words
from studio.gui.pages.train.queue_schedule import MomentEdit
from studio.gui.widgets.basic import button, label, set_kind
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.memory_bar import MemoryBar, Segment
from studio.gui.widgets.steady import steady
from studio.texts import tr


class FootPart(QWidget):
    """``on_start`` puts the run into the queue."""

    def __init__(self, state: NewRun, navigator: Navigator, on_start: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._state, self._navigator = state, navigator
        self._title, self.sum = label(tr("Memory it will take"), "small"), label("", "small")
        self.bar = MemoryBar()
        self.words, self.measured = label("", "small", wrap=True), label("", "small", wrap=True)
        self.reason = label("", "warn", wrap=True)
        self.way_out = button("", on_click=self._leave)
        self._make_when()
        self.start: QPushButton = button(tr("Start"), "mdi6.play", primary=True, on_click=on_start)
        self.start.setMinimumHeight(38)
        start = row(self.start, self.when, spacing=6)
        start.setStretch(0, 1)
        self.setLayout(column(
            row(self._title, None, self.sum), self.bar, self.words, self.measured, self.moment,
            self.reason, self.way_out, start, spacing=7,
        ))  # fmt: skip

    def _make_when(self) -> None:
        self.when = button("", "mdi6.clock-outline", name=tr("Start at a time"))
        self.when.setCheckable(True)
        self.when.setFixedSize(38, 38)
        self.when.toggled.connect(lambda _: self._choose_when())
        self.moment = MomentEdit("", datetime.fromisoformat(now()))
        self.moment.dateTimeChanged.connect(lambda _: self._choose_when())
        self.moment.hide()
        steady(self.moment)

    def show_state(self) -> None:
        """Show what the form has come to."""
        self._show_memory()
        found = self._state.obstacle()
        self.start.setEnabled(found is None)
        self.start.setText(self._state.start_words())
        self.start.setAccessibleName(self._state.start_words())
        self.start.setToolTip(found.reason if found else "")
        self.reason.setText(found.reason if found else "")
        self.reason.setVisible(found is not None)
        self.way_out.setVisible(bool(found and found.button))
        self.way_out.setText(found.button if found else "")
        self.way_out.setAccessibleName(found.button if found else "")

    def start_soon(self) -> None:
        """After a start: the next run does not wait for a time by itself."""
        self.when.setChecked(False)

    def _choose_when(self) -> None:
        later = self.when.isChecked()
        self.moment.setVisible(later)
        self._state.starts_at = self.moment.moment() if later else ""
        self.show_state()

    def _show_memory(self) -> None:
        found = self._state.estimate()
        for part in (self._title, self.sum, self.bar, self.words):
            part.setVisible(found is not None)
        self.measured.setVisible(False)
        if found is None:
            return
        chosen = self._state.persona()
        parts = (
            (tr("base"), found.base, "accent"), (tr("adapter"), found.adapter, chosen.colour if chosen else "text"),
            (tr("optimizer"), found.optimizer, "warn"), (tr("activations"), found.activations, "good"),
            (tr("overhead"), found.overhead, "faint"),
        )  # fmt: skip
        self.bar.show_segments([Segment(*part) for part in parts], found.available)
        said = memory_words(found)
        self.sum.setText(said.sum)
        self.words.setText(said.parts)
        set_kind(self.words, "small" if said.good else "bad")
        set_kind(self.sum, "small" if said.good else "bad")
        self.measured.setText(said.measured)
        self.measured.setVisible(bool(said.measured))

    def _leave(self) -> None:
        found = self._state.obstacle()
        if found is None:
            return
        if found.page == "personas" and self._state.persona_id:
            self._navigator.open_persona(self._state.persona_id, "data")
        elif found.page:
            self._navigator.open_page(found.page)
