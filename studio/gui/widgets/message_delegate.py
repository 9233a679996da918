"""Paints messages from cached documents and knows their heights: exact where they were seen, estimated elsewhere."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QFont, QPainter, QPalette, QTextDocument
from PySide6.QtWidgets import QAbstractItemDelegate, QStyle, QStyledItemDelegate, QWidget
from PySide6.QtWidgets import QStyleOptionViewItem as StyleOption

from studio.gui.theme import tokens
from studio.gui.widgets.message import Message
from studio.gui.widgets.message_documents import MessageDocuments
from studio.gui.widgets.message_editor import EDITOR_HEIGHT, MessageEditor
from studio.gui.widgets.message_marks import NAME_HEIGHT, draw_footer, draw_name, draw_note
from studio.gui.widgets.message_model import MessageModel
from studio.gui.widgets.message_selection import Sought, marks

TOOLS_HEIGHT = 34
WIDEST = 860
_GAP, _PAD_X, _PAD_Y, _INDENT = 14, 14, 9, 16
_GROWTH = 66
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Box:
    """Where a message lies: its bubble or bar, and the corner of its text."""

    whole: QRectF
    corner: QPointF


class MessageDelegate(QStyledItemDelegate):
    """``width`` is the viewport's. ``tools_row`` has tools below it; ``covered_row`` has them for the moment."""

    def __init__(self, model: MessageModel, on_edited: Callable[[str, str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._on_edited = on_edited
        self._documents = MessageDocuments()
        self._heights: dict[str, tuple[int, int, int]] = {}  # id -> width, length of the text, height
        self.width = 400
        self.editing = self.tools_row = self.covered_row = -1
        self.sought = Sought()
        self.chosen: dict[str, tuple[int, int]] = {}
        self._edited = ""
        self._typed: dict[str, str] = {}  # into editors that are open, or were when their rows left
        model.rowsAboutToBeRemoved.connect(self._rows_leave)

    def set_font(self, font: QFont) -> None:
        """The font of all words."""
        self._documents.font = font
        self.forget()

    def forget(self) -> None:
        """The theme or font changed: paint everything anew."""
        self._documents.forget()
        self._heights.clear()

    def edit(self, row: int) -> None:
        """This message is edited in its place from now on."""
        self.editing, self._edited = row, self._model.message(row).id

    def find_edited(self) -> None:
        """Rows came or went: the message that is edited may stand elsewhere."""
        self.editing = self._model.row_of(self._edited) if self._edited else -1

    def leave_edited(self) -> None:
        """It was saved or left."""
        self._typed.pop(self._edited, None)
        self.editing, self._edited = -1, ""

    def _rows_leave(self, _: object, first: int, last: int) -> None:
        """Qt takes the editor of a row along; what was typed into it is there when the message is edited again."""
        if self._edited and first <= self._model.row_of(self._edited) <= last:
            self.editing, self._edited = -1, ""

    def left(self) -> int:
        """Where messages begin: very wide columns keep a readable line in the middle."""
        return max((self.width - WIDEST) // 2, 0)

    def content_width(self) -> int:
        """The width of a message."""
        return min(self.width, WIDEST)

    def document(self, message: Message) -> QTextDocument:
        """The laid out text of a message."""
        return self._documents.at(message, self._text_width(message))

    def box(self, message: Message, top: float) -> Box:
        """Where a message lies whose row begins at ``top``."""
        name = NAME_HEIGHT if message.named else 0
        height = self.document(message).size().height() + 2 * self._pad(message)
        whole = QRectF(self.left(), top + name, self.content_width(), height)
        indent = 0 if not message.said else _PAD_X if message.mine else _INDENT
        return Box(whole, QPointF(whole.left() + indent, whole.top() + self._pad(message)))

    def sizeHint(self, option: StyleOption, index: Index) -> QSize:
        """Qt's: never lays a document out."""
        number = index.row()
        return QSize(0, self._height(number, self._model.message(number)))

    def measure(self, rows: range) -> bool:
        """Lay out the documents of ``rows``; True when a height turned out other than it was."""
        changed = False
        for number in rows:
            message = self._model.message(number)
            before = self._height(number, message)
            height = math.ceil(self.document(message).size().height()) + self._around(message)
            if message.streaming:  # room for some lines at once, so that not every line moves all rows
                height = math.ceil(height / _GROWTH) * _GROWTH
            self._heights[message.id] = (self.width, len(message.text), height)
            changed = changed or self._height(number, message) != before
        return changed

    def has_footer(self, number: int, message: Message) -> bool:
        """True when there is room below for tools or marks."""
        return number == self.tools_row or message.marked

    def _height(self, number: int, message: Message) -> int:
        if number == self.editing:
            return EDITOR_HEIGHT
        width, length, height = self._heights.get(message.id, (0, 0, 0))
        if width != self.width or length != len(message.text) and not message.streaming:
            height = self._estimate(message)
            self._heights[message.id] = (self.width, len(message.text), height)
        return height + (TOOLS_HEIGHT if self.has_footer(number, message) else 0)

    def _estimate(self, message: Message) -> int:
        per_line = max(self._text_width(message) // 7, 10)
        lines = message.text.count("\n") + len(message.text) // per_line + 1
        return lines * 20 + self._around(message)

    def _around(self, message: Message) -> int:
        return 2 * self._pad(message) + _GAP + (NAME_HEIGHT if message.named else 0)

    def _pad(self, message: Message) -> int:
        return _PAD_Y if message.mine else 2

    def _text_width(self, message: Message) -> int:
        around = 0 if not message.said else 2 * _PAD_X if message.mine else _INDENT
        return max(self.content_width() - around, 40)

    def paint(self, painter: QPainter, option: StyleOption, index: Index) -> None:
        """Qt's."""
        number = index.row()
        message = self._model.message(number)
        if number == self.editing:
            return
        box = self.box(message, option.rect.top())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, message, box.whole)
        self._paint_text(painter, message, box.corner)
        self._paint_focus(painter, option, box.whole)
        if message.marked and number not in (self.tools_row, self.covered_row):
            draw_footer(painter, message, QPointF(box.whole.left() + 12, box.whole.bottom()), TOOLS_HEIGHT)
        painter.restore()

    def _paint_ground(self, painter: QPainter, message: Message, box: QRectF) -> None:
        theme = tokens.current()
        if not message.said:
            draw_note(painter, box, self.document(message).idealWidth())
            return
        if message.named:
            draw_name(painter, message, QPointF(box.left(), box.top() - NAME_HEIGHT), box.width())
        painter.setPen(Qt.PenStyle.NoPen)
        if message.mine:
            painter.setBrush(QColor(theme.raised if theme.dark else theme.hover))
            painter.drawRoundedRect(box, 12, 12)
        else:
            painter.setBrush(QColor(theme.line if message.faded else message.colour or theme.faint))
            painter.drawRoundedRect(QRectF(box.left(), box.top(), 3, box.height()), 1.5, 1.5)

    def _paint_text(self, painter: QPainter, message: Message, corner: QPointF) -> None:
        theme, document = tokens.current(), self.document(message)
        painter.translate(corner)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(theme.muted if message.faded else theme.text))
        if message.said:
            context.selections = marks(document, self.chosen.get(message.id), self.sought, message.id)
        document.documentLayout().draw(painter, context)
        painter.translate(-corner)

    def _paint_focus(self, painter: QPainter, option: StyleOption, box: QRectF) -> None:
        view = option.widget
        if option.state & QStyle.StateFlag.State_Selected and view is not None and view.hasFocus():
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(QColor(tokens.current().accent))
            pen.setWidthF(1.5)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 10, 10)

    def createEditor(self, parent: QWidget, option: StyleOption, index: Index) -> QWidget:
        """Qt's: a box in the message's place, with Save and Cancel."""
        editor = MessageEditor(parent)
        editor.saved.clicked.connect(lambda: self._close(editor, save=True))
        editor.left.clicked.connect(lambda: self._close(editor, save=False))
        return editor

    def _close(self, editor: MessageEditor, *, save: bool) -> None:
        if save:
            self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Qt's: asked again whenever the model changes; what is being typed is never overwritten."""
        if isinstance(editor, MessageEditor) and not editor.filled:
            message = self._model.message(index.row())
            editor.text.setPlainText(self._typed.get(message.id, message.text))
            editor.text.textChanged.connect(lambda: self._typed.update({message.id: editor.text.toPlainText()}))
            editor.filled = True

    def setModelData(self, editor: QWidget, model: object, index: Index) -> None:
        """Qt's: tell the new text; the page changes the chat and the model follows."""
        message = self._model.message(index.row())
        self._typed.pop(message.id, None)
        if isinstance(editor, MessageEditor) and editor.text.toPlainText() != message.text:
            self._on_edited(message.id, editor.text.toPlainText())

    def updateEditorGeometry(self, editor: QWidget, option: StyleOption, index: Index) -> None:
        """Qt's."""
        box = option.rect
        editor.setGeometry(QRect(box.left() + self.left(), box.top(), self.content_width(), EDITOR_HEIGHT - _GAP))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: Ctrl+Enter saves; leaving the box by the mouse does not throw words away (Qt commits)."""
        if isinstance(watched, MessageEditor) and event.type() == QEvent.Type.KeyPress:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier  # type: ignore[attr-defined]
            if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
                self._close(watched, save=True)
                return True
        return super().eventFilter(watched, event)
