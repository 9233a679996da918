"""The head of a column: who answers and how strongly, on one line where there is little room."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from studio.gui.pages.chat.columns.popover import Popover
from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.widgets.basic import IconLabel, button, icon_button, label
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.portrait import Portrait
from studio.gui.widgets.strength_slider import StrengthSlider
from studio.texts import tr

_FACE, _SMALL_FACE = 34, 24
_ROOM_FOR_FIGURE = 330


class ColumnHeader(QWidget):
    """Dragging it by the mouse moves the column: ``dragged`` and ``dropped`` tell where the mouse is, on the screen."""

    strength_settled = Signal(float)
    weights_requested = Signal()
    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._pressed: QPoint | None = None
        self._dragging = False
        self._compact = False
        self._face, self._cube = Portrait(_FACE), IconLabel("mdi6.cube-outline", "muted", _SMALL_FACE)
        self._hidden = IconLabel("mdi6.help-circle-outline", "muted", _SMALL_FACE)
        self._masks = IconLabel("mdi6.drama-masks", "muted", _SMALL_FACE)
        self._faces = QStackedWidget()
        self._faces.setObjectName("clear")
        self._faces.setFixedSize(_FACE, _FACE)
        for one in (self._face, self._cube, self._hidden, self._masks):
            self._faces.addWidget(one)
        self.title, self.subtitle, self.figure = ElidedLabel("", "h2"), ElidedLabel("", "small"), label("", "small")
        self.change = icon_button("mdi6.chevron-down", tr("Change who answers"), size=24)
        self.own = icon_button("mdi6.tune-variant", tr("This column has a sampler or seed of its own"), size=24)
        self.more = icon_button("mdi6.dots-horizontal", tr("More about this column"))
        self.strength = StrengthSlider()
        self.brief = label("", "small")
        self.folded = button("", on_click=self._unfold, name=tr("Strength"))
        self.folded.setObjectName("small_button")
        self._build()

    def _build(self) -> None:
        under = row(self.subtitle, self.figure, spacing=8)
        under.setStretch(0, 1)
        names = column(row(self.title, self.change, None, spacing=2), under, spacing=0)
        line = row(self._faces, names, self.brief, self.own, self.folded, self.more, spacing=6)
        line.setStretch(1, 1)
        self.setLayout(column(line, self.strength, spacing=8, margins=(0, 0, 6, 0)))
        self.strength.settled.connect(self.strength_settled)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        for inner in (self.strength, self.change, self.own, self.more, self.folded):
            inner.setCursor(Qt.CursorShape.ArrowCursor)

    def show_view(self, view: ColumnView) -> None:
        """Show who answers."""
        self._view = view
        self.title.setText(view.title)
        self.subtitle.setText(view.subtitle)
        self.figure.setText(view.figure)
        self.brief.setText(view.figure)
        self._faces.setCurrentWidget(self._picture(view))
        self._face.show_persona(view.title, view.colour, view.portrait)
        self.change.setAccessibleName(tr("Change who answers (now {title})", title=view.title))
        self.strength.show_strength(view.strength, enabled=self._has_strength, colour=view.colour)
        self._show_folded(view)
        self.setToolTip("\n".join(view.details))
        self._show_parts()

    def _picture(self, view: ColumnView) -> QWidget:
        if view.cast:
            return self._masks
        return self._hidden if view.hidden else self._cube if view.is_base else self._face

    def _show_folded(self, view: ColumnView) -> None:
        if view.blended:
            self.folded.setText(tr("Weights"))
            self.folded.setAccessibleName(tr("Weights of the blend"))
            self.folded.setToolTip(tr("How strongly each adapter of the blend speaks"))
            return
        self.folded.setText(f"× {view.strength:.2f}")
        self.folded.setAccessibleName(tr("Strength: {strength}", strength=f"{view.strength:.2f}"))
        self.folded.setToolTip(tr("How strongly the adapter speaks"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: the speed is shown where it does not push the name away."""
        super().resizeEvent(event)
        self._show_figure()

    def show_compact(self, compact: bool) -> None:
        """One line, with the slider folded away; or all of it."""
        if compact != self._compact:
            self._compact = compact
            self._show_parts()

    @property
    def _has_strength(self) -> bool:
        return not self._view.is_base and not self._view.hidden

    def _show_parts(self) -> None:
        roomy = not self._compact
        self.subtitle.setVisible(roomy)
        self._show_figure()
        self.strength.setVisible(roomy and not (self._view.hidden or self._view.blended or self._view.cast))
        self.folded.setVisible((self._compact or self._view.blended) and self._has_strength)
        self.own.setVisible(self._view.own and not self._view.hidden)
        self.change.setVisible(not self._view.hidden and not self._view.cast)
        size = _FACE if roomy else _SMALL_FACE
        self._faces.setFixedSize(size, size)
        self._face.setFixedSize(size, size)
        for one, wide, narrow in ((self.change, 24, 20), (self.more, 28, 24)):
            one.setFixedSize(*((wide, wide) if roomy else (narrow, narrow)))

    def _show_figure(self) -> None:
        shown = hasattr(self, "_view") and bool(self._view.figure)
        self.figure.setVisible(shown and not self._compact)
        self.brief.setVisible(shown and self._compact and self.width() >= _ROOM_FOR_FIGURE)

    def _unfold(self) -> None:
        if self._view.blended:
            self.weights_requested.emit()
            return
        popover = Popover(self, self.folded)
        slider = StrengthSlider()
        slider.show_strength(self._view.strength, enabled=True, colour=self._view.colour)
        slider.setMinimumWidth(230)
        slider.changed.connect(lambda one: self.folded.setText(f"× {one:.2f}"))
        slider.settled.connect(self.strength_settled)
        popover.show_widget(slider)
        slider.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: a drag may begin."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: after a few pixels it is a drag."""
        at = event.globalPosition().toPoint()
        if self._pressed is None:
            return
        if not self._dragging and (at - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            self.dragged.emit(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's: the column stays where it was dropped."""
        was, self._pressed, self._dragging = self._dragging, None, False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if was:
            self.dropped.emit(event.globalPosition().toPoint())
