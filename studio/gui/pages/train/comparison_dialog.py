"""Choosing the methods to compare: what each is, what it costs, what it takes; one click starts them all."""

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from studio.domain.run import RunGroup
from studio.gui.pages.train.comparison import Comparison, MethodChoice
from studio.gui.widgets.basic import button, card, label, scrolling, set_kind
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr


class ComparisonDialog(QDialog):
    """``then`` queues the runs; it returns None when that was refused, and the dialog stays."""

    def __init__(
        self, state: Comparison, who: str, then: Callable[[], RunGroup | None], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._state, self._then = state, then
        self.setWindowTitle(tr("Compare methods"))
        self.setMinimumSize(620, 600)
        self.boxes: dict[str, QCheckBox] = {}
        rows = column(*(self._row(one) for one in state.choices), None, spacing=8, margins=(0, 0, 8, 0))
        self._words = label("", "h2")
        self.start = button(tr("Start"), "mdi6.play", primary=True, on_click=self._start)
        said = tr(
            "The same data, the same seed and the same number of steps through several methods: {who}. The table at "
            "the end says what each learned and what it cost.", who=who,
        )  # fmt: skip
        foot = row(self._words, None, button(tr("Cancel"), on_click=self.reject), self.start)
        whole = column(
            label(tr("Compare methods"), "h1"), label(said, "muted", wrap=True), 4, scrolling(holder(rows)), 4, foot,
            spacing=10, margins=(24, 20, 24, 18),
        )  # fmt: skip
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self._show()

    def _row(self, one: MethodChoice) -> QWidget:
        box = QCheckBox(one.label)
        box.setChecked(one.chosen)
        box.setAccessibleDescription(f"{one.summary} {one.costs}")
        box.toggled.connect(lambda on: self._set(one.name, on))
        self.boxes[one.name] = box
        memory = label(one.memory, "small")
        if not one.fits:
            memory.setText(tr("{memory}: will not fit", memory=one.memory))
            set_kind(memory, "bad")
        parts: list[QWidget] = [label(one.summary, "small", wrap=True)]
        if one.costs:
            parts.append(label(one.costs, "warn", wrap=True))
        words = column(*parts, spacing=3, margins=(28, 0, 0, 0))
        return card(column(row(box, None, memory), words, spacing=3, margins=(12, 8, 14, 10)), "raised")

    def _set(self, name: str, on: bool) -> None:
        self._state.set(name, on)
        self._show()

    def _show(self) -> None:
        self._words.setText(self._state.words())
        self.start.setEnabled(len(self._state.chosen) > 1)
        self.start.setToolTip("" if len(self._state.chosen) > 1 else tr("Choose at least two methods"))

    def _start(self) -> None:
        if self._then() is not None:
            self.accept()
