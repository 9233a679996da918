"""Icons: every name that is used exists, and they are drawn in the colour that was asked for."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

import studio.gui
from studio.gui.theme import icon_font
from studio.gui.theme.icons import icon

NAMES = sorted({
    name
    for file in Path(studio.gui.__file__).parent.rglob("*.py")
    for name in re.findall(r'"(mdi6\.[a-z0-9-]+)"', file.read_text(encoding="utf-8"))
})  # fmt: skip


def painted(made: QIcon, size: int = 22, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    image = made.pixmap(size, size, mode).toImage()
    points = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {point.name() for point in points if point.alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_that_is_used_exists(qapp: QApplication, name: str) -> None:
    assert painted(icon(name, "#ff0000"), size=88) == {"#ff0000"}  # large: thin lines are never solid in small ones


def test_an_unknown_icon_is_a_bug(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icon("mdi6.no-such-icon")


def test_disabled_icons_are_faint(qapp: QApplication) -> None:
    assert painted(icon_font.font_icon("mdi6.fire", "#ff0000", "#00ff00"), mode=QIcon.Mode.Disabled) == {"#00ff00"}


def test_without_the_font_file_qtawesome_draws(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icon_font, "_loaded", lambda: None)
    assert "#ff0000" in painted(icon_font.font_icon("mdi6.fire", "#ff0000", "#00ff00"))
