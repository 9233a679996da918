"""One turn of the open conversation: a bubble that is edited in place, with its tools."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QWidget

from studio.domain.conversation import Role, Turn
from studio.gui.theme import tokens
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import button, icon_button, label
from studio.gui.widgets.layouts import Part, column, holder, row
from studio.gui.widgets.roleplay_text import styled
from studio.texts import tr


@dataclass(frozen=True, kw_only=True)
class ShownTurn:
    """A turn with its place. ``position`` is which of how many alternatives is chosen."""

    index: int
    turn: Turn
    colour: str
    position: tuple[int, int] = (1, 1)


class TurnView(QFrame):
    """Wishes are signals; the tab acts."""

    edit_requested = Signal(int, str)
    train_requested = Signal(int, bool)
    alternative_requested = Signal(int, int)
    delete_requested = Signal(int)

    def __init__(self, shown: ShownTurn) -> None:
        super().__init__()
        self.shown = shown
        self._editor: QPlainTextEdit | None = None
        self._persona = shown.turn.role is Role.PERSONA
        self.words = self._words()
        self._tools = self._toolbar()
        parts: list[Part] = [self._speaker(), self._bubble()]
        if self._persona:
            parts.append(self._tools)
        self._box = column(*parts, spacing=3)
        self.setLayout(self._box)
        self.setAccessibleName(f"{self._name()}: {shown.turn.text[:200]}")

    def _name(self) -> str:
        roles = {Role.SYSTEM: tr("System"), Role.USER: tr("User"), Role.PERSONA: tr("Persona")}
        return self.shown.turn.speaker or roles[self.shown.turn.role]

    def _speaker(self) -> QWidget:
        name = label(self._name(), "small")
        if self._persona:
            name.setStyleSheet(f"color: {tokens.readable(self.shown.colour, tokens.current().surface)}")
        return holder(row(name, None) if self._persona else row(name, None, self._tools))

    def _words(self) -> QLabel:
        theme = tokens.current()
        made = QLabel(styled(self.shown.turn.text, muted=theme.muted, code_ground=theme.raised))
        made.setTextFormat(Qt.TextFormat.RichText)
        made.setWordWrap(True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        made.setMinimumHeight(1)  # else the scroll area reserves the height of the narrowest column
        made.setToolTip(tr("Double-click to edit"))
        made.installEventFilter(self)
        return made

    def _bubble(self) -> QFrame:
        theme = tokens.current()
        self._frame = QFrame()
        self._frame.setObjectName("turn")
        if self._persona:
            faded = self.shown.colour if self.shown.turn.train else theme.faint
            sheet = f"border: none; border-left: 3px solid {faded}; border-radius: 0; background: transparent;"
            margins = (14, 2, 4, 2)
        else:
            sheet = f"border: none; border-radius: 12px; background: {theme.raised};"
            margins = (14, 9, 14, 9)
        self._frame.setStyleSheet(f"QFrame#turn {{ {sheet} }}")
        self._frame.setLayout(column(self.words, margins=margins))
        if self._persona and not self.shown.turn.train:
            self.words.setStyleSheet(f"color: {theme.muted}")
        return self._frame

    def _toolbar(self) -> QWidget:
        parts: list[Part] = []
        position, count = self.shown.position
        if count > 1:
            parts.append(icon_button("mdi6.chevron-left", tr("Earlier alternative"), lambda: self._leaf(-1)))
            parts.append(label(f"{position} / {count}", "small"))
            parts.append(icon_button("mdi6.chevron-right", tr("Next alternative"), lambda: self._leaf(1)))
            parts.append(6)
        parts.append(icon_button("mdi6.pencil-outline", tr("Edit this turn"), self.start_editing))
        parts.append(icon_button("mdi6.trash-can-outline", tr("Delete this turn"), self._delete))
        parts.append(None)
        if self._persona:
            parts.append(self._train_switch())
        return holder(row(*parts, spacing=2, margins=(11 if self._persona else 0, 0, 0, 0)))

    def _train_switch(self) -> QPushButton:
        made = button(tr("train on this turn"), quiet=True)
        made.setProperty("switch", True)
        made.setIconSize(QSize(20, 20))
        made.setCheckable(True)
        made.setChecked(self.shown.turn.train)
        on = self.shown.turn.train
        set_icon(made, "mdi6.toggle-switch" if on else "mdi6.toggle-switch-off-outline", "good" if on else "muted")
        made.clicked.connect(lambda checked: self.train_requested.emit(self.shown.index, checked))
        return made

    def _leaf(self, by: int) -> None:
        self.alternative_requested.emit(self.shown.index, by)

    def _delete(self) -> None:
        self.delete_requested.emit(self.shown.index)

    # -- editing ------------------------------------------------------------------------------------------------

    @property
    def editor(self) -> QPlainTextEdit | None:
        """The field while the turn is edited."""
        return self._editor

    def start_editing(self) -> None:
        """Turn the bubble into a field. Ctrl+Enter or leaving it keeps the words, Esc does not."""
        if self._editor is not None:
            return
        self._editor = QPlainTextEdit(self.shown.turn.text)
        self._editor.setAccessibleName(tr("Words of this turn"))
        self._editor.setAcceptDrops(False)
        self._editor.setFixedHeight(min(max(self.words.height() + 44, 84), 360))
        self._editor.installEventFilter(self)
        keep = button(tr("Keep"), primary=True, on_click=self.keep)
        cancel = button(tr("Cancel"), on_click=self.cancel)
        hint = label(tr("Ctrl+Enter keeps, Esc cancels"), "small")
        self._editing = holder(column(self._editor, row(hint, None, cancel, keep), spacing=6))
        self._box.insertWidget(1, self._editing)
        self._frame.hide()
        self._editor.setFocus()
        self._editor.selectAll()

    def keep(self) -> None:
        """Ask for the new words."""
        if self._editor is None:
            return
        text = self._editor.toPlainText()
        self.cancel()
        if text != self.shown.turn.text:
            self.edit_requested.emit(self.shown.index, text)

    def cancel(self) -> None:
        """Back to the bubble."""
        if self._editor is not None:
            self._editor = None
            self._editing.hide()
            self._editing.deleteLater()
            self._frame.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.words and event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            self.start_editing()
            return True
        if watched is self._editor and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
                return True
            wants = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if wants and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.keep()
                return True
        return False
