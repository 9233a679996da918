"""The drawer: system prompt, sampler and seed of the open chat."""

import dataclasses

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QPlainTextEdit

from studio.domain.chat import Sampler
from studio.gui.widgets.basic import button, label, scrolling
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.option_form import OptionForm
from studio.gui.widgets.steady import steady
from studio.options import Option
from studio.texts import tr

SAMPLING = {
    one.name: one
    for one in (
        Option(name="temperature", label="Temperature", kind=float, minimum=0, maximum=5,
               help="How bold the choice of words is; 0 always takes the likeliest."),
        Option(name="top_p", label="Top-p", kind=float, minimum=0.01, maximum=1,
               help="Only the likeliest words that together reach this share are drawn from; 1 is off."),
        Option(name="top_k", label="Top-k", kind=int, minimum=0, maximum=1000,
               help="Only this many of the likeliest words are drawn from; 0 is off."),
        Option(name="min_p", label="Min-p", kind=float, minimum=0, maximum=1,
               help="Leaves out words that are less likely than this share of the likeliest; 0 is off."),
        Option(name="repetition_penalty", label="Repetition penalty", kind=float, minimum=0.5, maximum=3,
               help="Above 1, words that were said already become less likely."),
        Option(name="max_tokens", label="Most tokens", kind=int, minimum=1, maximum=8192,
               help="A reply ends after so many tokens at the latest."),
    )
}  # fmt: skip
_WIDTH = 300


class Drawer(QFrame):
    """Tells a whole new ``Sampler`` with every change."""

    sampler_changed = Signal(object)
    seed_changed = Signal(object)
    same_seed_changed = Signal(bool)
    prompt_changed = Signal(str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self._sampler = Sampler()
        self._make_prompt()
        self.form = OptionForm(SAMPLING, dataclasses.asdict(self._sampler), field_width=96)
        self.form.changed.connect(self._changed)
        self._make_seed()
        reset = button(tr("Back to the defaults"), quiet=True, on_click=self._reset)
        close = button("", "mdi6.close", quiet=True, on_click=self.closed.emit, name=tr("Close the drawer"))
        inner = column(
            label(tr("System prompt"), "small"), self.prompt, self._prompt_words, 8,
            label(tr("Sampling"), "small"), self.form, 8,
            row(self._seed_name, None, self.seed), self.same_seed, 4, row(reset, None), None,
            spacing=8, margins=(0, 0, 8, 0),
        )  # fmt: skip
        whole = column(
            row(label(tr("How they answer"), "h2"), None, close), scrolling(holder(inner)), margins=(16, 12, 8, 12)
        )
        whole.setStretch(1, 1)
        self.setLayout(whole)
        steady(self)

    def _make_prompt(self) -> None:
        self.prompt = QPlainTextEdit()
        self.prompt.setFixedHeight(110)
        self.prompt.setTabChangesFocus(True)
        self.prompt.setAccessibleName(tr("System prompt"))
        self.prompt.setPlaceholderText(tr("Empty: each persona's own"))
        self._prompt_words = button(
            tr("Use for all columns"), on_click=lambda: self.prompt_changed.emit(self.prompt.toPlainText())
        )

    def _make_seed(self) -> None:
        self._seed_name = label(tr("Seed"), "muted")
        self.seed = QLineEdit()
        self.seed.setFixedWidth(96)
        self.seed.setAccessibleName(tr("Seed"))
        self.seed.setPlaceholderText(tr("random"))
        self.seed.setToolTip(tr("The same seed, words and settings give the same reply. Empty: another one each time."))
        self.seed.editingFinished.connect(self._seed_written)
        self.same_seed = QCheckBox(tr("Same seed in all columns"))
        self.same_seed.setChecked(True)
        self.same_seed.toggled.connect(self.same_seed_changed)

    def show_state(self, sampler: Sampler, seed: int | None, same_seed: bool, prompt: str) -> None:
        """Show what is set."""
        self._sampler = sampler
        self.form.show_values(dataclasses.asdict(sampler))
        self.seed.setText("" if seed is None else str(seed))
        self.same_seed.setChecked(same_seed)
        if not self.prompt.hasFocus():
            self.prompt.setPlainText(prompt)

    def _changed(self, name: str, value: object) -> None:
        self._sampler = dataclasses.replace(self._sampler, **{name: value})  # type: ignore[arg-type]
        self.sampler_changed.emit(self._sampler)

    def _reset(self) -> None:
        self._sampler = Sampler()
        self.form.show_values(dataclasses.asdict(self._sampler))
        self.sampler_changed.emit(self._sampler)

    def _seed_written(self) -> None:
        words = self.seed.text().strip()
        if words and not words.isdecimal():
            self.seed.clear()
            words = ""
        self.seed_changed.emit(int(words) % 2**31 if words else None)
