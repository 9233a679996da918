"""Icons of one family (Material Design, from qtawesome), tinted by the theme and tinted again when it changes."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, QStandardPaths
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from studio.gui.theme import tokens
from studio.gui.theme.icon_font import font_icon

_NAME, _ROLE = "studio_icon", "studio_icon_role"


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return the icon ``name`` (such as ``mdi6.fire``) in a theme role or ``#rrggbb`` (default: muted)."""
    theme = tokens.current()
    return _tinted(name, theme.role(colour or "muted"), theme.faint)


def pixmap(name: str, colour: str | None = None, size: int = tokens.ICON) -> QPixmap:
    """Return the icon as a picture of ``size`` logical pixels, sharp on the screen in use."""
    screen = QApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen else 1.0
    return icon(name, colour).pixmap(QSize(size, size), ratio)


def set_icon(widget: Any, name: str, colour: str | None = None) -> None:
    """Give a button, action-like widget or ``IconLabel`` an icon that is tinted again on every change of theme."""
    widget.setProperty(_NAME, name)
    widget.setProperty(_ROLE, colour or "")
    widget.setIcon(icon(name, colour))


def retint(widgets: list[QWidget]) -> None:
    """Tint again what ``set_icon`` was used on."""
    for widget in widgets:
        name = widget.property(_NAME)
        if name:
            widget.setIcon(icon(name, widget.property(_ROLE) or None))  # type: ignore[attr-defined]


def stylesheet_images(theme: tokens.Theme) -> dict[str, str]:
    """Write the few icons that the stylesheet names by path, and return these paths."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation) or ".") / "icons"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {
        "check": ("mdi6.check-bold", theme.on_accent),
        "chevron_up": ("mdi6.chevron-up", theme.muted),
        "chevron_down": ("mdi6.chevron-down", theme.muted),
    }
    return {key: _written(folder, key, *parts) for key, parts in wanted.items()}


def _written(folder: Path, key: str, name: str, colour: str) -> str:
    path = folder / f"{key}-{colour[1:]}.png"
    if not path.exists():
        icon(name, colour).pixmap(QSize(32, 32)).save(str(path))
    return path.as_posix()


@lru_cache(maxsize=512)
def _tinted(name: str, colour: str, disabled_colour: str) -> QIcon:
    return font_icon(name, colour, disabled_colour)
