"""Below the columns: trouble in a sentence, openers for a new chat, the composer with Send or Stop."""

from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from studio.gui.widgets.basic import IconLabel, button, card, label
from studio.gui.widgets.composer import Composer
from studio.gui.widgets.layouts import FlowLayout, clear, holder, row
from studio.texts import tr

_TOOL = QSize(20, 20)
"""Of pictures without words."""


class Bottom(QWidget):
    """Everything that is written or pressed to go on."""

    opener_chosen = Signal(str)
    train_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.editing = False
        self._kept = ""
        self._openers: tuple[list[str], bool] = ([], False)
        self.composer = Composer()
        self._make_notices()
        self._make_buttons()
        self._keys = row(self.same_seed, self.settings, spacing=6)
        foot = row(self.composer, self._keys, self.send, self.stop, spacing=10)
        foot.setStretch(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        for part in (self.trouble, self._opener_row, self.working, self._edit_note):
            whole.addWidget(part)
        whole.addLayout(foot)

    def _make_notices(self) -> None:
        self._words = label("", "bad", wrap=True)
        self.retry = button(tr("Try again"), "mdi6.refresh")
        self._away = button(
            "", "mdi6.close", quiet=True, on_click=lambda: self.show_trouble(""), name=tr("Close this notice")
        )
        line = row(IconLabel("mdi6.alert-circle-outline", "bad", 18), self._words, self.retry, self._away, spacing=10,
                   margins=(14, 8, 10, 8))  # fmt: skip
        line.setStretch(1, 1)
        self.trouble = card(line)
        self.trouble.hide()
        self._flow = FlowLayout()
        self._opener_row = holder(self._flow)
        self._opener_row.hide()
        self.leave_edit = button(tr("Leave it as it was"), quiet=True, tip=tr("Esc"))
        words = label(tr("Editing what you said last; they answer anew."), "small")
        self._edit_note = holder(row(IconLabel("mdi6.pencil-outline", "accent", 16), words, None, self.leave_edit))
        self._edit_note.hide()
        self._work = label("", "small")
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(140)
        self.working = holder(row(bar, self._work, None, spacing=10))
        self.working.hide()

    def _make_buttons(self) -> None:
        self.same_seed = button(
            "", "mdi6.dice-multiple-outline", name=tr("Same seed in all columns"),
            tip=tr("Same seed in all columns: differences come from the adapters, not from chance"),
        )  # fmt: skip
        self.same_seed.setCheckable(True)
        self.same_seed.setChecked(True)
        self.settings = button("", "mdi6.tune-variant", name=tr("System prompt, sampling and seed"))
        self.settings.setCheckable(True)
        self.send = button(tr("Send"), "mdi6.send", primary=True, tip=tr("Send (Enter)"),
                           on_click=lambda: self.composer.send_requested.emit(self.composer.toPlainText()))  # fmt: skip
        self.stop = button(tr("Stop"), "mdi6.stop", tip=tr("Stop all replies (Esc)"))
        for one in (self.send, self.stop):
            one.setMinimumWidth(92)
        for one in (self.same_seed, self.settings, self.send, self.stop):
            one.setMinimumHeight(38)
        for one in (self.same_seed, self.settings):
            one.setIconSize(_TOOL)
        self.stop.hide()

    def add_tool(self, tool: QPushButton) -> None:
        """Put one more button beside the composer."""
        tool.setIconSize(_TOOL)
        self._keys.insertWidget(0, tool)

    def show_busy(self, busy: bool) -> None:
        """Stop instead of Send."""
        self.stop.setVisible(busy)
        self.send.setVisible(not busy)

    def show_working(self, words: str) -> None:
        """A sentence beside a bar that moves; empty words take it away."""
        self._work.setText(words)
        self.working.setVisible(bool(words))

    def show_trouble(self, words: str, *, retry: bool = False) -> None:
        """A sentence, with a way to try again; empty words take it away."""
        self._words.setText(words)
        self.retry.setVisible(retry)
        self.trouble.setVisible(bool(words))

    def show_openers(self, openers: list[str], *, train: bool) -> None:
        """Suggestions for a first word, or the way to a first adapter."""
        if (openers, train) == self._openers:
            return
        self._openers = (openers, train)
        clear(self._flow)
        if train:
            self._flow.addWidget(label(tr("This is the base alone: it has no character yet."), "muted"))
            self._flow.addWidget(button(tr("Train an adapter"), "mdi6.fire", on_click=self.train_requested.emit))
        for words in openers:
            self._flow.addWidget(button(words, "mdi6.chat-outline", on_click=partial(self.opener_chosen.emit, words)))
        self._opener_row.setVisible(bool(openers) or train)

    def show_editing(self, words: str) -> None:
        """Put the last own words into the composer; empty: take back what was being typed before."""
        if words:
            self._kept, self.editing = self.composer.toPlainText(), True
            self.composer.setPlainText(words)
            self.composer.selectAll()
        elif self.editing:
            self.editing = False
            self.composer.setPlainText(self._kept)
        self._edit_note.setVisible(self.editing)
        self.composer.setFocus()
