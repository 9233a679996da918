"""The window's program: painted first, then the library is opened; a bug becomes a calm report."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
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


class WindowProgram(QObject):
    """One window on one library. ``first_paint_seconds`` counts from the start of the process."""

    def __init__(self, app: QApplication, library: Path, engine_command: Sequence[str] | None = None) -> None:
        super().__init__()
        self._library = library
        self._engine_command = engine_command
        self._thread = MainThread(self)
        self.first_paint_seconds: float | None = None
        self.bugs = BugCatcher(self._log_path, lambda: self.window, lambda error: self.window.show_error(error))
        state = WindowState(library)
        apply_theme(app, state.theme())
        self.window = MainWindow(state)
        self.window.painted.connect(self._painted)

    def show(self) -> None:
        """Show the window; the rest follows its first paint."""
        self.window.show()

    def _painted(self) -> None:
        now = time.time()
        import psutil

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
    program = WindowProgram(app, Path(library) if library else paths.default_library(), engine_command)
    sys.excepthook = program.bugs
    program.show()
    return app.exec()
