"""The form's third part: rank as the dial of capacity, the plain options, and everything else under *Expert*."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QVBoxLayout, QWidget

from studio.gui.pages.train.new_run import RANK, NewRun
from studio.gui.pages.train.new_run_fields import Unfold
from studio.gui.pages.train.new_run_words import RANKS, nearest_rank, rank_sentence
from studio.gui.widgets.basic import label
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.option_form import OptionForm
from studio.gui.widgets.steady import steady
from studio.options import Option
from studio.texts import tr


class DialsPart(QWidget):
    """``changed`` after every value; the forms are made from the method's declared options."""

    changed = Signal()
    unfolded = Signal(QWidget)

    def __init__(self, state: NewRun, between: QWidget) -> None:
        """``between`` stands after the plain options, before what is folded away."""
        super().__init__()
        self.setObjectName("clear")
        self._state = state
        self._shown_method = ""
        self.forms: list[OptionForm] = []
        self._make_dial()
        self._plain_place, expert_place = QVBoxLayout(), QVBoxLayout()
        self._expert_place = expert_place
        self.expert = holder(expert_place)
        self.unfold = Unfold(tr("Expert"), self.expert, tr("Show every option of this method"))
        self.unfold.toggled.connect(lambda on: self.unfolded.emit(self.expert) if on else None)
        self.setLayout(column(self._dial, self._plain_place, between, row(self.unfold, None), self.expert, spacing=9))

    def _make_dial(self) -> None:
        self.rank = QSlider(Qt.Orientation.Horizontal)
        self.rank.setRange(0, len(RANKS) - 1)
        self.rank.setPageStep(1)
        self.rank.setAccessibleName(tr("Rank: how much the persona may change"))
        self._rank_figure = label("", "h2")
        self._rank_words = label("", "small", wrap=True)
        self.rank.valueChanged.connect(self._rank_moved)
        head = row(label(tr("Rank — how much the persona may change"), "small"), None, self._rank_figure)
        self._dial = holder(column(head, self.rank, self._rank_words, spacing=4))

    def show_state(self) -> None:
        """Show the values."""
        if self._shown_method != self._state.method:
            self._make_forms()
        values, fixed = self._state.values(), self._state.fixed()
        for form in self.forms:
            form.show_values(values)
            form.fix(fixed)
        self._dial.setVisible(RANK in values)
        self.rank.setEnabled(RANK not in fixed)
        self._show_dial(int(float(str(values.get(RANK, RANKS[0])))), RANK in fixed)

    def _make_forms(self) -> None:
        self._shown_method = self._state.method
        options = {name: one for name, one in self._state.options().items() if name != RANK}
        self.forms = []
        for place, expert in ((self._plain_place, False), (self._expert_place, True)):
            clear(place)
            place.setContentsMargins(0, 0, 0, 0)
            form = OptionForm(_those(options, expert), self._state.values(), field_width=112, helped=expert)
            form.changed.connect(self._set)
            form.refused.connect(self._refuse)
            place.addWidget(form)
            self.forms.append(form)
        steady(self)

    def _show_dial(self, rank: int, fixed: bool) -> None:
        self.rank.blockSignals(True)
        self.rank.setValue(nearest_rank(rank))
        self.rank.blockSignals(False)
        words = tr("It comes with the adapter that is continued.") if fixed else rank_sentence(rank)
        self._rank_figure.setText(str(rank))
        self._rank_words.setText(words)
        self.rank.setAccessibleDescription(f"{rank}: {words}")

    def _rank_moved(self, place: int) -> None:
        self._state.set_value(RANK, RANKS[place])
        self._show_dial(RANKS[place], fixed=False)
        self.changed.emit()

    def _set(self, name: str, value: object) -> None:
        self._state.set_value(name, value)
        self.changed.emit()

    def _refuse(self, name: str, problem: str) -> None:
        self._state.wrong[name] = problem
        self.changed.emit()


def _those(options: dict[str, Option], expert: bool) -> dict[str, Option]:
    return {name: one for name, one in options.items() if one.expert is expert}
