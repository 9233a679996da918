"""What stands above the open conversation: title and tags, both editable, source, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QPushButton, QWidget

from studio.domain.conversation import Conversation
from studio.gui.widgets.basic import button, icon_button
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import FlowLayout, clear, column, holder, row
from studio.gui.widgets.segmented import Segmented
from studio.texts import tr


class ConversationHeader(QWidget):
    """Wishes are signals; the tab acts."""

    title_changed = Signal(str)
    tag_added = Signal(str)
    tag_removed = Signal(str)
    shown_as = Signal(str)
    """``words`` or ``tokens``."""
    menu_requested = Signal(object)
    origin_requested = Signal()
    """To the chat in which it was taught."""

    def __init__(self, known_tags: Callable[[], Sequence[str]]) -> None:
        """``known_tags`` is asked when a tag is going to be typed: counting them takes time."""
        super().__init__()
        self.setObjectName("clear")
        self._title_before = ""
        self._known_tags = known_tags
        self.title = self._title_field()
        self._source = ElidedLabel("", "small", middle=True)
        self.origin = button("", "mdi6.message-reply-text-outline", quiet=True, on_click=self.origin_requested.emit)
        self.origin.setVisible(False)
        self.view = Segmented(
            [
                ("words", tr("Words"), tr("Read and edit what is said")),
                ("tokens", tr("Tokens"), tr("What the model sees, and what of it is learned")),
            ],
            tr("Show as"),
        )
        self.view.show_choice("words")
        self.view.chosen.connect(self.shown_as)
        self.view.setFixedWidth(172)
        more = icon_button("mdi6.dots-horizontal", tr("More for this conversation"))
        more.clicked.connect(lambda: self.menu_requested.emit(more))
        self._tags = FlowLayout(spacing=6)
        self._tag_row = holder(self._tags)
        top = row(self.title, self.view, more, spacing=8)
        top.setStretch(0, 1)
        self.setLayout(column(top, row(self._source, self.origin, self._tag_row, spacing=10), spacing=2))
        self.layout().itemAt(1).layout().setStretch(2, 1)  # type: ignore[union-attr]

    def _title_field(self) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName("bare")
        made.setStyleSheet("font-size: 15px; font-weight: 600;")
        made.setAccessibleName(tr("Title of the conversation"))
        made.setToolTip(tr("Click to rename"))
        made.setAcceptDrops(False)
        made.editingFinished.connect(self._title_left)
        return made

    def _title_left(self) -> None:
        said = self.title.text().strip()
        if said != self._title_before:
            self._title_before = said
            self.title_changed.emit(said)

    def show_conversation(self, talk: Conversation) -> None:
        """Show what a conversation is called; what is being typed stays."""
        if not self.title.hasFocus() or self._title_before != talk.title:
            self._title_before = talk.title
            self.title.setText(talk.title)
        self.title.setPlaceholderText(tr("No title"))
        self.title.setCursorPosition(0)
        self._source.setText(talk.source)
        self._source.setVisible(bool(talk.source) and PurePath(talk.source).stem != talk.title)  # else said twice
        clear(self._tags)
        for tag in talk.tags:
            self._tags.addWidget(self._chip(tag))
        add = button(tr("tag"), "mdi6.plus", quiet=True, on_click=self.begin_tag, name=tr("Add a tag"))
        add.setProperty("switch", True)
        self._tags.addWidget(add)

    def show_origin(self, words: str, *, is_there: bool) -> None:
        """Show in the place of the source from which chat it came; nothing for a conversation from elsewhere."""
        self.origin.setText(words)
        self.origin.setEnabled(is_there)
        self.origin.setToolTip(tr("Open the chat in which this was taught") if is_there else "")
        self.origin.setVisible(bool(words))
        if words:
            self._source.setVisible(False)

    def _chip(self, tag: str) -> QPushButton:
        made = button(tag, "mdi6.close", on_click=lambda: self.tag_removed.emit(tag), tip=tr("Take this tag away"))
        made.setObjectName("removable")
        made.setAccessibleName(tr("Tag {tag}: take it away", tag=tag))
        return made

    def begin_tag(self) -> None:
        """Let the user type a tag."""
        field = QLineEdit()
        field.setFixedWidth(130)
        field.setPlaceholderText(tr("Tag"))
        field.setAccessibleName(tr("New tag"))
        completer = QCompleter(list(self._known_tags()), field)
        field.setCompleter(completer)
        field.editingFinished.connect(lambda: self._tag_left(field))
        self._tags.addWidget(field)
        field.setFocus()

    def _tag_left(self, field: QLineEdit) -> None:
        said = field.text().strip()
        field.blockSignals(True)
        field.hide()
        field.deleteLater()
        if said:
            self.tag_added.emit(said)
