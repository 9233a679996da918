"""Starting a scene, or changing one: who takes part, where it plays, who begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QPlainTextEdit, QSpinBox, QWidget

from studio.domain.chat import Contestant
from studio.domain.scene import BY_HAND, ORDERS
from studio.gui.pages.chat.scene.presenter import FEWEST, order_words
from studio.gui.pages.chat.talk.contestants import Group
from studio.gui.widgets.basic import button, empty_state, label, scrolling
from studio.gui.widgets.layouts import Part, column, holder, row
from studio.gui.widgets.number_box import padded
from studio.gui.widgets.portrait import Portrait
from studio.gui.widgets.segmented import Segmented
from studio.gui.widgets.steady import steady
from studio.texts import tr, tr_plural

MOST = 8


@dataclass(frozen=True)
class SceneWish:
    """What was chosen. ``turns`` 0: it waits for the user."""

    contestants: tuple[Contestant, ...]
    order: str
    setting: str
    opening: str = ""
    turns: int = 0


class SceneDialog(QDialog):
    """``wished`` tells a ``SceneWish``. With ``present`` a scene is changed: its speakers are chosen already."""

    wished = Signal(object)

    def __init__(
        self, groups: Sequence[Group], parent: QWidget | None, *, present: Sequence[Contestant] = (),
        order: str = "mention", setting: str = "",
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._changing = bool(present)
        self.setWindowTitle(tr("Change the scene") if present else tr("Start a scene"))
        self.setMinimumWidth(620)
        self.rows = [_SpeakerRow(group, present) for group in groups if group.name and not group.icon]
        self._order = order
        if len(self.rows) < 1:
            self.setLayout(column(self._nobody(), margins=(24, 20, 24, 18)))
            return
        self._build(setting)
        if not present:
            for one in sorted(self.rows, key=lambda one: one.contestant.is_base)[:FEWEST]:  # who has an adapter, first
                one.check.setChecked(True)
        self._show_choice()
        steady(self)

    def _build(self, setting: str) -> None:
        self.setting = _box(setting, tr("Where and when it plays"), tr("A tavern on the night before the storm…"), 62)
        self.opening = _box("", tr("Your first words"), tr("Empty: somebody else begins"), 62)
        self.turn_order = Segmented([(name, *order_words(name)) for name in ORDERS], tr("How they take turns"))
        self.turn_order.show_choice(self._order)
        self.turn_order.chosen.connect(self._order_chosen)
        self._order_words = label("", "small", wrap=True)
        self.count = label("", "small")
        self.start = button(tr("Change") if self._changing else tr("Start"), "mdi6.drama-masks", primary=True,
                            on_click=self._tell)  # fmt: skip
        for one in self.rows:
            one.changed.connect(self._show_choice)
        cast = scrolling(holder(column(*self.rows, None, spacing=4, margins=(0, 0, 8, 0))))
        cast.setMinimumHeight(min(48 * len(self.rows), 240))
        parts: list[Part] = [label(self.windowTitle(), "h1"), label(tr("Who takes part"), "small"), cast, self.count,
                 label(tr("Where it plays"), "small"), self.setting]  # fmt: skip
        if not self._changing:
            parts += [label(tr("You say first"), "small"), self.opening]
        parts += [label(tr("Whose turn it is"), "small"), self.turn_order, self._order_words]
        whole = column(*parts, self._by_itself(), 6,
                       row(None, button(tr("Cancel"), on_click=self.reject), self.start), spacing=6,
                       margins=(24, 20, 24, 18))  # fmt: skip
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _by_itself(self) -> QWidget:
        self.by_itself = QCheckBox(tr("Let it begin by itself, for"))
        self.turns = padded(QSpinBox())
        self.turns.setRange(1, 200)
        self.turns.setValue(8)
        self.turns.setSuffix(tr(" lines"))
        self.turns.setAccessibleName(tr("Lines"))
        made = holder(row(self.by_itself, self.turns, None))
        made.setVisible(not self._changing)
        return made

    def _nobody(self) -> QWidget:
        words = tr("A scene needs personas with an adapter, or with a system prompt for the base to read.")
        return empty_state("mdi6.drama-masks", tr("Nobody can take part yet"), words)

    def chosen(self) -> tuple[Contestant, ...]:
        """Who takes part, in the order of the list."""
        return tuple(one.contestant for one in self.rows if one.check.isChecked())

    def _order_chosen(self, name: str) -> None:
        self._order = name
        self._show_choice()

    def _show_choice(self) -> None:
        count = len(self.chosen())
        enough = FEWEST <= count <= MOST
        self.start.setEnabled(enough)
        self.count.setText(
            tr_plural("{count} speaker", "{count} speakers", count) if enough
            else tr("Choose two to eight speakers; now it is {count}.", count=count)
        )  # fmt: skip
        self._order_words.setText(order_words(self._order)[1])
        for part in (self.by_itself, self.turns):
            part.setEnabled(self._order != BY_HAND)

    def _tell(self) -> None:
        by_itself = self.by_itself.isChecked() and self._order != BY_HAND and not self._changing
        wish = SceneWish(
            self.chosen(), self._order, self.setting.toPlainText().strip(), self.opening.toPlainText().strip(),
            self.turns.value() if by_itself else 0,
        )  # fmt: skip
        self.accept()
        self.wished.emit(wish)


class _SpeakerRow(QWidget):
    """A persona that could take part, and with which of its voices."""

    changed = Signal()

    def __init__(self, group: Group, present: Sequence[Contestant]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._group = group
        self.check = QCheckBox()
        self.check.setAccessibleName(tr("{name} takes part", name=group.name))
        self.check.toggled.connect(lambda _: self.changed.emit())
        self.voice = QComboBox()
        self.voice.setAccessibleName(tr("Voice of {name}", name=group.name))
        self.voice.setFixedWidth(300)
        for choice in group.choices:
            self.voice.addItem(choice.label)
        finished = [choice.is_finished for choice in group.choices]
        self.voice.setCurrentIndex(finished.index(True) if any(finished) else 0)
        known = [choice.contestant for choice in group.choices]
        for one in present:
            if one in known:
                self.check.setChecked(True)
                self.voice.setCurrentIndex(known.index(one))
        self.voice.activated.connect(partial(self.check.setChecked, True))
        face = Portrait(30, group.name, group.colour, group.portrait)
        line = row(self.check, face, label(group.name), None, self.voice, spacing=10, margins=(0, 4, 0, 4))
        self.setLayout(line)

    @property
    def contestant(self) -> Contestant:
        """Who would speak."""
        return self._group.choices[self.voice.currentIndex()].contestant


def _box(text: str, name: str, hint: str, height: int) -> QPlainTextEdit:
    made = QPlainTextEdit(text)
    made.setFixedHeight(height)
    made.setTabChangesFocus(True)
    made.setAccessibleName(name)
    made.setPlaceholderText(hint)
    return made
