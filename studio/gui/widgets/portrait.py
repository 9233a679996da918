"""A persona's face: its picture cut round, or one drawn from its colour and name."""

import random
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from studio.gui.theme import tokens
from studio.texts import tr

LARGEST = 512
"""Pixels of the largest face on the finest screen."""


class Portrait(QWidget):
    """A round face of ``size`` pixels, named for screen readers."""

    def __init__(self, size: int, name: str = "", colour: str = "", path: Path | None = None) -> None:
        super().__init__()
        self._parts = (name, colour, path)
        self.setFixedSize(size, size)
        self.show_persona(name, colour, path)

    def show_persona(self, name: str, colour: str, path: Path | None = None) -> None:
        """Show another face."""
        self._parts = (name, colour, path)
        self.setAccessibleName(tr("Portrait of {name}", name=name) if name else tr("Portrait"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: paint the cached picture."""
        name, colour, path = self._parts
        painter = QPainter(self)
        painter.drawPixmap(0, 0, portrait_pixmap(name, colour, path, self.width(), self.devicePixelRatioF()))
        painter.end()


def portrait_pixmap(name: str, colour: str, path: Path | None, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the face as a picture (cached); also for delegates that paint many."""
    return _cached(name, colour or tokens.current().faint, str(path) if path else "", size, ratio)


@lru_cache(maxsize=2048)
def _cached(name: str, colour: str, path: str, size: int, ratio: float) -> QPixmap:
    image = _read(path) if path else QImage()
    if not image.isNull():
        return round_pixmap(image, size, ratio)
    made = _empty(size, ratio)
    painter = _round_painter(made, size)
    _draw_face(painter, size, QColor(colour), name)
    painter.end()
    return made


def round_pixmap(image: QImage, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the picture cut to a circle: centred across, from near the top (faces are there)."""
    side = min(image.width(), image.height())
    cut = image.copy((image.width() - side) // 2, (image.height() - side) // 5, side, side)
    pixels = round(size * ratio)
    keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    made = _empty(size, ratio)
    painter = _round_painter(made, size)
    painter.drawImage(QRectF(0, 0, size, size), cut.scaled(pixels, pixels, keep, smooth))
    painter.end()
    return made


def _empty(size: int, ratio: float) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made


def _round_painter(target: QPixmap, size: int) -> QPainter:
    painter = QPainter(target)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    clip = QPainterPath()
    clip.addEllipse(QRectF(0, 0, size, size))
    painter.setClipPath(clip)
    return painter


@lru_cache(maxsize=32)
def _read(path: str) -> QImage:
    """The picture, no larger than any face is painted: decoded once, whatever the sizes it is painted in."""
    reader = QImageReader(path)
    reader.setDecideFormatFromContent(True)  # the vault names files by their hash, without a suffix
    reader.setAutoTransform(True)
    image = reader.read()
    if min(image.width(), image.height()) <= LARGEST:
        return image
    expand, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    return image.scaled(LARGEST, LARGEST, expand, smooth)


def _draw_face(painter: QPainter, size: float, colour: QColor, name: str) -> None:
    drawn = random.Random(name)  # the same name always gets the same hair
    ground = QLinearGradient(0, 0, size, size)
    ground.setColorAt(0, colour.lighter(125))
    ground.setColorAt(1, colour.darker(190))
    painter.fillRect(QRectF(0, 0, size, size), ground)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour.darker(260))
    painter.drawEllipse(QPointF(size * 0.5, size * 1.08), size * 0.42, size * 0.42)
    painter.setBrush(QColor(colour).lighter(150))
    painter.drawEllipse(QPointF(size * 0.5, size * 0.44), size * 0.2, size * 0.23)
    painter.setBrush(colour.darker(300))
    painter.drawPath(_hair(size, drawn.random(), drawn.random()))


def _hair(size: float, height: float, fall: float) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(size * 0.28, size * 0.46)
    path.cubicTo(
        size * 0.24, size * (0.05 + 0.1 * height), size * 0.78, size * 0.08, size * 0.73, size * (0.4 + 0.2 * fall)
    )
    path.cubicTo(size * 0.62, size * 0.3, size * 0.42, size * 0.26, size * 0.28, size * 0.46)
    return path
