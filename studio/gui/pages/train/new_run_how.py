"""The form's parts about how: the preset with its reasons, the method with its costs and what is recommended."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.new_run_fields import Unfold, fill, named, picker
from studio.gui.pages.train.new_run_words import Choice, advice_line
from studio.gui.widgets.basic import IconLabel, label, link
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.segmented import Segmented
from studio.texts import tr
from studio.texts.methods import METHOD_COSTS


class PresetPart(QWidget):
    """``changed`` after every choice."""

    changed = Signal()

    def __init__(self, state: NewRun) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._state = state
        plain, cards = state.presets(), state.card_presets()
        self.preset = Segmented([(one.name, one.label, one.summary) for one in plain], tr("Preset"))
        self.by_memory = Segmented([(one.name, one.label, one.summary) for one in cards], tr("Preset by memory"))
        for one in cards:
            self.by_memory.part(one.name).setStyleSheet("padding: 4px 1px; font-size: 12px;")
        by_memory = row(label(tr("or by card"), "small"), self.by_memory, spacing=8)
        by_memory.setStretch(1, 1)
        self._words = label("", "small", wrap=True)
        for part in (self.preset, self.by_memory):
            part.chosen.connect(self._choose)
        self.reasons = label("", "small", wrap=True)
        self.why = Unfold(tr("Why these values"), self.reasons, tr("Show one sentence for each value of the preset"))
        self.setLayout(column(self.preset, by_memory, self._words, row(self.why, None), self.reasons, spacing=6))

    def show_state(self) -> None:
        """Show what is chosen and why."""
        for part in (self.preset, self.by_memory):
            part.show_choice(self._state.preset)
        self._words.setText(self._state.summary())
        self.show_reasons()

    def show_reasons(self) -> None:
        """Values set by hand have no reason any more."""
        lines = self._state.reasons()
        self.reasons.setText("\n".join(lines))
        self.why.setVisible(bool(lines))
        self.reasons.setVisible(bool(lines) and self.why.isChecked())

    def _choose(self, name: str) -> None:
        self._state.choose_preset(name)
        self.changed.emit()


class MethodPart(QWidget):
    """``changed`` after every choice."""

    changed = Signal()

    def __init__(self, state: NewRun) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._state = state
        self.method = picker(tr("Method"))
        self.method.activated.connect(lambda _: self._choose(str(self.method.currentData())))
        self._words = label("", "small", wrap=True)
        self._costs = QVBoxLayout()
        self._costs.setSpacing(3)
        self.advice = label("", "small", wrap=True)
        self.take_advice = link(tr("Use it"), self._take_advice)
        self.setLayout(column(
            named(tr("Method"), self.method), self._words, self._costs, self.advice, row(self.take_advice, None),
            spacing=5,
        ))  # fmt: skip

    def show_state(self) -> None:
        """Show what is chosen, what it costs, and what is recommended."""
        methods = [Choice(id=one.name, label=tr(one.label), help=tr(one.summary)) for one in self._state.methods()]
        fill(self.method, methods, self._state.method)
        self._words.setText(tr(self._state.chosen_method().summary))
        self._show_costs()
        self.show_advice()

    def _show_costs(self) -> None:
        clear(self._costs)
        for cost in self._state.chosen_method().costs:
            words = label(tr(METHOD_COSTS[cost]), "warn", wrap=True)
            line = row(IconLabel("mdi6.alert-outline", "warn", 14), words, spacing=6)
            line.setStretch(1, 1)
            self._costs.addWidget(holder(line))

    def show_advice(self) -> None:
        """Values that take more memory may change it."""
        found = self._state.advice()
        labels = {one.name: tr(one.label) for one in self._state.methods()}
        self.advice.setVisible(found is not None)
        self.advice.setText(advice_line(found, self._state.method, labels) if found else "")
        self.take_advice.setVisible(found is not None and found.method != self._state.method)

    def _choose(self, method: str) -> None:
        self._state.choose(method=method)
        self.changed.emit()

    def _take_advice(self) -> None:
        found = self._state.advice()
        if found is not None:
            self._choose(found.method)
