"""The run looked at: its face, its figures, its curve, what can be done with it, and how it ended."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar

from studio.gui.pages.train.presenter import Curve, RunView
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, card, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.loss_curve import LossCurve
from studio.gui.widgets.portrait import Portrait
from studio.texts import tr


class RunPanel(QFrame):
    """``acts`` are what the buttons do: pause, resume, stop, chat, open, export."""

    def __init__(self, acts: dict[str, Callable[[], None]]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._face = Portrait(36)
        self._title, self._line = label("", "h2"), label("", "small")
        self.pause = button(
            tr("Pause"), "mdi6.pause", on_click=acts["pause"], tip=tr("Keep a checkpoint and go on later")
        )
        self.resume = button(tr("Resume"), "mdi6.play", primary=True, on_click=acts["resume"])
        self.stop = button(tr("Stop"), "mdi6.stop", on_click=acts["stop"], tip=tr("End now and keep what was learned"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the run"))
        self.curve = LossCurve(tr("The curve appears with the first steps."))
        self._remark = label("", "small")
        self._make_end(acts)
        head = row(
            self._face, column(self._title, self._line, spacing=1), None, self.resume, self.pause, self.stop, spacing=10
        )
        whole = column(head, self._bar, self._end, self.curve, self._legend(), margins=(18, 16, 18, 14), spacing=10)
        whole.setStretch(3, 1)
        self.setLayout(whole)

    def _make_end(self, acts: dict[str, Callable[[], None]]) -> None:
        self._outcome, self._failure = label("", wrap=True), label("", "bad", wrap=True)
        self.chat = button(tr("Chat with it"), "mdi6.chat-outline", primary=True, on_click=acts["chat"])
        self.open = button(tr("Open adapter"), "mdi6.layers-outline", on_click=acts["open"])
        self.export = button(tr("Export…"), "mdi6.export-variant", on_click=acts["export"])
        self._out_row = row(self.chat, self.open, self.export, None)
        self._end = card(column(self._failure, self._outcome, self._out_row, margins=(14, 12, 14, 12)), "raised")

    def _legend(self) -> QHBoxLayout:
        self._train_key = label("━", "small")
        return row(
            label("●", "small"), label(tr("held-out lines"), "small"), 10, self._train_key,
            label(tr("training, smoothed"), "small"), None, self._remark, spacing=5,
        )  # fmt: skip

    def show_run(self, view: RunView, curve: Curve, portrait: Path | None) -> None:
        """Show a run as the presenter sees it."""
        self._face.show_persona(view.title.split(" · ")[0], view.colour, portrait)
        self._title.setText(view.title)
        self._line.setText(view.line)
        self._show_progress(view)
        can = view.allowed
        for part, wanted in ((self.pause, can.pause), (self.resume, can.resume), (self.stop, can.stop)):
            part.setVisible(wanted)
        self._outcome.setText(view.outcome)
        self._failure.setText(view.failure)
        self._outcome.setVisible(bool(view.outcome))
        self._failure.setVisible(bool(view.failure))
        for part in (self.chat, self.open, self.export):
            part.setVisible(can.outcome)
        self._end.setVisible(bool(view.outcome or view.failure or can.outcome))
        self._remark.setText(curve.remark)
        colour = tokens.readable(view.colour, tokens.current().surface, 3.0) if view.colour else tokens.current().accent
        self._train_key.setStyleSheet(f"color: {colour};")
        self.curve.show_points(
            curve.train, curve.heldout, base=curve.base, total_steps=curve.total_steps, colour=view.colour
        )

    def _show_progress(self, view: RunView) -> None:
        waiting = view.busy and view.progress <= 0
        self._bar.setRange(0, 0 if waiting else 1000)
        if not waiting:
            self._bar.setValue(round(view.progress * 1000))
        colour = view.colour or tokens.current().accent
        sheet = f"QProgressBar::chunk {{ background: {colour}; border-radius: 3px; }}"
        if sheet != self._bar.styleSheet():
            self._bar.setStyleSheet(sheet)
