"""One turn of the open conversation: who speaks, what was said, and the tools of the turn one is at."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QWidget

from studio.domain.conversation import CHOSEN, DOUBTFUL, GENERATED, Role, Turn
from studio.gui.pages.persona.data.turn_acts import Wish, by_key, role_names
from studio.gui.pages.persona.data.turn_bubble import TurnBubble
from studio.gui.pages.persona.data.turn_editor import TurnEditor
from studio.gui.theme import tokens
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import button, chip, icon_button, label
from studio.gui.widgets.keys import key_of
from studio.gui.widgets.layouts import Part, column, holder, row
from studio.texts import tr

HEAD = 28
FOUND_MS = 2500


@dataclass(frozen=True, kw_only=True)
class ShownTurn:
    """A turn with its place. ``name`` is who speaks; ``position`` is which of how many alternatives is chosen."""

    index: int
    turn: Turn
    colour: str
    name: str = ""
    position: tuple[int, int] = (1, 1)

    def same_as(self, other: ShownTurn) -> bool:
        """True when both look the same, wherever they stand."""
        return replace(self, index=0) == replace(other, index=0)


class TurnView(QFrame):
    """Wishes are signals; the tab acts. ``entered`` tells the turn and the keys that were held."""

    wished = Signal(object)
    menu_requested = Signal(int, object)
    entered = Signal(int, object)
    stepped = Signal(int, bool)
    """Up (-1) or down (1); True with Shift, which chooses several."""

    def __init__(self, shown: ShownTurn) -> None:
        super().__init__()
        self.shown = shown
        self.editor_box: TurnEditor | None = None
        self._current = self._chosen = self._found = False
        self._persona = shown.turn.role is Role.PERSONA
        stripe = shown.colour if self._persona else ""
        self.bubble = TurnBubble(shown.turn.text, stripe=stripe, faint=self._persona and not shown.turn.train)
        self.words = self.bubble.words
        self.words.installEventFilter(self)
        self._tools: QWidget | None = None
        self._head = row(*self._head_parts(), spacing=6)
        head = holder(self._head)
        head.setFixedHeight(HEAD)
        self._box = column(head, self.bubble, spacing=2, margins=(8, 2, 8, 6))
        self.setLayout(self._box)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._name_it()

    def _name_it(self) -> None:
        states = [tr("not trained")] if self._persona and not self.shown.turn.train else []
        words = ", ".join((self._name(), *states, *self._mark_words()))
        self.setAccessibleName(f"{words}: {self.shown.turn.text[:200]}")

    # -- what it looks like -------------------------------------------------------------------------------------

    def _name(self) -> str:
        return self.shown.name or role_names()[self.shown.turn.role]

    def _mark_words(self) -> list[str]:
        words = {GENERATED: tr("generated"), DOUBTFUL: tr("speaker guessed"), CHOSEN: tr("chosen in a chat")}
        return [words.get(mark, mark) for mark in self.shown.turn.marks]

    def _head_parts(self) -> list[Part]:
        name = label(self._name(), "small")
        if self._persona:
            colour = tokens.readable(self.shown.colour, tokens.current().surface)
            name.setTextFormat(Qt.TextFormat.RichText)
            name.setText(f'<span style="color:{colour}">{html.escape(self._name())}</span>')
        parts: list[Part] = [name, *(chip(words) for words in self._mark_words())]
        if self.shown.position[1] > 1:
            parts += [4, *self._leaves()]
        parts.append(None)
        if self._persona:
            parts.append(self._train_switch())
        return parts

    def _leaves(self) -> list[Part]:
        position, count = self.shown.position
        return [
            icon_button("mdi6.chevron-left", tr("Earlier alternative"), lambda: self.wish("earlier"), size=22),
            label(f"{position} / {count}", "small"),
            icon_button("mdi6.chevron-right", tr("Next alternative"), lambda: self.wish("later"), size=22),
        ]

    def _train_switch(self) -> QPushButton:
        on = self.shown.turn.train
        made = button(tr("train") if on else tr("not trained"), quiet=True, on_click=lambda: self.wish("train"))
        made.setProperty("switch", True)
        made.setIconSize(QSize(20, 20))
        made.setCheckable(True)
        made.setChecked(on)
        made.setAccessibleName(tr("train on this turn"))
        made.setToolTip(tr("Whether the trainer learns this turn (T)"))
        set_icon(made, "mdi6.toggle-switch" if on else "mdi6.toggle-switch-off-outline", "good" if on else "muted")
        return made

    def show_state(self, *, current: bool, chosen: bool) -> None:
        """Show whether it is the turn one is at, and whether it is among the chosen ones."""
        if (current, chosen) != (self._current, self._chosen):
            self._current, self._chosen = current, chosen
            self._show_tools(current)
            self.update()

    def _show_tools(self, wanted: bool) -> None:
        """The tools stand where there is room for them anyway, so that nothing moves; made when first needed."""
        if wanted and self._tools is None:
            self._tools = holder(row(*self._tool_buttons(), spacing=0))
            self._head.insertWidget(self._head.count() - (1 if self._persona else 0), self._tools)
        if self._tools is not None:
            self._tools.setVisible(wanted and self.editor_box is None)

    def _tool_buttons(self) -> list[Part]:
        more = icon_button("mdi6.dots-horizontal", tr("More for this turn"), size=26)
        more.clicked.connect(lambda: self.menu_requested.emit(self.shown.index, more))
        return [
            icon_button("mdi6.pencil-outline", tr("Edit this turn"), self.start_editing, size=26),
            icon_button("mdi6.plus", tr("Insert a turn below"), lambda: self.wish("insert"), size=26),
            icon_button("mdi6.trash-can-outline", tr("Delete this turn"), lambda: self.wish("delete"), size=26),
            more,
        ]

    def mark_found(self) -> None:
        """Mark it for a moment."""
        self._found = True
        self.update()
        QTimer.singleShot(FOUND_MS, self, self._unmark)

    def _unmark(self) -> None:
        self._found = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, focused = tokens.current(), self.hasFocus()
        if not (self._current or self._chosen or self._found):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent if focused else theme.line), 2 if focused else 1))
        painter.setBrush(QColor(theme.accent_ground) if self._chosen or self._found else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        painter.end()

    # -- wishes -------------------------------------------------------------------------------------------------

    def wish(self, name: str, value: object = None) -> None:
        """Ask for an act; editing and splitting begin here."""
        if name == "edit" or (name == "split" and value is None):
            self.start_editing(at_end=name == "split")
        else:
            self.wished.emit(Wish(name=name, index=self.shown.index, value=value))

    def move_to(self, index: int) -> None:
        """It stands elsewhere now."""
        self.shown = replace(self.shown, index=index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = key_of(event)
        if self.editor_box is not None:
            event.ignore()
        elif key.removeprefix("Shift+") in ("Up", "Down"):
            self.stepped.emit(-1 if key.endswith("Up") else 1, key.startswith("Shift+"))
        elif key in by_key():
            self.wish(by_key()[key])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:  # type: ignore[override]
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.entered.emit(self.shown.index, None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.entered.emit(self.shown.index, event.modifiers())
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_tools(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._show_tools(self._current)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self.shown.index, event.globalPos())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.words and isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonDblClick:
                self.start_editing()
                return True
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self.entered.emit(self.shown.index, event.modifiers())
        return False

    # -- editing ------------------------------------------------------------------------------------------------

    @property
    def editor(self) -> QPlainTextEdit | None:
        """The field while the turn is edited."""
        return self.editor_box.field if self.editor_box is not None else None

    def start_editing(self, *, at_end: bool = False) -> None:
        """Turn the bubble into a field. Ctrl+Enter keeps the words, Esc does not."""
        if self.editor_box is not None:
            return
        tall = self.words.heightForWidth(max(self.words.width(), 1))
        self.editor_box = TurnEditor(self.shown.turn.text, tall + 44)
        self.editor_box.kept.connect(self._keep)
        self.editor_box.cancelled.connect(self.cancel)
        self.editor_box.split_requested.connect(self._split)
        self._box.insertWidget(1, self.editor_box)
        self.bubble.hide()
        self._show_tools(False)
        self.editor_box.begin(at_end=at_end)

    def keep(self) -> None:
        """Ask for the words as they are in the field."""
        if self.editor_box is not None:
            self.editor_box.keep()

    def _keep(self, text: str) -> None:
        self.cancel()
        if text != self.shown.turn.text:
            self.wish("text", text)

    def _split(self, text: str, position: int) -> None:
        self.cancel()
        self.wish("split", (text, position))

    def cancel(self) -> None:
        """Back to the bubble."""
        if self.editor_box is not None:
            box, self.editor_box = self.editor_box, None
            box.hide()
            box.deleteLater()
            self.bubble.show()
            self.setFocus()
