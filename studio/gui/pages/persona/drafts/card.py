"""One draft to decide on: the question, the reply in the persona's colour, and a key for each decision."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QStackedWidget, QWidget

from studio.domain.drafts import Draft
from studio.domain.persona import Persona
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, chip, label, scrolling
from studio.gui.widgets.keys import key_of
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.roleplay_text import styled
from studio.texts import tr


class DraftCard(QFrame):
    """``A`` accepts, ``E`` edits, ``R`` rejects, ``N`` asks for another reply, ``L`` puts off, ``Z`` takes back."""

    accept_requested = Signal(str)
    reject_requested = Signal()
    another_requested = Signal()
    later_requested = Signal()
    take_back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._draft: Draft | None = None
        self._kind, self._name = chip(""), label("", "h2")
        self._question, self._reply = _words(), _words()
        self.editor = QPlainTextEdit()
        self.editor.setAccessibleName(tr("Words of the reply"))
        self.editor.installEventFilter(self)
        self._words = QStackedWidget()
        self._words.setObjectName("clear")
        self._words.addWidget(scrolling(holder(column(self._reply, None))))
        self._words.addWidget(self.editor)
        self._buttons = self._decisions()
        self._edit_buttons = self._editing()
        asked = QFrame()
        asked.setObjectName("raised")
        asked.setLayout(column(label(tr("Asked"), "small"), self._question, spacing=2, margins=(14, 10, 14, 10)))
        whole = column(row(self._name, None, self._kind), asked, self._words, self._buttons, self._edit_buttons)
        whole.setSpacing(12)
        whole.setContentsMargins(22, 18, 22, 18)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self._edit_buttons.hide()

    def _decisions(self) -> QWidget:
        self.take = _key_button(tr("Accept"), "A", "mdi6.check", self.accept, primary=True)
        self.edit = _key_button(tr("Edit"), "E", "mdi6.pencil-outline", self.start_editing)
        self.refuse = _key_button(tr("Reject"), "R", "mdi6.close", self.reject_requested.emit)
        self.renew = _key_button(tr("Another reply"), "N", "mdi6.refresh", self.another_requested.emit)
        self.later = _key_button(tr("Later"), "L", "mdi6.arrow-right", self.later_requested.emit)
        self.back = _key_button(tr("Take back"), "Z", "mdi6.undo", self.take_back_requested.emit)
        return holder(row(self.take, self.edit, self.refuse, None, self.renew, self.later, self.back, spacing=8))

    def _editing(self) -> QWidget:
        hint = label(tr("Ctrl+Enter accepts these words, Esc leaves them"), "small")
        keep = button(tr("Accept these words"), primary=True, on_click=self.accept)
        leave = button(tr("Cancel"), on_click=self.stop_editing)
        return holder(row(hint, None, leave, keep))

    # -- showing ------------------------------------------------------------------------------------------------

    def show_draft(self, draft: Draft, persona: Persona, kind: str) -> None:
        """Show a draft."""
        theme, same = tokens.current(), self._draft is not None and self._draft.id == draft.id
        self._draft = draft
        self._kind.setText(kind)
        self._name.setText(persona.name)
        self._name.setStyleSheet(f"color: {tokens.readable(persona.colour, theme.surface)}")
        self._question.setText(styled(draft.prompt, muted=theme.muted, code_ground=theme.raised))
        self.show_words(draft.reply)
        self.setAccessibleName(tr("Asked: {question}. {name}: {reply}",
                                  question=draft.prompt, name=persona.name, reply=draft.reply))  # fmt: skip
        if not same:
            self.stop_editing()

    def show_words(self, text: str) -> None:
        """Show a reply, also while it is being written."""
        theme = tokens.current()
        self._reply.setText(styled(text, muted=theme.muted, code_ground=theme.raised, unfinished=True))

    def set_waiting(self, waiting: bool) -> None:
        """While another reply is being written nothing can be decided."""
        for one in (self.take, self.edit, self.refuse, self.renew, self.later):
            one.setEnabled(not waiting)

    # -- deciding -----------------------------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        """True while the words are a field."""
        return self._words.currentIndex() == 1

    def start_editing(self) -> None:
        """Make the reply a field."""
        if self._draft is None or not self.edit.isEnabled():
            return
        self.editor.setPlainText(self._draft.reply)
        self._show_editor(True)
        self.editor.setFocus()

    def stop_editing(self) -> None:
        """Leave the words as they were."""
        self._show_editor(False)
        self.setFocus()

    def accept(self) -> None:
        """Take the words that are shown."""
        if self._draft is not None and self.take.isEnabled():
            self.accept_requested.emit(self.editor.toPlainText() if self.is_editing else "")

    def _show_editor(self, shown: bool) -> None:
        self._words.setCurrentIndex(1 if shown else 0)
        self._buttons.setVisible(not shown)
        self._edit_buttons.setVisible(shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: one key a decision."""
        acts = {"A": self.take, "E": self.edit, "R": self.refuse, "N": self.renew, "L": self.later, "Z": self.back}
        wanted = acts.get(key_of(event))
        if wanted is not None and not self.is_editing:
            wanted.click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: the keys of the field."""
        if watched is self.editor and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.stop_editing()
                return True
            if key_of(event) in ("Ctrl+Return", "Ctrl+Enter"):
                self.accept()
                return True
        return super().eventFilter(watched, event)


def _words() -> QLabel:
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    made.setStyleSheet(f"font-size: {tokens.FONT_HEADING}px")  # it is read, not looked up
    return made


def _key_button(text: str, key: str, icon: str, act: Callable[[], object], *, primary: bool = False) -> QPushButton:
    made = button(f"{text}   {key}", icon, primary=primary, on_click=act, name=text, tip=tr("Key: {key}", key=key))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
