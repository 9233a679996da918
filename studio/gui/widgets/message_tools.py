"""The tools of one message: versions, and as many buttons as there is room for; the rest in a menu."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QWidget

from studio.gui.theme.icons import icon, set_icon
from studio.gui.widgets import message_acts as acts
from studio.gui.widgets.basic import icon_button, label
from studio.gui.widgets.keys import key_words, with_key
from studio.gui.widgets.layouts import row
from studio.gui.widgets.message import Message
from studio.texts import tr

HEIGHT, _SIZE, _GAP = 30, 26, 2
_EDGE = 4
_TEACH_WORDS = 118


class MessageTools(QFrame):
    """``act_requested`` tells an act of ``message_acts``. A floating one has a ground of its own."""

    act_requested = Signal(str)

    def __init__(self, parent: QWidget, *, floating: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("tools" if floating else "clear")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._floating = floating
        self._busy = False
        self.message = Message("", True, "")
        self.back = self._swipe("mdi6.chevron-left", tr("Previous version"), acts.BACK, "Left")
        self.place = label("", "small")
        self.forward = self._swipe("mdi6.chevron-right", tr("Next version"), acts.FORWARD, "Right")
        self.buttons = {act.name: self._made(act) for act in acts.message_acts() if act.weight}
        self.more = icon_button("mdi6.dots-horizontal", tr("More about this message"), self._open_more, size=_SIZE)
        teach = self.buttons.pop(acts.TEACH)
        parts = [self.back, self.place, self.forward, *self.buttons.values(), self.more]
        self.setLayout(row(*parts, None, teach, spacing=_GAP, margins=(_EDGE, 1, _EDGE, 1) if floating else (0,) * 4))  # type: ignore[arg-type]
        self.buttons[acts.TEACH] = teach
        for one in self.findChildren(QPushButton):
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus if not floating else Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_message(self, message: Message, room: int) -> int:
        """Show what can be done with a message within ``room`` pixels; returns the width that is used."""
        self.message = message
        several = message.count > 1
        for part in (self.back, self.place, self.forward):
            part.setVisible(several)
        self.place.setText(f"{message.place} / {message.count}")
        self._show_state()
        wanted = {act.name for act in acts.acts_for(message)}
        return self._fit(wanted, room, 2 * _SIZE + self.place.sizeHint().width() + 3 * _GAP if several else 0)

    def show_busy(self, busy: bool) -> None:
        """While replies grow, only what changes nothing can be done."""
        self._busy = busy
        self._show_state()

    def fill_menu(self, menu: QMenu) -> None:
        """Every act, with its key."""
        fill_menu(menu, self.message, self.act_requested.emit, busy=self._busy)

    def _fit(self, wanted: set[str], room: int, used: int) -> int:
        """Buttons by weight while there is room; *Teach this* in words where there is plenty."""
        left = room - used - _SIZE - 2 * _EDGE - _GAP
        chosen: set[str] = set()
        for act in sorted(acts.message_acts(), key=lambda one: -one.weight):
            if act.name in wanted and act.weight and left >= _SIZE + _GAP:
                chosen.add(act.name)
                left -= _SIZE + _GAP
        for name, made in self.buttons.items():
            made.setVisible(name in chosen)
        self.more.setVisible(wanted != chosen)
        in_words = acts.TEACH in chosen and not self._floating and left >= _TEACH_WORDS
        teach = self.buttons[acts.TEACH]
        teach.setText((tr("Taught") if self.message.taught else tr("Teach this")) if in_words else "")
        teach.setFixedSize(teach.sizeHint().width() + 4 if in_words else _SIZE, _SIZE)
        return room - left if self._floating else room

    def _show_state(self) -> None:
        message = self.message
        self.back.setEnabled(message.place > 1 and not self._busy)
        self.forward.setEnabled(message.place < message.count and not self._busy)
        for act in acts.message_acts():
            made = self.buttons.get(act.name)
            if made is not None:
                made.setEnabled(not (self._busy and act.name in acts.WRITING))
                self._show_act(made, act)

    def _show_act(self, made: QPushButton, act: acts.MessageAct) -> None:
        words = acts.label_for(act, self.message)
        made.setAccessibleName(words)
        made.setToolTip(f"{words} ({key_words(act.keys[0])})")
        lit = (
            act.name == acts.UP and self.message.rating > 0
            or act.name == acts.DOWN and self.message.rating < 0
            or act.name == acts.TEACH and self.message.taught
        )  # fmt: skip
        picture = act.icon.removesuffix("-outline") if lit else act.icon
        set_icon(made, picture, "accent" if lit or act.name == acts.TEACH else "muted")

    def _made(self, act: acts.MessageAct) -> QPushButton:
        made = icon_button(act.icon, act.label, partial(self.act_requested.emit, act.name), size=_SIZE)
        if act.name == acts.TEACH:
            made.setProperty("iconOnly", True)
        return made

    def _swipe(self, picture: str, words: str, act: str, key: str) -> QPushButton:
        made = icon_button(picture, words, partial(self.act_requested.emit, act), size=_SIZE)
        made.setToolTip(f"{words} ({key_words(key)})")
        return made

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def fill_menu(menu: QMenu, message: Message, then: Callable[[str], object], *, busy: bool) -> None:
    """What can be done with a message, one line each."""
    if message.count > 1:
        back = menu.addAction(icon("mdi6.chevron-left"), with_key(tr("Previous version"), ("Left",)),
                              partial(then, acts.BACK))  # fmt: skip
        forward = menu.addAction(icon("mdi6.chevron-right"), with_key(tr("Next version"), ("Right",)),
                                 partial(then, acts.FORWARD))  # fmt: skip
        back.setEnabled(message.place > 1 and not busy)
        forward.setEnabled(message.place < message.count and not busy)
        menu.addSeparator()
    for act in acts.acts_for(message):
        line = menu.addAction(icon(act.icon), with_key(acts.label_for(act, message), act.keys), partial(then, act.name))
        line.setEnabled(not (busy and act.name in acts.WRITING))
