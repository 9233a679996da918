"""The drawer: the words around the open chat, its lorebook, and how its words are drawn."""

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLayout, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from studio.domain.chat import ChatSettings, Sampler
from studio.gui.pages.chat.drawer.presenter import DrawerState, LoreLine, preset_named, stops_of
from studio.gui.pages.chat.talk.sampling import SAMPLING
from studio.gui.widgets.basic import icon_button, label, line, scrolling
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.number_box import padded
from studio.gui.widgets.option_form import OptionForm
from studio.gui.widgets.steady import steady
from studio.texts import tr

__all__ = ["SAMPLING", "Drawer"]
_WIDTH = 320
_PAUSE = 600
"""Milliseconds without a key after which written words are kept."""


class Drawer(QFrame):
    """``setting_changed`` tells one of the chat's settings; ``sampler_changed`` a whole new sampler."""

    setting_changed = Signal(str, object)
    sampler_changed = Signal(object)
    preset_chosen = Signal(object)
    preset_kept = Signal()
    preset_forgotten = Signal(str)
    same_seed_changed = Signal(bool)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self._sampler = Sampler()
        self._presets: Sequence[tuple[str, Sampler]] = ()
        self._fields: dict[str, QPlainTextEdit] = {}
        self._rests: dict[str, QTimer] = {}
        inner = column(*self._words(), *self._lore(), *self._sampling(), *self._chance(), None,
                       spacing=6, margins=(0, 0, 10, 0))  # fmt: skip
        close = icon_button("mdi6.close", tr("Close the drawer"), self.closed.emit)
        head = row(label(tr("How they answer"), "h2"), None, close)
        whole = column(head, scrolling(holder(inner)), margins=(16, 12, 6, 12))
        whole.setStretch(1, 1)
        self.setLayout(whole)
        steady(self)

    # -- parts ---------------------------------------------------------------------------------------------------

    def _words(self) -> list[QWidget | QLayout | int]:
        prompt = self._text("system_prompt", tr("System prompt"), tr("Empty: each persona's own"), 84)
        note = self._text("author_note", tr("Author's note"), tr("Stands near the end, where it is read best"), 62)
        last = self._text("post_history", tr("After the last words"), tr("Stands at the very end of what is read"), 62)
        self.note_depth = padded(QSpinBox())
        self.note_depth.setRange(0, 99)
        self.note_depth.setFixedWidth(76)
        self.note_depth.setAccessibleName(tr("Depth of the author's note"))
        self.note_depth.setToolTip(tr("How many messages before the end the note stands"))
        self.note_depth.valueChanged.connect(lambda value: self.setting_changed.emit("author_depth", value))
        depth = row(label(tr("messages before the end"), "small"), None, self.note_depth)
        return [_title(tr("System prompt")), prompt, 4, _title(tr("Author's note")), note, depth, 4,
                _title(tr("After the last words")), last, 6]  # fmt: skip

    def _lore(self) -> list[QWidget | QLayout | int]:
        self.use_lore = QCheckBox(tr("Lorebook of the card"))
        self.use_lore.setToolTip(tr("Entries whose key words were just said are told to the persona"))
        self.use_lore.toggled.connect(lambda on: self.setting_changed.emit("use_lorebook", on))
        self._lore_lines = column(spacing=6, margins=(6, 0, 0, 0))
        return [line(), 4, self.use_lore, self._lore_lines, 6]

    def _sampling(self) -> list[QWidget | QLayout | int]:
        self.preset = QComboBox()
        self.preset.setAccessibleName(tr("Preset of the sampler"))
        self.preset.activated.connect(self._preset_chosen)
        keep = icon_button("mdi6.content-save-outline", tr("Keep as a preset…"), self.preset_kept.emit)
        self.forget = icon_button("mdi6.trash-can-outline", tr("Forget this preset"),
                                  lambda: self.preset_forgotten.emit(self.preset.currentText()))  # fmt: skip
        self.form = OptionForm(SAMPLING, dataclasses.asdict(self._sampler), field_width=92)
        self.form.changed.connect(self._changed)
        stops = self._text("stop", tr("Stop strings"), tr("One a line: a reply ends there"), 54)
        presets = row(self.preset, keep, self.forget, spacing=4)
        presets.setStretch(0, 1)
        return [line(), 4, _title(tr("Sampling")), presets, 2, self.form, 4, _title(tr("Stop strings")), stops, 6]

    def _chance(self) -> list[QWidget | QLayout | int]:
        self.seed = QLineEdit()
        self.seed.setFixedWidth(110)
        self.seed.setAccessibleName(tr("Seed"))
        self.seed.setPlaceholderText(tr("random"))
        self.seed.setToolTip(tr("The same seed, words and settings give the same reply. Empty: another one each time."))
        self.seed.editingFinished.connect(self._seed_written)
        self.same_seed = QCheckBox(tr("Same seed in all columns"))
        self.same_seed.toggled.connect(self.same_seed_changed)
        return [line(), 4, row(label(tr("Seed")), None, self.seed), self.same_seed]

    def _text(self, name: str, title: str, hint: str, height: int) -> QPlainTextEdit:
        """A box whose words are kept when the typing rests, and when it is left."""
        field = QPlainTextEdit()
        field.setFixedHeight(height)
        field.setTabChangesFocus(True)
        field.setAccessibleName(title)
        field.setPlaceholderText(hint)
        rest = QTimer(field)
        rest.setSingleShot(True)
        rest.setInterval(_PAUSE)
        rest.timeout.connect(lambda: self._written(name))
        field.textChanged.connect(rest.start)
        self._fields[name], self._rests[name] = field, rest
        return field

    # -- showing -------------------------------------------------------------------------------------------------

    def field(self, name: str) -> QPlainTextEdit:
        """The box of some words."""
        return self._fields[name]

    def keep_words(self) -> None:
        """Tell what was written a moment ago, before something else is shown."""
        for name in self._fields:
            if self._rests[name].isActive():
                self._rests[name].stop()
                self._written(name)

    def show_state(self, state: DrawerState, *, anew: bool = False) -> None:
        """Show what is set. ``anew``: of another chat, so that fields in use are overwritten, too."""
        self._sampler, settings = state.sampler, state.settings
        self.form.show_values(dataclasses.asdict(state.sampler))
        self._show_words(settings, anew=anew)
        for check, on in ((self.use_lore, settings.use_lorebook), (self.same_seed, settings.same_seed)):
            check.blockSignals(True)
            check.setChecked(on)
            check.blockSignals(False)
        self.note_depth.blockSignals(True)
        self.note_depth.setValue(settings.author_depth)
        self.note_depth.blockSignals(False)
        if anew or not self.seed.hasFocus():
            self.seed.setText("" if settings.seed is None else str(settings.seed))
        self._show_presets(state)
        self._show_lore(state.lore, on=settings.use_lorebook)

    def _show_words(self, settings: ChatSettings, *, anew: bool) -> None:
        shown = {name: getattr(settings, name) for name in self._fields if name != "stop"}
        shown["stop"] = "\n".join(self._sampler.stop)
        for name, words in shown.items():
            field = self._fields[name]
            in_use = field.hasFocus() or self._rests[name].isActive()
            if (anew or not in_use) and field.toPlainText() != words:
                field.blockSignals(True)
                field.setPlainText(words)
                field.blockSignals(False)

    def _show_presets(self, state: DrawerState) -> None:
        own = [(tr("As the card says"), state.card_sampler)] if state.card_sampler else []
        self._presets = [*own, *state.presets]  # type: ignore[list-item]
        self.preset.clear()
        self.preset.addItems([name for name, _ in self._presets])
        named = preset_named(self._presets, state.sampler)
        self.preset.setPlaceholderText(tr("Values of your own"))
        self.preset.setCurrentIndex(self.preset.findText(named) if named else -1)
        self.forget.setVisible(named in state.own_presets)

    def _show_lore(self, lore: Sequence[LoreLine], *, on: bool) -> None:
        clear(self._lore_lines)
        if not on:
            return
        if not lore:
            self._lore_lines.addWidget(label(tr("No entry is called up by the last words."), "small", wrap=True))
        for one in lore:
            words = label(one.title, wrap=True)
            words.setToolTip(one.text)
            self._lore_lines.addWidget(words)
            self._lore_lines.addWidget(label(one.why, "small", wrap=True))

    # -- telling -------------------------------------------------------------------------------------------------

    def _written(self, name: str) -> None:
        words = self._fields[name].toPlainText()
        if name == "stop":
            self._changed("stop", stops_of(words))
        else:
            self.setting_changed.emit(name, words.strip())

    def _changed(self, name: str, value: object) -> None:
        if getattr(self._sampler, name) != value:
            self._sampler = dataclasses.replace(self._sampler, **{name: value})  # type: ignore[arg-type]
            self.sampler_changed.emit(self._sampler)

    def _preset_chosen(self, place: int) -> None:
        if 0 <= place < len(self._presets):
            self.preset_chosen.emit(self._presets[place][1])

    def _seed_written(self) -> None:
        words = self.seed.text().strip()
        if words and not words.isdecimal():
            self.seed.clear()
            words = ""
        self.setting_changed.emit("seed", int(words) % 2**31 if words else None)


def _title(words: str) -> QWidget:
    return label(words, "small")
