"""The head of a run's page: face, title, buttons, progress, figures, and the ways to look at it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from studio.gui.pages.train.run.presenter import RunView
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.portrait import Portrait
from studio.gui.widgets.segmented import Segmented
from studio.texts import tr

VIEWS = ("now", "record", "beside")
_NAME_WIDTH = 210
"""What face and name need beside the buttons; where that is not left, the buttons are icons only."""


class RunHead(QWidget):
    """``acts`` are what the buttons do, by their names."""

    view_chosen = Signal(str)

    def __init__(self, acts: dict[str, Callable[[], object]]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._face = Portrait(36)
        self._title, self._subtitle = ElidedLabel("", "h2"), ElidedLabel("", "small")
        self._make_buttons(acts)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the run"))
        self.figures = ElidedLabel("", "small")
        self.views = Segmented(
            [
                ("now", tr("Curves"), tr("How it learns, and what it says")),
                ("record", tr("Record"), tr("Recipe, data, conditions and log")),
                ("beside", tr("Compare"), tr("Beside another run")),
            ],
            tr("View"),
        )
        for name in VIEWS:
            self.views.part(name).setStyleSheet("padding: 3px 10px; font-size: 12px;")
        self.views.show_choice("now")
        self.views.chosen.connect(self.view_chosen)
        self._build()

    def _make_buttons(self, acts: dict[str, Callable[[], object]]) -> None:
        self.talk = button(
            tr("Talk to it"), "mdi6.chat-outline", on_click=acts["talk"], tip=tr("Chat with what it is by now")
        )
        self.sample = button(
            tr("Sample now"), "mdi6.message-reply-text-outline", on_click=acts["sample_now"],
            tip=tr("Let it answer the fixed prompts now"),
        )  # fmt: skip
        self.save = button(
            tr("Save now"), "mdi6.content-save-outline", on_click=acts["save_now"], tip=tr("Write a checkpoint now")
        )
        self.pause = button(
            tr("Pause"), "mdi6.pause", on_click=acts["pause"], tip=tr("Keep a checkpoint and go on later")
        )
        self.resume = button(tr("Resume"), "mdi6.play", primary=True, on_click=acts["resume"])
        self.chat = button(tr("Chat with it"), "mdi6.chat-outline", primary=True, on_click=acts["talk"])
        self.open = button(tr("Open adapter"), "mdi6.layers-outline", on_click=acts["open"])
        self.export = button(tr("Export…"), "mdi6.export-variant", on_click=acts["open"],
                             tip=tr("Take the adapter out of the library"))  # fmt: skip
        self.again = button(
            tr("Again…"), "mdi6.restart", on_click=acts["again"], tip=tr("Fill in the form for a run like this one")
        )
        self.stop = button(tr("Stop"), "mdi6.stop", on_click=acts["stop"], tip=tr("End now and keep what was learned"))
        self._words = {one: one.text() for one in self._all()}
        self._wide: dict[QPushButton, int] = {}
        for one in self._all():
            one.setStyleSheet("padding: 6px 10px;")
            one.hide()

    def _all(self) -> tuple[QPushButton, ...]:
        working = (self.talk, self.sample, self.save, self.resume, self.pause, self.stop)
        return (*working, self.chat, self.open, self.export, self.again)

    def _build(self) -> None:
        names = column(self._title, self._subtitle, spacing=1)
        top = row(self._face, names, *self._all(), spacing=8)
        top.setStretch(1, 1)
        under = row(self.figures, self.views, spacing=12)
        under.setStretch(0, 1)
        self.setLayout(column(top, self._bar, under, spacing=9))

    def minimumSizeHint(self) -> QSize:
        """Qt's: the buttons can be icons, so their words force no width."""
        return QSize(360, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where it is narrow, buttons lose their words, not the run its name."""
        shown = [one for one in self._all() if not one.isHidden()]
        for one in shown:
            if one.text() or one not in self._wide:
                one.setText(self._words[one])
                self._wide[one] = one.sizeHint().width() + 8
        narrow = sum(self._wide[one] for one in shown) + _NAME_WIDTH > self.width()
        for one in shown:
            one.setText("" if narrow else self._words[one])

    def show_view(self, view: RunView, portrait: Path | None) -> None:
        """Show a run as the presenter sees it."""
        self._face.show_persona(view.title.split(" · ")[0], view.colour, portrait)
        self._title.setText(view.title)
        self._subtitle.setText(view.subtitle)
        self.figures.setText(view.figures)
        can = view.allowed
        shown = {
            self.talk: can.talk, self.sample: can.running, self.save: can.running, self.pause: can.pause,
            self.resume: can.resume, self.stop: can.stop, self.chat: can.outcome, self.open: can.outcome,
            self.export: can.outcome, self.again: can.again and view.begun,
        }  # fmt: skip
        for part, wanted in shown.items():
            part.setVisible(wanted)
        self._fit()
        self._show_progress(view)

    def _show_progress(self, view: RunView) -> None:
        waiting = view.busy and view.progress <= 0
        self._bar.setRange(0, 0 if waiting else 1000)
        if not waiting:
            self._bar.setValue(round(view.progress * 1000))
        colour = view.colour or tokens.current().accent
        sheet = f"QProgressBar::chunk {{ background: {colour}; border-radius: 3px; }}"
        if sheet != self._bar.styleSheet():
            self._bar.setStyleSheet(sheet)
