"""The switch between the dark and the light theme, following the system when asked to."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from studio.gui.theme import icons, tokens
from studio.gui.theme.stylesheet import palette, stylesheet


class ThemeSwitcher(QObject):
    """Remembers the wish (system, light, dark), shows the theme that follows from it, and tells when it changed."""

    theme_changed = Signal(object)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._wish = ""
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    def apply(self, wish: str) -> None:
        """Show ``light``, ``dark``, or what the system prefers. The same theme again costs nothing."""
        theme = self._theme_for(wish)
        shown = self._wish and theme is tokens.current()
        self._wish = wish
        if not shown:
            self._show(theme)

    def _theme_for(self, wish: str) -> tokens.Theme:
        if wish in ("light", "dark"):
            return tokens.LIGHT if wish == "light" else tokens.DARK
        scheme = self._app.styleHints().colorScheme()
        return tokens.LIGHT if scheme is Qt.ColorScheme.Light else tokens.DARK

    def _show(self, theme: tokens.Theme) -> None:
        tokens.use(theme)
        self._app.setStyle("Fusion")
        self._app.setPalette(palette(theme))
        self._app.setStyleSheet(stylesheet(theme, icons.stylesheet_images(theme)))
        icons.retint(self._app.allWidgets())
        self.theme_changed.emit(theme)

    def _system_changed(self) -> None:
        if self._wish == "system":
            self.apply("system")


_switcher: ThemeSwitcher | None = None


def switcher() -> ThemeSwitcher:
    """Return the one switcher of the running application; connect to its ``theme_changed``."""
    global _switcher
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("there is no QApplication yet")
    if _switcher is None or _switcher.parent() is not app:
        _switcher = ThemeSwitcher(app)
    return _switcher


def apply_theme(app: QApplication, wish: str) -> None:
    """Show the theme for ``wish``: ``system``, ``light`` or ``dark``."""
    assert app is QApplication.instance()
    switcher().apply(wish)
