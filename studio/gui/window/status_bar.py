"""The line at the bottom: base, memory, training, engine."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from studio.gui.theme import tokens
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import IconLabel, button, label
from studio.gui.widgets.layouts import row
from studio.gui.window.status_words import StatusWords
from studio.texts import tr


class LevelBar(QWidget):
    """How full something is, as a thin rounded bar."""

    def __init__(self, width: int = 120, height: int = 8) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedSize(width, height)

    def show_share(self, share: float, name: str) -> None:
        """Fill it to ``share`` (0 to 1); ``name`` says it in words."""
        self._share = min(max(share, 0.0), 1.0)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, clip = tokens.current(), QPainter(self), QPainterPath()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip.addRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setClipPath(clip)
        painter.fillRect(self.rect(), QColor(theme.line))
        colour = theme.accent if self._share < 0.9 else theme.bad
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), QColor(colour))
        painter.end()


class StatusBar(QFrame):
    """Shows ``StatusWords``."""

    training_requested = Signal(str)
    engine_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAccessibleName(tr("Status"))
        self._base_icon, self._base = IconLabel("mdi6.cube-outline"), label("", "small")
        self._bar, self._memory = LevelBar(), label("", "small")
        self._persona = ""
        self._training = button("", "mdi6.fire", quiet=True, on_click=self._open_training)
        self._engine = button("", "mdi6.circle", quiet=True, on_click=self.engine_requested.emit)
        self._engine.setIconSize(QSize(9, 9))
        self.setFixedHeight(32)
        self.setLayout(
            row(
                self._base_icon, self._base, 14, self._bar, self._memory, 14, self._training, None, self._engine,
                margins=(14, 0, 10, 0),
            )
        )  # fmt: skip
        for part in (self._base_icon, self._bar, self._training, self._engine):
            part.hide()

    def show_words(self, words: StatusWords) -> None:
        """Show the present state."""
        self._base_icon.show()
        self._base.setText(words.base)
        self._bar.setVisible(bool(words.memory))
        self._bar.show_share(words.memory_share, tr("Memory: {memory}", memory=words.memory))
        self._memory.setText(words.memory)
        self._persona = words.training_persona
        self._training.setVisible(bool(words.training))
        self._training.setText(words.training)
        self._training.setAccessibleName(tr("Training: {what}", what=words.training))
        if words.training:
            set_icon(self._training, "mdi6.fire", words.training_colour)
        self._engine.show()
        self._engine.setText(words.engine)
        self._engine.setAccessibleName(words.engine)
        set_icon(self._engine, "mdi6.circle", words.engine_role)

    def say(self, text: str) -> None:
        """Show a plain word in place of the base, while there is no library yet."""
        self._base.setText(text)

    def _open_training(self) -> None:
        self.training_requested.emit(self._persona)
