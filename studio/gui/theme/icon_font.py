"""Draws icons from the Material Design font that qtawesome brings.

Importing qtawesome itself costs two fifths of the time until the window's first paint (it imports qtpy and checks six
fonts), so its font and table of characters are read directly. Where they are not found as expected, qtawesome is asked.
"""

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap

PREFIX, STEM = "mdi6.", "materialdesignicons6-webfont-"
SIZES = (14, 16, 18, 20, 22, 24, 28, 32, 36, 44, 48, 56, 112)
SHARE = 0.875  # of the icon's height; the rest is air


def font_icon(name: str, colour: str, disabled_colour: str) -> QIcon:
    """Return the icon ``name`` (``mdi6.…``), drawn in the sizes in use. ``KeyError`` when there is no such icon."""
    found = _loaded()
    if found is None:
        import qtawesome

        return qtawesome.icon(name, color=colour, color_disabled=disabled_colour)
    family, characters = found
    character = characters[name.removeprefix(PREFIX)]
    made = QIcon()
    for size in SIZES:
        made.addPixmap(_glyph(family, character, colour, size))
        made.addPixmap(_glyph(family, character, disabled_colour, size), QIcon.Mode.Disabled)
    return made


@cache
def _loaded() -> tuple[str, dict[str, str]] | None:
    spec = importlib.util.find_spec("qtawesome")
    folder = Path(spec.origin).parent / "fonts" if spec and spec.origin else Path()
    fonts, tables = sorted(folder.glob(f"{STEM}[0-9]*.ttf")), sorted(folder.glob(f"{STEM}charmap-*.json"))
    if not fonts or not tables:
        return None
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(fonts[-1])))
    if not families:
        return None
    table: dict[str, str] = json.loads(tables[-1].read_text(encoding="utf-8"))
    return families[0], {name: chr(int(code, 16)) for name, code in table.items()}


def _glyph(family: str, character: str, colour: str, size: int) -> QPixmap:
    made = QPixmap(size, size)
    made.fill(Qt.GlobalColor.transparent)
    used = QFont(family)
    used.setPixelSize(round(size * SHARE))
    painter = QPainter(made)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setFont(used)
    painter.setPen(QColor(colour))
    painter.drawText(QRect(0, 0, size, size), Qt.AlignmentFlag.AlignCenter, character)
    painter.end()
    return made
