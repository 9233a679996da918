"""Actions as data: what is made from them is complete."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.gui.actions import actions
from studio.gui.pages.persona.data.keys import shortcut_groups
from studio.gui.pages.train.queue_acts import queue_shortcuts
from studio.gui.window.command_palette import CommandPalette, Entry, matching
from studio.gui.window.palette_entries import palette_entries
from studio.gui.window.shortcut_list import ShortcutList
from tests.gui.shelf import shelf


class Recorder:
    """A window that writes down what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[object, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **named: self.asked.append((name, args))


def test_names_and_shortcuts_are_unique() -> None:
    found = actions()
    keys = [one.shortcut for one in found if one.shortcut]
    assert len({one.name for one in found}) == len(found)
    assert len(set(keys)) == len(keys)
    assert {"Ctrl+K", "F1"} <= set(keys)


def test_every_action_does_something() -> None:
    for one in actions():
        window = Recorder()
        one.run(window)
        assert len(window.asked) == 1, one.name


def test_pages_are_opened_by_name() -> None:
    window = Recorder()
    for one in actions():
        if one.name in ("personas", "train"):
            one.run(window)
    assert window.asked == [("open_page", ("personas",)), ("open_page", ("train",))]


def test_the_palette_offers_every_action_and_every_persona(qtbot: QtBot) -> None:
    studio = shelf()
    offered = {entry.text for entry in palette_entries(Recorder(), actions(), studio)}
    assert {one.text for one in actions() if one.name != "palette"} <= offered
    assert "Open Mira Vane" in offered
    assert "Chat with Tik" in offered
    assert "Chat with Vesper" not in offered  # there is nothing trained to chat with


def test_a_few_letters_find_words_that_begin_with_them_first() -> None:
    entries = [Entry(text=text, icon="", run=lambda: None) for text in ("Open Tik", "Dark theme", "Train Tik", "Train")]
    assert [entry.text for entry in matching(entries, "tr")] == ["Train Tik", "Train"]
    assert [entry.text for entry in matching(entries, "tik")] == ["Open Tik", "Train Tik"]
    assert [entry.text for entry in matching(entries, "dth")] == ["Dark theme"]
    assert matching(entries, "xyz") == []
    assert len(matching(entries, "")) == 4


def test_arrows_and_enter_run_a_line(qtbot: QtBot) -> None:
    done: list[str] = []
    entries = [Entry(text=text, icon="mdi6.fire", run=lambda text=text: done.append(text)) for text in ("One", "Two")]
    palette = CommandPalette(entries)
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["Two"]
    assert not palette.isVisible()


def test_the_shortcut_list_names_every_shortcut(qtbot: QtBot) -> None:
    dialog = ShortcutList(actions())
    qtbot.addWidget(dialog)
    words = {label.text() for label in dialog.findChildren(QLabel)}
    assert {one.text for one in actions() if one.shortcut} <= words


def test_the_shortcut_list_names_the_keys_of_the_pages_on_a_small_screen(qtbot: QtBot) -> None:
    groups = [*shortcut_groups(), *queue_shortcuts()]
    dialog = ShortcutList(actions(), None, groups)
    qtbot.addWidget(dialog)
    words = {label.text() for label in dialog.findChildren(QLabel)}
    assert {text for _, lines in groups for text, _ in lines} <= words
    assert dialog.sizeHint().height() < 700
