"""The window's program: painted first, then the library is opened; a bug becomes a calm report."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from studio import log_setup, paths
from studio.domain.errors import StudioError
from studio.gui.main_thread import MainThread
from studio.gui.main_window import MainWindow
from studio.gui.theme.switcher import apply_theme
from studio.gui.window.bug_dialog import BugCatcher
from studio.gui.window.window_state import WindowState
from studio.texts import use_language

PRINT_FIRST_PAINT = "PERSONA_STUDIO_PRINT_FIRST_PAINT"
READ_AHEAD_MS = 400
SWITCH_SECONDS = 0.0001
"""How long other threads of this process (checks, imports being read) may keep the window's waiting. With Python's own
5 ms a scrolled list, which asks the database many times a page, stood still for 130 ms while data was checked."""


class WindowProgram(QObject):
    """One window on one library. ``first_paint_seconds`` counts from the start of the process."""

    def __init__(self, app: QApplication, library: Path, engine_command: Sequence[str] | None = None) -> None:
        super().__init__()
        self._library = library
        self._engine_command = engine_command
        self._thread = MainThread(self)
        self.first_paint_seconds: float | None = None
        self.bugs = BugCatcher(self._log_path, lambda: self.window, lambda error: self.window.show_error(error))
        self._app = app
        self.window = self._new_window()

    def _new_window(self) -> MainWindow:
        state = WindowState(self._library)
        apply_theme(self._app, state.theme())
        window = MainWindow(state)
        window.painted.connect(self._painted)
        window.another_library_requested.connect(self._open_another)
        return window

    def show(self) -> None:
        """Show the window; the rest follows its first paint."""
        self.window.show()

    def _open_another(self, library: Path) -> None:
        """Put a new window on another library in the place of this one, and remember the choice."""
        before = self.window
        paths.remember_library(library)
        self._library = library
        self.window = self._new_window()
        self.window.show()  # it opens its library after its first paint, when the old one is closed
        before.close()
        before.deleteLater()

    def _painted(self) -> None:
        now = time.time()
        import psutil

        if self.first_paint_seconds is None:
            self.first_paint_seconds = now - psutil.Process().create_time()
        if os.environ.get(PRINT_FIRST_PAINT):
            print(f"first paint after {self.first_paint_seconds:.2f} s", flush=True)
        self._open_library()

    def _open_library(self) -> None:
        from studio.services.studio import Studio

        try:
            opened = Studio.open(self._library, deliver=self._thread.deliver, engine_command=self._engine_command)
        except StudioError as error:
            self._refused(error)
            return
        log_setup.start_logging(paths.logs(self._library))
        use_language(*[language for language in [str(opened.settings.get("language"))] if language])
        self.window.attach(opened)
        QTimer.singleShot(READ_AHEAD_MS, self, self.window.pages.read_ahead)

    def _refused(self, error: StudioError) -> None:
        from studio.gui.window.refused_dialog import RefusedDialog

        dialog = RefusedDialog(error, self.window)
        dialog.again.connect(self._open_library)
        dialog.open()

    def _log_path(self) -> Path | None:
        path = paths.logs(self._library) / log_setup.APP_LOG
        return path if path.exists() else None


def run_window(library: Path | str | None = None, *, engine_command: Sequence[str] | None = None) -> int:
    """Open the window on a library and return the exit code when it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("persona-studio")
    app.setApplicationDisplayName("Persona Studio")
    app.setDesktopFileName("persona-studio")
    sys.setswitchinterval(SWITCH_SECONDS)
    program = WindowProgram(app, Path(library) if library else paths.default_library(), engine_command)
    sys.excepthook = program.bugs
    program.show()
    return app.exec()
