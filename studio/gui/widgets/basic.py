"""The small parts that every page uses: labels, buttons, cards, chips, icons and the empty state."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QPushButton, QScrollArea, QSizePolicy, QWidget

from studio.gui.theme import tokens
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.layouts import column, row


def label(text: str, kind: str = "", wrap: bool = False, selectable: bool = False) -> QLabel:
    """Return plain text (never HTML) in a style: ``display h1 h2 muted small good warn bad mono chip`` or none."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setObjectName(kind)
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def set_kind(widget: QWidget, kind: str) -> None:
    """Give a widget another style by its object name, at once."""
    widget.setObjectName(kind)
    restyle(widget)


def restyle(widget: QWidget) -> None:
    """Apply the stylesheet again after a property that it asks for has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def button(
    text: str,
    icon: str = "",
    *,
    primary: bool = False,
    danger: bool = False,
    quiet: bool = False,
    on_click: Callable[[], object] | None = None,
    tip: str = "",
    name: str = "",
) -> QPushButton:
    """Return a button. ``name`` is what a screen reader says when the text alone would not do (icon-only: needed)."""
    made = QPushButton(text)
    kinds = {"primary": primary, "danger": danger, "quiet": quiet}
    made.setObjectName(next((kind for kind, wanted in kinds.items() if wanted), ""))
    made.setAccessibleName(name or text or tip)
    made.setToolTip(tip or ("" if text else name))
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    if icon:
        set_icon(made, icon, "on_accent" if primary else "bad" if danger else "muted")
        made.setIconSize(QSize(tokens.ICON, tokens.ICON))
    if on_click is not None:
        made.clicked.connect(lambda: on_click())
    return made


def icon_button(
    icon: str, name: str, on_click: Callable[[], object] | None = None, *, size: int = 28, colour: str = "muted"
) -> QPushButton:
    """Return a quiet square button that is only an icon; ``name`` is its tooltip and its name for screen readers."""
    made = button("", icon, quiet=True, on_click=on_click, name=name)
    made.setProperty("iconOnly", True)
    made.setFixedSize(size, size)
    set_icon(made, icon, colour)
    return made


def link(text: str, on_click: Callable[[], object]) -> QPushButton:
    """Return a button that looks like a link."""
    made = button(text, on_click=on_click)
    made.setObjectName("link")
    return made


class IconLabel(QLabel):
    """An icon that is decoration: not named, tinted again with the theme."""

    def __init__(self, name: str, colour: str = "muted", size: int = tokens.ICON) -> None:
        super().__init__()
        self._size = size
        self.setFixedSize(size, size)
        set_icon(self, name, colour)

    def setIcon(self, icon: QIcon) -> None:
        """Show ``icon`` (called again when the theme changes)."""
        self.setPixmap(icon.pixmap(QSize(self._size, self._size), self.devicePixelRatioF()))


def chip(text: str, name: str = "") -> QLabel:
    """Return a small rounded tag."""
    made = label(text, "chip")
    made.setAccessibleName(name or text)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return made


def card(layout: QLayout, kind: str = "card") -> QFrame:
    """Return a frame around a layout: ``card``, ``column``, ``raised`` or ``drop``."""
    made = QFrame()
    made.setObjectName(kind)
    made.setLayout(layout)
    return made


def line() -> QFrame:
    """Return a thin horizontal rule."""
    made = QFrame()
    made.setObjectName("line")
    made.setFixedHeight(1)
    return made


def scrolling(inner: QWidget) -> QScrollArea:
    """Return a scroll area around ``inner`` that never scrolls sideways."""
    area = QScrollArea()
    area.setObjectName("clear")
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    area.viewport().setObjectName("clear")
    inner.setObjectName(inner.objectName() or "clear")
    area.setWidget(inner)
    return area


def empty_state(icon: str, title: str, text: str, actions: Sequence[QPushButton] = ()) -> QWidget:
    """Return the page that teaches the next step: a picture, a line, a sentence and one button (or two)."""
    words = label(text, "muted", wrap=True)
    words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    words.setFixedWidth(440)
    heading = label(title, "h1")
    made = QWidget()
    made.setObjectName("clear")
    made.setLayout(
        column(
            None,
            row(None, IconLabel(icon, "accent", 56), None),
            8,
            row(None, heading, None),
            row(None, words, None),
            8,
            row(None, *actions, None, spacing=10),
            None,
            None,
            spacing=10,
        )
    )
    made.setAccessibleName(title)
    return made
