"""The tokens of a mask as flowing pieces: only what is seen is painted, the keyboard goes from token to token."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from studio.domain.mask import NO_TURN
from studio.gui.theme import tokens as sheet
from studio.gui.widgets.mask_layout import (
    HEADING,
    LINE,
    Line,
    MaskLayout,
    Token,
    lay_out,
    shown_text,
    window_sizes,
)
from studio.gui.widgets.mask_painting import mono, paint_focus, paint_token
from studio.gui.widgets.mask_words import token_words, window_words
from studio.gui.widgets.text_painting import draw_text, font

GUTTER, NARROW_GUTTER, NARROW = 108, 84, 460
MARGIN = 6
PIXELS = sheet.FONT_BODY


class MaskCanvas(QAbstractScrollArea):
    """Shows tokens and who says them. Arrow keys, Home, End and the page keys move; each step is announced."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._tokens: Sequence[Token] = ()
        self._speakers: Mapping[int, str] = {}
        self._sizes: Mapping[int, int] = {}
        self._layout = MaskLayout()
        self._current = -1
        self._pale = False
        self.setObjectName("clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setObjectName("clear")
        self.verticalScrollBar().setSingleStep(LINE)

    @property
    def current(self) -> int:
        """The token that has the keyboard, -1: none yet."""
        return self._current

    @property
    def layout_of_tokens(self) -> MaskLayout:
        """Where they stand."""
        return self._layout

    def show_tokens(self, shown: Sequence[Token], speakers: Mapping[int, str]) -> None:
        """Show other tokens, from the top; the same ones again leave everything where it is."""
        if list(shown) == list(self._tokens) and dict(speakers) == dict(self._speakers):
            return
        self._tokens, self._speakers, self._sizes = shown, speakers, window_sizes(shown)
        self._current = -1
        self.setAccessibleName(self._name)
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def show_pale(self, pale: bool) -> None:
        """Show that other tokens are on their way; these can still be read, and the keyboard stays."""
        self._pale = pale
        self.viewport().update()

    def box(self, index: int) -> QRectF:
        """Where a token is on the viewport."""
        line = self._layout.lines[self._layout.line_of[index]]
        top = line.top - self.verticalScrollBar().value() + MARGIN
        return QRectF(self._layout.left[index], top + 1, self._layout.wide[index], LINE - 3)

    def go_to(self, index: int) -> None:
        """Give a token the keyboard, bring it into sight, and say it."""
        if not self._tokens:
            return
        self._current = max(0, min(index, len(self._tokens) - 1))
        line = self._layout.lines[self._layout.line_of[self._current]]
        bar, height = self.verticalScrollBar(), self.viewport().height()
        above = HEADING if line.heading else 0
        if line.top - above < bar.value():
            bar.setValue(line.top - above)
        elif line.top + LINE + 2 * MARGIN > bar.value() + height:
            bar.setValue(line.top + LINE + 2 * MARGIN - height)
        self._announce()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: other width, other lines."""
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's: the theme changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_layout"):
            self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's: the first token, or the one that was left."""
        super().focusInEvent(event)
        if self._current < 0 and self._tokens and event.reason() is not Qt.FocusReason.MouseFocusReason:
            self.go_to(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's: the ring goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        step = self._steps().get((event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)))
        if step is None or not self._tokens:
            super().keyPressEvent(event)
        else:
            self.go_to(step())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: a click gives a token the keyboard."""
        index = self._at(event.position())
        if index >= 0:
            self.go_to(index)

    def viewportEvent(self, event: QEvent) -> bool:
        """Qt's: a token says what it is when the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self._at(QPointF(event.pos()))
            words = self.words_of(index) if index >= 0 else ""
            QToolTip.showText(event.globalPos(), f"<qt>{escape(words).replace(chr(10), '<br>')}</qt>" if words else "")
            return True
        return super().viewportEvent(event)

    def words_of(self, index: int) -> str:
        """Everything about a token, a line for each thing."""
        token = self._tokens[index]
        return token_words(token, self._speakers.get(token.turn, ""))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: the lines that are seen."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.45 if self._pale else 1.0)
        shift = self.verticalScrollBar().value() - MARGIN
        metrics = QFontMetricsF(mono(PIXELS))
        for line in self._layout.lines_between(shift, shift + self.viewport().height()):
            self._paint_margin(painter, line, line.top - shift)
            painter.setFont(mono(PIXELS))
            for index in range(line.first, line.end):
                box, token = self.box(index), self._tokens[index]
                baseline = box.top() + (box.height() - metrics.height()) / 2 + metrics.ascent()
                paint_token(painter, box, shown_text(token.text), token.kind, baseline)
        if self._current >= 0 and self.hasFocus():
            paint_focus(painter, self.box(self._current))
        painter.end()

    def _paint_margin(self, painter: QPainter, line: Line, top: float) -> None:
        theme = sheet.current()
        if line.heading:
            window = self._tokens[line.first].window
            words = window_words(window, self._sizes)
            middle, wide = top - HEADING / 2 + 2, self.viewport().width()
            painter.setPen(QPen(QColor(theme.faint), 1))
            painter.drawLine(QPointF(0, middle + 9), QPointF(wide, middle + 9))
            colour = theme.bad if window < 0 else theme.text
            draw_text(painter, QPointF(0, middle - 10), words, colour, sheet.FONT_SMALL, wide, bold=True)
        if line.turn is None:
            return
        name = self._speakers.get(line.turn, "")
        high = QFontMetricsF(font(sheet.FONT_SMALL)).height()
        colour = theme.muted if line.turn == NO_TURN else theme.text
        at = QPointF(0, top + (LINE - 2 - high) / 2)
        draw_text(painter, at, name, colour, sheet.FONT_SMALL, int(self._gutter) - 10, bold=line.turn != NO_TURN)

    @property
    def _gutter(self) -> float:
        return GUTTER if self.viewport().width() > NARROW else NARROW_GUTTER

    def _lay_out(self) -> None:
        measure = QFontMetricsF(mono(PIXELS)).horizontalAdvance
        self._layout = lay_out(self._tokens, self.viewport().width() - MARGIN, self._gutter, measure)
        height = self.viewport().height()
        self.verticalScrollBar().setPageStep(max(LINE, height - LINE))
        self.verticalScrollBar().setRange(0, max(0, self._layout.height + 2 * MARGIN - height))
        self.viewport().update()

    def _at(self, place: QPointF) -> int:
        return self._layout.token_at(place.x(), place.y() + self.verticalScrollBar().value() - MARGIN)

    def _steps(self) -> Mapping[tuple[int, bool], Callable[[], int]]:
        key, last = Qt.Key, len(self._tokens) - 1
        page = max(1, self.viewport().height() // LINE - 1)
        return {
            (key.Key_Right, False): lambda: self._current + 1,
            (key.Key_Left, False): lambda: self._current - 1,
            (key.Key_Down, False): lambda: self._beside(1),
            (key.Key_Up, False): lambda: self._beside(-1),
            (key.Key_PageDown, False): lambda: self._beside(page),
            (key.Key_PageUp, False): lambda: self._beside(-page),
            (key.Key_Home, False): lambda: self._line().first,
            (key.Key_End, False): lambda: self._line().end - 1,
            (key.Key_Home, True): lambda: 0,
            (key.Key_End, True): lambda: last,
        }

    def _line(self) -> Line:
        return self._layout.lines[self._layout.line_of[max(0, self._current)]]

    def _beside(self, lines: int) -> int:
        """The token over or under the current one, so many lines away."""
        now = max(0, self._current)
        number = max(0, min(self._layout.line_of[now] + lines, len(self._layout.lines) - 1))
        middle = self._layout.left[now] + self._layout.wide[now] / 2
        return self._layout.token_at(middle, self._layout.lines[number].top, nearest=True)

    def _announce(self) -> None:
        words = self.words_of(self._current).replace("\n", ", ")
        self.setAccessibleName(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
