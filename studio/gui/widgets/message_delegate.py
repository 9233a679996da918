"""Paints messages from cached documents and knows their heights: exact where they were seen, estimated elsewhere."""

import math
from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QFont, QPainter, QPalette, QTextDocument, QTextOption
from PySide6.QtWidgets import QAbstractItemDelegate, QFrame, QPlainTextEdit, QStyledItemDelegate, QWidget
from PySide6.QtWidgets import QStyleOptionViewItem as StyleOption

from studio.gui.theme import tokens
from studio.gui.widgets.basic import button
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.message import Message
from studio.gui.widgets.message_model import MessageModel
from studio.gui.widgets.roleplay_text import styled
from studio.texts import tr

TOOLS_HEIGHT = 34
WIDEST = 860
_GAP, _PAD_X, _PAD_Y, _INDENT = 14, 14, 9, 16
_KEPT_DOCUMENTS = 300
_EDITOR_HEIGHT = 170
_GROWTH = 66
Index = QModelIndex | QPersistentModelIndex


class MessageDelegate(QStyledItemDelegate):
    """One document a message, kept while it is likely to be seen again. ``width`` is the viewport's."""

    def __init__(self, model: MessageModel, on_edited: Callable[[str, str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._on_edited = on_edited
        self._documents: OrderedDict[str, tuple[Message, int, QTextDocument]] = OrderedDict()
        self._heights: dict[str, tuple[int, int, int]] = {}  # id -> width, length of the text, height
        self.width = 400
        self.font = QFont()
        self.editing = -1
        self.tools_row = -1

    def forget(self) -> None:
        """The theme or font changed: paint everything anew."""
        self._documents.clear()
        self._heights.clear()

    def left(self) -> int:
        """Where messages begin: very wide columns keep a readable line in the middle."""
        return max((self.width - WIDEST) // 2, 0)

    def content_width(self) -> int:
        """The width of a message."""
        return min(self.width, WIDEST)

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
            document = self._document(message)
            height = math.ceil(document.size().height()) + 2 * self._pad(message) + _GAP
            if message.streaming:  # room for some lines at once, so that not every line moves all rows
                height = math.ceil(height / _GROWTH) * _GROWTH
            self._heights[message.id] = (self.width, len(message.text), height)
            changed = changed or self._height(number, message) != before
        return changed

    def _height(self, number: int, message: Message) -> int:
        if number == self.editing:
            return _EDITOR_HEIGHT
        width, length, height = self._heights.get(message.id, (0, 0, 0))
        if width != self.width or length != len(message.text) and not message.streaming:
            height = self._estimate(message)
            self._heights[message.id] = (self.width, len(message.text), height)
        return height + (TOOLS_HEIGHT if number == self.tools_row else 0)

    def _estimate(self, message: Message) -> int:
        per_line = max(self._text_width(message) // 7, 10)
        lines = message.text.count("\n") + len(message.text) // per_line + 1
        return lines * 20 + 2 * self._pad(message) + _GAP

    def _pad(self, message: Message) -> int:
        return _PAD_Y if message.mine else 2

    def _text_width(self, message: Message) -> int:
        return max(self.content_width() - (2 * _PAD_X if message.mine else _INDENT), 40)

    def _document(self, message: Message) -> QTextDocument:
        width = self._text_width(message)
        known = self._documents.get(message.id)
        if known is None or known[0] != message:
            known = (message, 0, self._made(message))
        if known[1] != width:
            known[2].setTextWidth(width)
            known = (message, width, known[2])
        self._documents[message.id] = known
        self._documents.move_to_end(message.id)
        while len(self._documents) > _KEPT_DOCUMENTS:
            self._documents.popitem(last=False)
        return known[2]

    def _made(self, message: Message) -> QTextDocument:
        theme = tokens.current()
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(self.font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        text = message.text or ("…" if message.streaming else "")
        document.setHtml(styled(text, muted=theme.muted, code_ground=theme.hover, unfinished=message.streaming))
        _trim(document)
        return document

    def paint(self, painter: QPainter, option: StyleOption, index: Index) -> None:
        """Qt's."""
        message = self._model.message(index.row())
        if index.row() == self.editing:
            return
        theme = tokens.current()
        document = self._document(message)
        box = QRectF(
            option.rect.left() + self.left(), option.rect.top(),
            self.content_width(), document.size().height() + 2 * self._pad(message),
        )  # fmt: skip
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if message.mine:
            painter.setBrush(QColor(theme.raised if theme.dark else theme.hover))
            painter.drawRoundedRect(box, 12, 12)
            corner = QPointF(box.left() + _PAD_X, box.top() + _PAD_Y)
        else:
            painter.setBrush(QColor(message.colour or theme.faint))
            painter.drawRoundedRect(QRectF(box.left(), box.top(), 3, box.height()), 1.5, 1.5)
            corner = QPointF(box.left() + _INDENT, box.top() + 2)
        self._paint_text(painter, document, corner)
        self._paint_focus(painter, option, box)
        painter.restore()

    def _paint_text(self, painter: QPainter, document: QTextDocument, corner: QPointF) -> None:
        painter.translate(corner)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(tokens.current().text))
        document.documentLayout().draw(painter, context)
        painter.translate(-corner)

    def _paint_focus(self, painter: QPainter, option: StyleOption, box: QRectF) -> None:
        from PySide6.QtWidgets import QStyle

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

    def _close(self, editor: "MessageEditor", *, save: bool) -> None:
        if save:
            self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Qt's: asked again whenever the model changes; what is being typed is never overwritten."""
        if isinstance(editor, MessageEditor) and not editor.filled:
            editor.text.setPlainText(self._model.message(index.row()).text)
            editor.filled = True

    def setModelData(self, editor: QWidget, model: object, index: Index) -> None:
        """Qt's: tell the new text; the page changes the chat and the model follows."""
        message = self._model.message(index.row())
        if isinstance(editor, MessageEditor) and editor.text.toPlainText() != message.text:
            self._on_edited(message.id, editor.text.toPlainText())

    def updateEditorGeometry(self, editor: QWidget, option: StyleOption, index: Index) -> None:
        """Qt's."""
        box = option.rect
        editor.setGeometry(QRect(box.left() + self.left(), box.top(), self.content_width(), _EDITOR_HEIGHT - _GAP))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: Ctrl+Enter saves; leaving the box by the mouse does not throw words away (Qt commits)."""
        if isinstance(watched, MessageEditor) and event.type() == QEvent.Type.KeyPress:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier  # type: ignore[attr-defined]
            if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
                self._close(watched, save=True)
                return True
        return super().eventFilter(watched, event)


class MessageEditor(QFrame):
    """The box in which a message is edited in its place."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.filled = False
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("Edit message"))
        self.saved = button(tr("Save"), primary=True, tip=tr("Save (Ctrl+Enter)"))
        self.left = button(tr("Cancel"), quiet=True, tip=tr("Cancel (Esc)"))
        self.setLayout(column(self.text, row(None, self.left, self.saved), margins=(8, 8, 8, 8)))
        self.setFocusProxy(self.text)


def _trim(document: QTextDocument) -> None:
    """The last paragraph needs no distance to a next one."""
    from PySide6.QtGui import QTextCursor

    cursor = QTextCursor(document)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    form = cursor.blockFormat()
    form.setBottomMargin(0)
    cursor.setBlockFormat(form)
