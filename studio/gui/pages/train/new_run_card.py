"""The card on the left: who learns, from what, how much; and what it will take of this machine."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.gui import figures
from studio.gui.navigator import Navigator
from studio.gui.pages.train.new_run import RANK, RANKS, NewRun, PersonaChoice, nearest_rank, rank_sentence
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import button, label, scrolling, set_kind
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.memory_bar import MemoryBar, Segment
from studio.gui.widgets.option_form import OptionForm
from studio.gui.widgets.portrait import portrait_pixmap
from studio.gui.widgets.segmented import Segmented
from studio.gui.widgets.steady import steady
from studio.options import Option
from studio.texts import tr

_WIDTH = 344


class NewRunCard(QFrame):
    """Shows a ``NewRun`` and changes it. ``on_start`` puts it into the queue."""

    def __init__(
        self, state: NewRun, navigator: Navigator, portrait_of: Callable, on_start: Callable[[], None]
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self._state, self._navigator, self._portrait_of = state, navigator, portrait_of
        self._shown_method = ""
        self._forms: list[OptionForm] = []
        self._make_choices()
        self._make_options()
        self._make_foot(on_start)
        top = holder(column(*self._choice_parts, *self._option_parts, None, spacing=8, margins=(0, 0, 8, 0)))
        self._area = scrolling(top)
        whole = column(label(tr("New run"), "h2"), self._area, *self._foot_parts, margins=(18, 16, 14, 16), spacing=8)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.refresh()

    # -- the parts -----------------------------------------------------------------------------------------------

    def _make_choices(self) -> None:
        training = self._state
        self._persona = _combo(tr("Persona"), 28)
        self._persona_line = label("", "small")
        self._base = _combo(tr("Base"), 16)
        self._method = Segmented([(one.name, one.label, tr(one.summary)) for one in training.methods()], tr("Method"))
        self._preset = Segmented([(one.name, one.label, one.summary) for one in training.presets()], tr("Preset"))
        self._preset_words = label("", "small", wrap=True)
        self._persona.activated.connect(lambda _: self._choose(persona_id=self._persona.currentData()))
        self._base.activated.connect(lambda _: self._choose(base_id=self._base.currentData()))
        self._method.chosen.connect(lambda name: self._choose(method=name))
        self._preset.chosen.connect(self._choose_preset)
        self._choice_parts = (
            self._persona, self._persona_line, 2, _named(tr("Base"), self._base), _named(tr("Method"), self._method), 2,
            label(tr("Preset"), "small"), self._preset, self._preset_words,
        )  # fmt: skip

    def _make_options(self) -> None:
        self._rank = QSlider(Qt.Orientation.Horizontal)
        self._rank.setRange(0, len(RANKS) - 1)
        self._rank.setPageStep(1)
        self._rank.setAccessibleName(tr("Rank: how much the persona may change"))
        self._rank_figure = label("", "h2")
        self._rank_words = label("", "small", wrap=True)
        self._rank.valueChanged.connect(self._rank_moved)
        self._plain_place, self._expert_place = QVBoxLayout(), QVBoxLayout()
        self._expert = holder(self._expert_place)
        self._expert.hide()
        self._unfold = button(tr("Expert"), "mdi6.chevron-right", quiet=True, on_click=self._toggle_expert)
        self._unfold.setCheckable(True)
        self._unfold.setAccessibleDescription(tr("Show every option of this method"))
        self._option_parts = (
            4, row(label(tr("Rank — how much the persona may change"), "small"), None, self._rank_figure), self._rank,
            self._rank_words, 4, self._plain_place, row(self._unfold, None), self._expert,
        )  # fmt: skip

    def _make_foot(self, on_start: Callable[[], None]) -> None:
        self._memory_title = label(tr("Memory it will take"), "small")
        self._memory_sum = label("", "small")
        self._bar = MemoryBar()
        self._memory_words = label("", "small", wrap=True)
        self._reason = label("", "warn", wrap=True)
        self._way_out = button("", on_click=self._leave)
        self.start: QPushButton = button(tr("Start"), "mdi6.play", primary=True, on_click=on_start)
        self.start.setMinimumHeight(38)
        self._foot_parts = (
            row(self._memory_title, None, self._memory_sum), self._bar, self._memory_words, 2,
            self._reason, self._way_out, self.start,
        )  # fmt: skip

    # -- showing -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read again what can be chosen and show it."""
        self._state.refresh()
        self._show_choices()
        self._show_options()

    def choose_persona(self, persona_id: str) -> None:
        """Take a persona (asked for by another page)."""
        self._choose(persona_id=persona_id)

    def _show_choices(self) -> None:
        people, bases = self._state.personas(), self._state.bases()
        _fill(self._persona, [(one.name, one.id, self._icon(one)) for one in people], self._state.persona_id)
        _fill(self._base, [(one.name, one.id, QIcon()) for one in bases], self._state.base_id)
        for combo in (self._persona, self._base):
            combo.setPlaceholderText(tr("none yet"))
        self._method.show_choice(self._state.method)
        self._preset.show_choice(self._state.preset)
        self._preset_words.setText(self._state.reasons())
        chosen = self._state.persona()
        self._persona_line.setText(chosen.line if chosen else "")
        self._persona_line.setVisible(chosen is not None)

    def _show_options(self) -> None:
        if self._shown_method != self._state.method:
            self._make_forms()
        values = self._state.values()
        for form in self._forms:
            form.show_values(values)
        rank = int(values.get(RANK, RANKS[0]))  # type: ignore[call-overload]
        self._rank.blockSignals(True)
        self._rank.setValue(nearest_rank(rank))
        self._rank.blockSignals(False)
        self._show_rank(rank)
        self._show_foot()

    def _make_forms(self) -> None:
        self._shown_method = self._state.method
        options = {name: one for name, one in self._state.options().items() if name != RANK}
        self._forms = []
        for place, expert in ((self._plain_place, False), (self._expert_place, True)):
            clear(place)
            place.setContentsMargins(0, 0, 0, 0)
            form = OptionForm(_those(options, expert), self._state.values())
            form.changed.connect(self._set)
            form.refused.connect(self._refuse)
            place.addWidget(form)
            self._forms.append(form)
        steady(self)

    def _show_rank(self, rank: int) -> None:
        self._rank_figure.setText(str(rank))
        self._rank_words.setText(rank_sentence(rank))
        self._rank.setAccessibleDescription(f"{rank}: {rank_sentence(rank)}")

    def _show_foot(self) -> None:
        self._show_memory()
        found = self._state.obstacle()
        self.start.setEnabled(found is None)
        self.start.setToolTip(found.reason if found else "")
        self._reason.setText(found.reason if found else "")
        self._reason.setVisible(found is not None)
        self._way_out.setVisible(bool(found and found.button))
        self._way_out.setText(found.button if found else "")
        self._way_out.setAccessibleName(found.button if found else "")

    def _show_memory(self) -> None:
        found = self._state.estimate()
        for part in (self._memory_title, self._memory_sum, self._bar, self._memory_words):
            part.setVisible(found is not None)
        if found is None:
            return
        chosen = self._state.persona()
        segments = [
            Segment(tr("base"), found.base, "accent"),
            Segment(tr("adapter"), found.adapter, chosen.colour if chosen else "text"),
            Segment(tr("optimizer"), found.optimizer, "warn"),
            Segment(tr("activations"), found.activations, "good"),
            Segment(tr("overhead"), found.overhead, "faint"),
        ]
        self._bar.show_segments(segments, found.available)
        of_all = (figures.size(found.total), figures.size(found.available))
        self._memory_sum.setText(
            tr("{taken} of {total}", taken=of_all[0], total=of_all[1]) if found.available else of_all[0]
        )
        work = found.optimizer + found.activations + found.overhead
        parts = tr("base {base} · adapter {adapter} · work {work}", base=figures.size(found.base),
                   adapter=figures.size(found.adapter), work=figures.size(work))  # fmt: skip
        self._memory_words.setText(parts if found.fits else tr("It will not fit. {advice}", advice=found.advice))
        set_kind(self._memory_words, "small" if found.fits else "bad")

    # -- changing ------------------------------------------------------------------------------------------------

    def _choose(self, **wanted: str) -> None:
        self._state.choose(**wanted)
        self._show_choices()
        self._show_options()

    def _choose_preset(self, name: str) -> None:
        self._state.choose_preset(name)
        self._show_choices()
        self._show_options()

    def _rank_moved(self, place: int) -> None:
        self._state.set_value(RANK, RANKS[place])
        self._show_rank(RANKS[place])
        self._show_foot()

    def _set(self, name: str, value: object) -> None:
        self._state.set_value(name, value)
        self._show_foot()

    def _refuse(self, name: str, problem: str) -> None:
        self._state.wrong[name] = problem
        self._show_foot()

    def _toggle_expert(self) -> None:
        self._expert.setVisible(self._unfold.isChecked())
        if self._unfold.isChecked():
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self._expert, 0, 0))
        set_icon(self._unfold, "mdi6.chevron-down" if self._unfold.isChecked() else "mdi6.chevron-right")

    def _leave(self) -> None:
        found = self._state.obstacle()
        if found is None:
            return
        if found.page == "personas" and self._state.persona_id:
            self._navigator.open_persona(self._state.persona_id, "data")
        elif found.page:
            self._navigator.open_page(found.page)

    def _icon(self, one: PersonaChoice) -> QIcon:
        return QIcon(portrait_pixmap(one.name, one.colour, self._portrait_of(one.id), 28, self.devicePixelRatioF()))


def trouble_of(act: Callable[[], object], navigator: Navigator) -> None:
    """Do something; a user's trouble is told."""
    try:
        act()
    except StudioError as error:
        navigator.show_error(error)


def _combo(name: str, icon_size: int) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setIconSize(QSize(icon_size, icon_size))
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    return made


def _fill(combo: QComboBox, items: list[tuple[str, str, QIcon]], chosen: str) -> None:
    combo.blockSignals(True)
    combo.clear()
    for words, key, icon in items:
        combo.addItem(icon, words, key)
    combo.setCurrentIndex(combo.findData(chosen))
    combo.blockSignals(False)


def _named(words: str, field: QWidget) -> QHBoxLayout:
    name = label(words, "small")
    name.setFixedWidth(58)
    made = row(name, field)
    made.setStretch(1, 1)
    return made


def _those(options: dict[str, Option], expert: bool) -> dict[str, Option]:
    return {name: one for name, one in options.items() if one.expert is expert}
