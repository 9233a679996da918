"""The main window: rail, pages, status bar, and everything that works from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMainWindow, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.gui.actions import actions
from studio.gui.theme.icons import icon
from studio.gui.theme.switcher import apply_theme
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.window.banner import Banner
from studio.gui.window.drop_zone import DropSheet, local_paths
from studio.gui.window.menus import make_actions
from studio.gui.window.page_stack import PageStack
from studio.gui.window.rail import Rail
from studio.gui.window.status_bar import StatusBar
from studio.gui.window.toasts import Toasts
from studio.gui.window.window_state import WindowState
from studio.texts import sentence, tr

if TYPE_CHECKING:  # at run time the services (and SQLite) come after the first paint
    from studio.services.studio import Studio

RAIL_PAGES = ("personas", "chat", "train", "models", "settings")
WISH_MILLISECONDS = 500
STATUS_KINDS = frozenset({Kind.ENGINE, Kind.RUN, Kind.RUN_PROGRESS, Kind.BASE})


class MainWindow(QMainWindow):
    """Painted before the library is open; ``attach`` gives it the services. It is the pages' ``Navigator``."""

    painted = Signal()
    another_library_requested = Signal(object)
    """The folder of a library to open instead of this one."""

    def __init__(self, state: WindowState) -> None:
        super().__init__()
        self.studio: Studio | None = None
        self._state = state
        self._was_painted = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self._stop_notices: Callable[[], None] = lambda: None
        self._wishes = QTimer(self)
        self._wishes.setInterval(WISH_MILLISECONDS)
        self._wishes.timeout.connect(self._grant_wishes)
        self.setWindowTitle("Persona Studio")
        self.setMinimumSize(960, 640)
        self.setAcceptDrops(True)
        self.actions_of_the_studio = actions()
        by_name = {one.name: one for one in self.actions_of_the_studio}
        self.rail = Rail([by_name[name] for name in RAIL_PAGES])
        self.pages, self.banner, self.status = PageStack(), Banner(), StatusBar()
        self.status.say(tr("opening the library"))
        self._build()
        self.toasts = Toasts(self, self.pages.kept_free)
        self._drop_sheet = DropSheet(self)
        make_actions(self, self.actions_of_the_studio)
        state.restore(self)

    def _build(self) -> None:
        body = column(self.banner, row(self.rail, self.pages, spacing=0), self.status, spacing=0)
        body.setStretch(1, 1)
        self.setCentralWidget(holder(body, "ground"))
        self.rail.page_requested.connect(self.open_page)
        self.pages.page_shown.connect(self._page_shown)
        self.status.training_requested.connect(self.open_train)
        self.status.engine_requested.connect(self.show_engine_log)
        self.banner.details_requested.connect(self.show_engine_log)
        self.banner.restart_requested.connect(self.restart_engine)

    # -- the library --------------------------------------------------------------------------------------------

    def attach(self, studio: Studio) -> None:
        """Show a library that is open now."""
        self.studio = studio
        self._wishes.start()
        self._unsubscribe = studio.changes.subscribe(self._on_change)
        self._listen_to_the_queue(studio)
        wish = str(studio.settings.get("theme"))
        self._state.keep_theme(wish)
        self._apply_theme(wish)
        self.refresh_status()
        self.open_page("personas" if studio.settings.get("first_start_done") else "first_start")

    def _listen_to_the_queue(self, studio: Studio) -> None:
        from studio.gui.pages.train.notice_words import notice_words
        from studio.gui.window.run_notices import RunNotices

        def show(run_id: str) -> None:
            self.open_page("train", run_id=run_id)

        told = RunNotices(studio.training.when_ended, lambda run: notice_words(studio, run), self, show)
        self._stop_notices = told.stop

    def _on_change(self, change: Change) -> None:
        if change.kinds & STATUS_KINDS:
            self.refresh_status()
        if Kind.SETTING in change.kinds and self.studio is not None:
            wish = str(self.studio.settings.get("theme"))
            self._state.keep_theme(wish)
            self._apply_theme(wish)
        self.pages.on_change(change)

    def _grant_wishes(self) -> None:
        """Do what a command line beside this window asked for, and begin runs that wait from an earlier start."""
        if self.studio is not None:
            try:
                self.studio.training.poll_control()
            except StudioError as error:
                self.show_error(error)

    def refresh_status(self) -> None:
        """Show the present state in the status bar and the banner."""
        if self.studio is not None:
            from studio.gui.window.status_words import read_status

            words = read_status(self.studio)
            self.status.show_words(words)
            self.banner.tell(words.notice, can_restart=words.engine_failed, number=words.notices)

    # -- Navigator ----------------------------------------------------------------------------------------------

    def open_page(self, name: str, **args: object) -> None:
        """Show a page."""
        if self.studio is None:
            return
        try:
            self.pages.open(name, self.studio, self, args)
        except StudioError as error:
            self.show_error(error)

    def _page_shown(self, name: str) -> None:
        self.rail.show_current("personas" if name == "persona" else name)
        self.rail.setVisible(name != "first_start")
        self.toasts.place()

    def open_persona(self, persona_id: str, tab: str = "card") -> None:
        """Show a persona's workspace."""
        self.open_page("persona", persona_id=persona_id, tab=tab)

    def open_train(self, persona_id: str = "") -> None:
        """Show the Train page with a persona chosen."""
        self.open_page("train", persona_id=persona_id)

    def open_chat(self, contestants: Sequence[Contestant] = (), chat_id: str = "") -> None:
        """Show the Chat page."""
        self.open_page("chat", contestants=tuple(contestants), chat_id=chat_id)

    def import_files(self, paths: Sequence[Path] = (), persona: str = "") -> None:
        """Open the import dialog."""
        if self.studio is not None:
            from studio.gui.pages.personas.import_dialog import import_into

            import_into(self.studio, self, list(paths), persona)

    def toast(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Say one sentence."""
        self.toasts.tell(text, undo)

    def show_error(self, error: StudioError) -> None:
        """Tell a trouble; a cancelled thing is none."""
        if error.code != "cancelled":
            self.toasts.tell_trouble(sentence(error))

    def reopen(self, library: Path) -> None:
        """Ask the program for a window on another library."""
        self.another_library_requested.emit(library)

    def window_widget(self) -> QWidget:
        """The parent for dialogs."""
        return self

    # -- Commands -----------------------------------------------------------------------------------------------

    def new_persona(self) -> None:
        """Make a persona and open its card."""
        if self.studio is not None:
            self.open_persona(self.studio.personas.create(tr("New persona")).id)

    def add_samples(self) -> None:
        """Add the sample personas."""
        if self.studio is not None:
            from studio.gui.pages.personas.presenter import samples_added

            try:
                self.toast(samples_added(self.studio.samples.import_all()))
            except StudioError as error:
                self.show_error(error)
            self.open_page("personas")

    def show_palette(self) -> None:
        """Open the command palette over the upper middle of the window."""
        from studio.gui.window.command_palette import CommandPalette
        from studio.gui.window.palette_entries import palette_entries

        palette = CommandPalette(palette_entries(self, self.actions_of_the_studio, self.studio), self)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        corner = self.mapToGlobal(self.rect().topLeft())
        palette.move(corner.x() + (self.width() - palette.width()) // 2, corner.y() + 90)
        palette.show()
        palette.field.setFocus()

    def show_shortcuts(self) -> None:
        """Open the list of shortcuts."""
        from studio.gui.pages.persona.data.keys import shortcut_groups
        from studio.gui.pages.train.queue_acts import queue_shortcuts
        from studio.gui.widgets.message_acts import chat_shortcuts
        from studio.gui.window.shortcut_list import ShortcutList

        more = [*shortcut_groups(), *queue_shortcuts(), *chat_shortcuts()]
        self._open_dialog(ShortcutList(self.actions_of_the_studio, self, more))

    def show_engine_log(self) -> None:
        """Show what the engine wrote last."""
        if self.studio is not None:
            from studio.gui.window.log_dialog import LogDialog

            status = self.studio.engine.status()
            self._open_dialog(LogDialog(tr("The engine's log"), status.notice, Path(status.log_path), self))

    def _open_dialog(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def find_in_page(self) -> None:
        """Put the cursor into the page's search field; a page may have a way of its own."""
        page = self.pages.page(self.pages.current_name)
        search = getattr(page, "find_in_page", None)
        if search is not None:
            search()
            return
        fields = self.pages.findChildren(QLineEdit, "search")
        for field in fields:
            if field.isVisible():
                field.setFocus()
                field.selectAll()
                return

    def set_theme(self, wish: str) -> None:
        """Show and remember a theme."""
        if self.studio is not None:
            self.studio.settings.set("theme", wish)

    def _apply_theme(self, wish: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, wish)

    def restart_engine(self) -> None:
        """Start the engine again."""
        if self.studio is not None:
            self.studio.engine.restart()

    # -- Qt -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.studio is not None and local_paths(event.mimeData()):
            event.acceptProposedAction()
            self._drop_sheet.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_sheet.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_sheet.hide()
        paths = local_paths(event.mimeData())
        event.acceptProposedAction()
        QTimer.singleShot(0, self, lambda: self.import_files(paths))  # first let the dragging program go

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.WindowTitleChange:
            self.setWindowIcon(icon("mdi6.drama-masks", "#8ea6ff"))
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._state.keep(self)
        self._wishes.stop()
        self._unsubscribe()
        self._stop_notices()
        self.hide()  # closing waits for the engine, which may write a checkpoint first
        if self.studio is not None:
            self.studio.close()
            self.studio = None
        event.accept()
