"""The window around the pages: status, banner, toasts, palette, dropping files, bugs."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from studio.domain.errors import StudioError
from studio.gui.main_window import RAIL_PAGES, MainWindow
from studio.gui.pages.chat.page import Page as ChatPage
from studio.gui.theme import tokens
from studio.gui.window.bug_dialog import BugCatcher
from studio.gui.window.status_words import StatusWords, read_status
from studio.gui.window.window_state import WindowState
from studio.services import control
from studio.services.studio import Studio
from tests.gui.conftest import add_persona


@pytest.fixture
def window(qtbot: QtBot, studio: Studio) -> MainWindow:
    made = MainWindow(WindowState(studio.library))
    qtbot.addWidget(made)
    made.show()
    made.attach(studio)
    return made


def dialogs(window: MainWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def test_every_page_of_the_rail_opens(window: MainWindow) -> None:
    for name in RAIL_PAGES:
        window.open_page(name)
        assert window.pages.current_name == name
    assert window.pages.page("persona") is None  # made when first asked for


def test_a_fresh_library_begins_with_the_introduction(qtbot: QtBot, studio: Studio) -> None:
    studio.settings.set("first_start_done", False)
    window = MainWindow(WindowState(studio.library))
    qtbot.addWidget(window)
    window.show()
    window.attach(studio)
    assert window.pages.current_name == "first_start"
    assert not window.rail.isVisible()


def test_shortcuts_work_from_anywhere(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.current_name == "train"
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert [type(dialog).__name__ for dialog in dialogs(window)] == ["ShortcutList"]


def test_controls_have_names(window: MainWindow) -> None:
    for name in RAIL_PAGES:
        window.open_page(name)
    nameless = [
        f"{type(one).__name__} {one.objectName()} in {one.parentWidget()}"
        for kind in (QPushButton, QToolButton)
        for one in window.findChildren(kind)
        if not (one.accessibleName() or one.text() or one.objectName().startswith("qt_"))
        and type(one).__name__ != "QLineEditIconButton" and "QLineEdit" not in str(one.parentWidget())
    ]  # fmt: skip
    assert nameless == []


def test_a_toast_undoes_once(qtbot: QtBot, window: MainWindow) -> None:
    undone: list[int] = []
    window.toast("Tik was deleted.", lambda: undone.append(1))
    button = next(one for one in window.toasts.findChildren(QPushButton) if one.text() == "Undo")
    button.click()
    assert undone == [1]
    assert window.toasts.shown() == []


@pytest.mark.usefixtures("base")
def test_toasts_leave_the_place_free_where_one_writes(window: MainWindow) -> None:
    window.toast("Tik was deleted.")
    low = window.toasts.geometry().bottom()
    window.open_page("chat")
    chat = window.pages.page("chat")
    assert isinstance(chat, ChatPage) and chat.bottom.isVisible()
    top = chat.bottom.mapTo(window, QPoint(0, 0)).y()
    assert window.toasts.geometry().bottom() < top < low
    window.toast("Tik is back.")
    assert window.toasts.geometry().bottom() < top
    window.open_page("personas")
    assert window.toasts.geometry().bottom() == low


def test_at_most_three_toasts_and_troubles_stay(window: MainWindow) -> None:
    for number in range(5):
        window.toast(f"Toast {number}")
    assert window.toasts.shown() == ["Toast 2", "Toast 3", "Toast 4"]
    window.show_error(StudioError("name_empty"))
    assert window.toasts.shown()[-1] == "A persona needs a name."
    window.show_error(StudioError("cancelled"))
    assert len(window.toasts.shown()) == 3


def test_a_dismissed_notice_stays_away_until_there_is_another(window: MainWindow) -> None:
    window.banner.tell("It died.")
    assert window.banner.isVisible()
    next(one for one in window.banner.findChildren(QPushButton) if one.accessibleName() == "Dismiss").click()
    window.banner.tell("It died.")
    assert not window.banner.isVisible()
    window.banner.tell("It died again.")
    assert window.banner.isVisible() and window.banner.text == "It died again."


def test_the_death_of_the_engine_is_told_in_the_banner(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    studio.engine.start()
    qtbot.waitUntil(lambda: studio.engine.status().state == "ready", timeout=20_000)
    studio.engine.kill()
    qtbot.waitUntil(window.banner.isVisible, timeout=20_000)
    assert "Your work is safe" in window.banner.text


def test_a_second_death_is_told_after_the_first_was_dismissed(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    studio.engine.start()
    for _ in range(2):
        qtbot.waitUntil(lambda: studio.engine.status().state == "ready", timeout=20_000)
        studio.engine.kill()
        qtbot.waitUntil(window.banner.isVisible, timeout=20_000)
        next(one for one in window.banner.findChildren(QPushButton) if one.accessibleName() == "Dismiss").click()
        assert not window.banner.isVisible()


def test_dropping_files_opens_the_import_dialog(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text("TIK: Eleven.\n", encoding="utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, buttons, keys))
    qtbot.waitUntil(lambda: [type(one).__name__ for one in dialogs(window)] == ["ImportDialog"], timeout=20_000)


def test_the_theme_is_followed_and_remembered(window: MainWindow, studio: Studio) -> None:
    window.set_theme("light")
    assert tokens.current() is tokens.LIGHT
    assert WindowState(studio.library).theme() == "light"


def test_the_palette_opens_a_persona(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    add_persona(studio, "Oswin")
    window.show_palette()
    palette = dialogs(window)[0]
    qtbot.keyClicks(palette.field, "open oswin")  # type: ignore[attr-defined]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    assert window.pages.current_name == "persona"


def test_status_of_a_library_without_anything(studio: Studio) -> None:
    assert read_status(studio) == StatusWords(
        base="no base in memory", memory_share=0.0, memory="", training="", training_persona="", training_colour="",
        engine="engine asleep", engine_role="faint",
        engine_failed=False, notice="",
    )  # fmt: skip


def test_a_bug_is_reported_calmly_and_once_at_a_time(qtbot: QtBot, window: MainWindow) -> None:
    catcher = BugCatcher(lambda: None, lambda: window, window.show_error)
    try:
        raise ZeroDivisionError("made for the test")
    except ZeroDivisionError as error:
        catcher(type(error), error, error.__traceback__)
        catcher(type(error), error, error.__traceback__)
    assert len(catcher.reports) == 2 and len(dialogs(window)) == 1
    assert "made for the test" in catcher.reports[0] and "Persona Studio" in catcher.reports[0]
    dialogs(window)[0].accept()
    assert catcher.dialog is None and window.isVisible()


def test_a_users_trouble_that_nobody_caught_is_no_bug(window: MainWindow) -> None:
    catcher = BugCatcher(lambda: None, lambda: window, window.show_error)
    error = StudioError("library_read_only")
    catcher(type(error), error, None)
    assert catcher.reports == [] and dialogs(window) == []
    assert window.toasts.shown() == ["This library was opened for reading only."]


def test_the_window_grants_what_a_command_line_asks_for(
    qtbot: QtBot, window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted: list[str] = []
    monkeypatch.setattr(studio.training, "pause", granted.append)
    control.request(studio.library, "run-1", "pause")
    qtbot.waitUntil(lambda: granted == ["run-1"], timeout=20_000)
