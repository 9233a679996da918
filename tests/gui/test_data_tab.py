"""The Data tab on a bench in memory: keys, choosing, acts in bulk, findings, repairs, replacing, versions, waiting."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from studio.domain.conversation import DOUBTFUL, Conversation, Role, Turn
from studio.domain.data_filter import Filter
from studio.domain.errors import StudioError
from studio.domain.mask import LongRows
from studio.domain.persona import Persona
from studio.gui.item_models.conversation_list import KEPT_PAGES, PAGE, ConversationListModel
from studio.gui.pages.persona.data.conversation_list import ConversationList
from studio.gui.pages.persona.data.presenter import Entry
from studio.gui.pages.persona.data.replace_dialog import ReplaceDialog
from studio.gui.pages.persona.data.tab import DataTab
from studio.gui.pages.persona.data.toolbar import VIEWS
from studio.gui.pages.persona.data.turn_acts import Wish
from studio.gui.pages.persona.data.work_line import WorkLine
from studio.gui.theme.switcher import apply_theme
from studio.gui.widgets.line_dialog import LineDialog
from studio.services.change_feed import ChangeFeed
from studio.services.engine import EngineState
from studio.services.job import Job, Progress
from studio.services.teaching import Origin
from tests.gui.conftest import Here, talk
from tests.gui.stand_in_data import Data, done

TAUGHT = Origin(chat_id="chat-1", message_id="say-1", title="By the fire")
LONG = LongRows(base_name="Smol", max_length=64, conversations={"c4": 99})
Control, Shift, Alt = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Control", "Shift", "Alt"))


@pytest.fixture
def data(qapp: QApplication) -> Data:
    apply_theme(qapp, "dark")
    return Data("p", [talk(number) for number in range(12)], ChangeFeed())


@pytest.fixture
def tab(qtbot: QtBot, data: Data, here: Here) -> DataTab:
    persona = Persona(id="p", name="Oswin", colour="#7fb3ff")
    studio: Any = SimpleNamespace(
        data=data, changes=data._feed, personas=SimpleNamespace(get=lambda key: persona),
        training=SimpleNamespace(runs=lambda key="": [SimpleNamespace(dataset_id="v1", number=7)]),
        masks=SimpleNamespace(show=lambda key: done(None), long_rows=lambda key: done(LONG)),
        engine=SimpleNamespace(state=EngineState.OFF), is_open=True,
        teaching=SimpleNamespace(origin={"c1": TAUGHT, "c2": replace(TAUGHT, title="", is_there=False)}.get),
    )  # fmt: skip
    made = DataTab(studio, here)
    qtbot.addWidget(made)
    qtbot.addWidget(here.widget)
    made.resize(1200, 700)
    data._feed.subscribe(made.on_change)
    made.show()
    made.show_persona("p")
    made.refresh_if_stale()
    return made


def turns(data: Data, key: str = "c0") -> list[str]:
    return [turn.text for turn in data.get(key).conversation.turns]


def press(qtbot: QtBot, tab: DataTab, key: Qt.Key, held: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """A key in the turn one is at, as one who never touches the mouse would press it."""
    view = tab.view.turn(tab.view.selection.current)
    assert view is not None
    qtbot.keyClick(view, key, held)


# -- the list -----------------------------------------------------------------------------------------------------


def big_list(qtbot: QtBot) -> tuple[ConversationList, ConversationListModel, list[tuple[int, int]]]:
    fetched: list[tuple[int, int]] = []

    def fetch(offset: int, limit: int) -> list[Entry]:
        fetched.append((offset, limit))
        return [
            Entry(id=f"c{n}", asked="a", answered="b", turns="2 turns", side="train", held_out=False)
            for n in range(offset, min(offset + limit, 100_000))
        ]

    model = ConversationListModel(fetch)
    view = ConversationList(model)
    qtbot.addWidget(view)
    view.resize(340, 500)
    view.show()
    model.show(100_000)
    QApplication.processEvents()
    return view, model, fetched


def test_a_hundred_thousand_rows_are_fetched_only_where_one_looks(qtbot: QtBot) -> None:
    view, model, fetched = big_list(qtbot)
    assert model.rowCount() == 100_000 and fetched == [(0, PAGE)]
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 99_999 and model.id_at(99_999) == "c99999"
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    for row in range(0, 100_000, 500):
        assert model.id_at(row) == f"c{row}"
    assert model.held() <= KEPT_PAGES * PAGE
    fetched.clear()
    view.selectAll()
    qtbot.keyClick(view, Qt.Key.Key_Z)  # a letter would make a list search through all its rows
    assert view.chosen_count() == 100_000 and view.ranges() == [(0, 99_999)]
    assert len(fetched) <= 1


def test_choosing_all_means_all_that_match_not_only_those_fetched(qtbot: QtBot, data: Data, tab: DataTab) -> None:
    data.all = [replace(data.all[0], id=f"n{number}") for number in range(5000)]
    data._feed.tell("conversation", ids=("n0",))  # type: ignore[arg-type]
    tab._stale = True
    tab.refresh_if_stale()
    qtbot.keyClick(tab.list, Qt.Key.Key_A, Control)
    assert tab.model.held() < 5000
    assert tab.bench.pane.chosen() == [f"n{number}" for number in range(5000)]
    assert "5,000 of 5,000" in tab.bench.pane._count.text()


def test_keys_act_on_all_chosen_conversations_as_one_act(qtbot: QtBot, data: Data, tab: DataTab, here: Here) -> None:
    tab.list.choose_rows([(1, 3)])
    qtbot.keyClick(tab.list, Qt.Key.Key_Delete)
    assert [one.id for one in data.all[:2]] == ["c0", "c4"]
    assert here.toasts[-1][0] == "3 deleted."
    here.toasts[-1][1]()  # type: ignore[misc]
    assert [one.id for one in data.all[:3]] == ["c0", "c1", "c2"]
    assert tab.model.rowCount() == 12


def test_moving_goes_one_step_and_stops_at_the_ends(qtbot: QtBot, data: Data, tab: DataTab) -> None:
    tab.list.choose_rows([(1, 2)])
    qtbot.keyClick(tab.list, Qt.Key.Key_Up, Alt)
    assert [one.id for one in data.all[:4]] == ["c1", "c2", "c0", "c3"]
    assert [tab.model.id_at(row) for first, last in tab.list.ranges() for row in range(first, last + 1)]
    tab.list.choose_rows([(0, 0)])
    qtbot.keyClick(tab.list, Qt.Key.Key_Up, Alt)
    assert data.all[0].id == "c1"
    tab.list.choose_rows([(10, 11)])
    qtbot.keyClick(tab.list, Qt.Key.Key_Down, Alt)
    assert [one.id for one in data.all[-2:]] == ["c10", "c11"]


def test_a_tag_is_asked_for_and_put_on_all_chosen(qtbot: QtBot, data: Data, tab: DataTab) -> None:
    tab.list.choose_rows([(0, 1)])
    tab.bench.act("tag")
    dialog = tab.findChild(LineDialog)
    assert dialog is not None
    dialog.set_text_value("slow, kind")
    dialog.accept()
    assert data.get("c0").conversation.tags == data.get("c1").conversation.tags == ("slow", "kind")
    assert data.get("c2").conversation.tags == ()


def test_a_filter_is_seen_as_a_chip_and_goes_with_a_click(tab: DataTab, data: Data) -> None:
    data.retag(["c3"], add=("slow",))
    tab.bench.pane.filter.take(Filter(tag="slow"))
    assert tab.model.rowCount() == 1 and tab.view.conversation_id == "c3"
    assert tab.bench.pane._count.text() == "1 match"
    chip = next(one for one in tab.findChildren(QPushButton, "removable") if one.text() == "tag: slow")
    chip.click()
    assert tab.model.rowCount() == 12
    assert tab.view.conversation_id == "c3", "one stays where one was"


def test_what_nothing_matches_says_so_and_leads_back(tab: DataTab) -> None:
    tab.bench.pane.filter.take(Filter(text="zeppelin"))
    assert not tab.list.isVisible() and tab.view.conversation_id == ""
    next(one for one in tab.findChildren(QPushButton) if one.text() == "No filter" and one.isVisible()).click()
    assert tab.model.rowCount() == 12 and tab.list.isVisible() and tab.view.conversation_id == "c0"


# -- turns by keyboard --------------------------------------------------------------------------------------------


def test_turns_are_walked_moved_duplicated_merged_and_deleted_by_keys(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    before = turns(data)
    tab.bench.pane.entered.emit()
    tab.view.go_to(0, mark=False)
    press(qtbot, tab, Qt.Key.Key_Down)
    assert tab.view.selection.current == 1
    press(qtbot, tab, Qt.Key.Key_Down, Alt)
    assert turns(data) == [before[0], before[2], before[1], before[3]] and tab.view.selection.current == 2
    press(qtbot, tab, Qt.Key.Key_Up, Alt)
    assert turns(data) == before and tab.view.selection.current == 1
    press(qtbot, tab, Qt.Key.Key_D, Control)
    assert turns(data) == [*before[:2], before[1], *before[2:]] and tab.view.selection.current == 2
    press(qtbot, tab, Qt.Key.Key_J, Control | Shift)
    assert turns(data) == [before[0], f"{before[1]}\n{before[1]}", *before[2:]]
    press(qtbot, tab, Qt.Key.Key_Delete)
    assert turns(data) == [before[0], *before[2:]]


def test_several_turns_are_chosen_and_deleted_with_one_way_back(
    qtbot: QtBot, tab: DataTab, data: Data, here: Here
) -> None:
    before = turns(data)
    tab.view.go_to(1, mark=False)
    press(qtbot, tab, Qt.Key.Key_Down, Shift)
    press(qtbot, tab, Qt.Key.Key_Down, Shift)
    assert tab.view.selection.chosen == (1, 2, 3)
    press(qtbot, tab, Qt.Key.Key_Delete)
    assert turns(data) == before[:1]
    assert here.toasts[-1][0] == "3 turns were deleted."
    here.toasts[-1][1]()  # type: ignore[misc]
    assert turns(data) == before
    assert [tab.view.turn(index).shown.turn.text for index in range(4)] == before  # type: ignore[union-attr]


def test_the_train_key_takes_all_chosen_turns_of_the_persona_along(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.view.go_to(1, mark=False)
    press(qtbot, tab, Qt.Key.Key_Down, Shift)
    press(qtbot, tab, Qt.Key.Key_Down, Shift)
    press(qtbot, tab, Qt.Key.Key_T)
    assert [turn.train for turn in data.get("c0").conversation.turns] == [True, False, True, False]


def test_alternatives_are_leafed_through_and_dropped_by_keys(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.view.go_to(1, mark=False)
    first = turns(data)[1]
    press(qtbot, tab, Qt.Key.Key_Right)
    assert turns(data)[1] != first
    press(qtbot, tab, Qt.Key.Key_Left)
    assert turns(data)[1] == first
    press(qtbot, tab, Qt.Key.Key_Right)
    seen = turns(data)[1]
    press(qtbot, tab, Qt.Key.Key_Delete, Shift)
    turn = data.get("c0").conversation.turns[1]
    left = (turn.text, *turn.alternatives)
    assert seen not in left and first in left and len(left) == 2


def test_a_turn_is_split_where_the_cursor_stands_with_what_was_typed(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.view.go_to(1, mark=False)
    press(qtbot, tab, Qt.Key.Key_F2)
    view = tab.view.turn(1)
    assert view is not None and view.editor is not None
    view.editor.setPlainText("He stirs. He waits.")
    cursor = view.editor.textCursor()
    cursor.setPosition(len("He stirs."))
    view.editor.setTextCursor(cursor)
    qtbot.keyClick(view.editor, Qt.Key.Key_S, Control | Shift)
    assert turns(data)[1:3] == ["He stirs.", "He waits."]
    assert tab.view.turn(1).editor is None  # type: ignore[union-attr]


def test_typing_in_a_turn_is_never_taken_for_a_key_of_the_tab(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    before = data.get("c0")
    tab.view.go_to(1, mark=False)
    press(qtbot, tab, Qt.Key.Key_Return)
    editor = tab.view.turn(1).editor  # type: ignore[union-attr]
    assert editor is not None
    for key, held in ((Qt.Key.Key_T, None), (Qt.Key.Key_Delete, None), (Qt.Key.Key_D, Control), (Qt.Key.Key_Up, Alt)):
        qtbot.keyClick(editor, key, held or Qt.KeyboardModifier.NoModifier)
    assert data.get("c0") == before and editor.toPlainText() == "t"


def test_a_new_turn_is_written_before_it_is_stored(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    before = turns(data)
    tab.view.go_to(1, mark=False)
    press(qtbot, tab, Qt.Key.Key_Insert)
    assert turns(data) == before
    draft = tab.view._draft
    assert draft is not None
    draft.speaker.part("assistant").click()
    draft.editor_box.field.setPlainText("And then it rained.")
    qtbot.keyClick(draft.editor_box.field, Qt.Key.Key_Return, Control)
    new = data.get("c0").conversation.turns[2]
    assert (new.role, new.text) == (Role.PERSONA, "And then it rained.") and len(turns(data)) == 5
    tab.bench.do(Wish(name="insert", index=0))
    qtbot.keyClick(tab.view._draft.editor_box.field, Qt.Key.Key_Escape)  # type: ignore[union-attr]
    assert tab.view._draft is None and len(turns(data)) == 5


def test_what_is_typed_is_not_lost_when_another_conversation_is_opened(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.view.turn(1).start_editing()  # type: ignore[union-attr]
    tab.view.turn(1).editor.setPlainText("Half a thought")  # type: ignore[union-attr]
    tab.bench.do(Wish(name="insert", index=3))
    tab.view._draft.editor_box.field.setPlainText("And another")  # type: ignore[union-attr]
    tab.list.choose(4)
    assert tab.view.conversation_id == "c4"
    assert turns(data)[1] == "Half a thought" and turns(data)[4] == "And another"


def test_a_guessed_speaker_is_seen_and_confirmed(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    turn = replace(data.get("c0").conversation.turns[0], marks=(DOUBTFUL,))
    data._keep("c0", data.get("c0").conversation.with_turn(0, turn), "mark", None)
    view = tab.view.turn(0)
    assert view is not None and "speaker guessed" in view.accessibleName()
    tab.view.go_to(0, mark=False)
    press(qtbot, tab, Qt.Key.Key_C)
    assert data.get("c0").conversation.turns[0].marks == ()
    assert "speaker guessed" not in tab.view.turn(0).accessibleName()  # type: ignore[union-attr]


def test_role_speaker_title_and_tags_are_changed_in_place(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.bench.do(Wish(name="role", index=0, value="assistant"))
    tab.bench.do(Wish(name="speaker", index=0, value=" Abbot "))
    turn = data.get("c0").conversation.turns[0]
    assert (turn.role, turn.speaker) == (Role.PERSONA, "Abbot")
    header = tab.view.header
    header.title.setText("The soup")
    header.title.editingFinished.emit()
    header.tag_added.emit("kitchen")
    assert data.get("c0").conversation.title == "The soup" and data.get("c0").conversation.tags == ("kitchen",)
    next(one for one in header.findChildren(QPushButton, "removable") if one.text() == "kitchen").click()
    assert data.get("c0").conversation.tags == ()


def test_what_was_taught_in_a_chat_says_so_and_leads_there(tab: DataTab, here: Here, monkeypatch: Any) -> None:
    opened: list[str] = []
    monkeypatch.setattr(here, "open_chat", lambda contestants=(), chat_id="": opened.append(chat_id))
    origin = tab.view.header.origin
    assert not origin.isVisible()
    tab.bench.open_place("c1", 0)
    assert (origin.isVisible(), origin.text(), origin.isEnabled()) == (True, "Taught in the chat “By the fire”", True)
    origin.click()
    assert opened == ["chat-1"]
    tab.bench.open_place("c2", 0)
    assert (origin.text(), origin.isEnabled()) == ("Taught in a chat", False)
    tab.bench.open_place("c0", 0)
    assert not origin.isVisible()


def test_a_conversation_is_divided_at_a_turn(tab: DataTab, data: Data, here: Here) -> None:
    tab.bench.do(Wish(name="divide", index=2))
    assert len(data.all) == 13 and len(turns(data)) == 2
    here.toasts[-1][1]()  # type: ignore[misc]
    assert len(data.all) == 12 and len(turns(data)) == 4


def test_turns_that_did_not_change_keep_their_widgets(tab: DataTab, data: Data) -> None:
    before = [tab.view.turn(index) for index in range(4)]
    tab.bench.do(Wish(name="text", index=2, value="Something else?"))
    after = [tab.view.turn(index) for index in range(4)]
    assert [a is b for a, b in zip(before, after, strict=True)] == [True, True, False, True]


# -- undo ---------------------------------------------------------------------------------------------------------


def test_undo_and_redo_say_what_they_would_do_and_do_it(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    assert not tab.toolbar.undo.isEnabled()
    tab.bench.do(Wish(name="text", index=1, value="New words."))
    assert tab.toolbar.undo.accessibleName() == "Undo: Edit a turn"
    qtbot.keyClick(tab, Qt.Key.Key_Z, Control)
    assert turns(data)[1] != "New words."
    assert tab.view.turn(1).shown.turn.text != "New words."  # type: ignore[union-attr]
    assert tab.toolbar.redo.accessibleName() == "Redo: Edit a turn" and not tab.toolbar.undo.isEnabled()
    qtbot.keyClick(tab, Qt.Key.Key_Z, Control | Shift)
    assert turns(data)[1] == "New words."


def test_a_trouble_is_told_and_nothing_breaks(tab: DataTab, data: Data, here: Here, monkeypatch: Any) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StudioError("not_found", what="turn", name="1")

    monkeypatch.setattr(data, "edit_turn", refuse)
    tab.bench.do(Wish(name="text", index=1, value="x"))
    assert len(here.errors) == 1


# -- findings, repairs, replacing ---------------------------------------------------------------------------------


def spoil(tab: DataTab, data: Data) -> None:
    for key in ("c2", "c5"):
        data.edit_turn(key, 1, text="{{random:a,b}} stirs.")
    data.edit_turn("c5", 3, text="{{random:c,d}} waits.")
    tab.checker.check()


def remark(tab: DataTab, code: str = "unresolved_macros") -> Any:
    return next(one for one in tab.presenter.remarks() if one.code == code)


def test_show_filters_to_a_finding_and_walks_through_its_places(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    spoil(tab, data)
    tab.show_view("findings")
    tab.show_remark(remark(tab))
    assert tab.current_view == "conversations" and tab.model.rowCount() == 2

    def at() -> tuple[str, int]:
        return tab.view.conversation_id, tab.view.selection.current

    seen = [at()]
    for _ in range(3):
        qtbot.keyClick(tab, Qt.Key.Key_F3)
        seen.append(at())
    assert seen == [("c2", 1), ("c5", 1), ("c5", 3), ("c2", 1)]
    qtbot.keyClick(tab, Qt.Key.Key_F3, Shift)
    assert at() == ("c5", 3)
    links = [one.text() for one in tab.findings.findChildren(QPushButton)]
    assert "Next · 3 of 3" in links


def test_a_repair_is_previewed_applied_and_undone(tab: DataTab, data: Data, here: Here) -> None:
    spoil(tab, data)
    mending = next(one for one in remark(tab).mendings if one.name == "macros_pick_first")
    dialog = tab.desk.mend(mending)
    assert dialog.preview.words.text() == "3 places in 2 conversations"
    said = dialog.preview.view.toPlainText()
    assert "{{random:a,b}}" in said and "turn 2" in said
    assert turns(data, "c2")[1].startswith("{{random"), "nothing is changed by looking"
    dialog.apply.click()
    assert "{{" not in turns(data, "c2")[1] and not tab.toolbar.work.isVisible()
    here.toasts[-1][1]()  # type: ignore[misc]
    assert turns(data, "c2")[1].startswith("{{random")


def test_the_check_is_honest_about_being_out_of_date(qtbot: QtBot, tab: DataTab, data: Data, monkeypatch: Any) -> None:
    spoil(tab, data)
    assert tab.checker.state_words() == ""
    monkeypatch.setattr("studio.gui.pages.persona.data.presenter.CHECKED_AT_ONCE", 3)
    data.edit_turn("c0", 1, text="Changed.")
    assert tab.checker.state_words() == "changed since the check"
    assert not tab.checker._again.isActive(), "large data is not checked unasked"
    link = next(
        one for one in tab.strip.findChildren(QPushButton) if one.text() == "Check again" and not one.isHidden()
    )
    link.click()
    assert tab.checker.state_words() == ""


def test_small_data_is_checked_again_by_itself_and_only_once(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.checker._again.setInterval(1)
    checks: list[int] = []
    tab.checker.changed.connect(lambda: checks.append(1) if tab.presenter.fresh else None)
    data.edit_turn("c0", 1, text="{{random:a,b}}")
    qtbot.waitUntil(lambda: tab.presenter.fresh, timeout=20_000)
    assert any(one.code == "unresolved_macros" for one in tab.presenter.remarks())
    assert tab.model.entry(0).findings  # type: ignore[union-attr]
    count = len(checks)
    qtbot.wait(60)
    assert len(checks) == count


def test_rows_longer_than_the_window_are_found_when_the_engine_is_awake(tab: DataTab, data: Data) -> None:
    tab.checker.check()
    assert not tab.presenter.is_flagged("rows_too_long")
    tab._studio.engine.state = EngineState.READY  # type: ignore[misc]
    tab.checker.check()
    assert tab.presenter.is_flagged("rows_too_long")
    assert tab.presenter.report is not None and tab.presenter.report.flagged["rows_too_long"] == ("c4",)


def test_find_and_replace_follows_what_is_typed(qtbot: QtBot, tab: DataTab, data: Data, here: Here) -> None:
    dialog = tab.desk.replace()
    assert not dialog.apply.isEnabled()
    dialog.sought.setText("harbour")
    qtbot.waitUntil(lambda: dialog.apply.isEnabled(), timeout=20_000)
    assert dialog.preview.words.text() == "24 places in 12 conversations"
    dialog.roles[Role.USER].setChecked(False)
    assert dialog.preview.words.text() == "Nothing would change." and not dialog.apply.isEnabled()
    dialog.roles[Role.USER].setChecked(True)
    dialog.replacement.setText("port")
    assert not dialog.apply.isEnabled(), "what is typed is not what was previewed"
    qtbot.waitUntil(lambda: dialog.apply.isEnabled(), timeout=20_000)
    dialog.apply.click()
    assert "about the port" in turns(data)[0]
    here.toasts[-1][1]()  # type: ignore[misc]
    assert "about the harbour" in turns(data)[0]
    assert tab.desk.replace().sought.text() == "harbour", "the words of the last time are there again"


def test_replacing_can_be_kept_to_what_the_filter_shows(qtbot: QtBot, tab: DataTab, data: Data) -> None:
    tab.bench.pane.filter.take(Filter(text="Question 7.0"))
    dialog = tab.desk.replace()
    dialog.sought.setText("harbour")
    qtbot.waitUntil(lambda: dialog.apply.isEnabled(), timeout=20_000)
    assert dialog.preview.words.text() == "2 places in 1 conversation"
    dialog.scope.setCurrentIndex(0)
    dialog.preview.view.opened.emit("c3/2")
    assert not dialog.isVisible() and tab.view.conversation_id == "c3" and tab.view.selection.current == 2


def test_replacing_can_be_kept_to_what_was_chosen(qtbot: QtBot, tab: DataTab, data: Data, here: Here) -> None:
    tab.list.choose_rows([(1, 3)])
    tab.replace()
    dialog = here.widget.findChild(ReplaceDialog)
    assert dialog is not None
    assert dialog.scope.currentText() == "In the 3 chosen"
    dialog.sought.setText("harbour")
    qtbot.waitUntil(lambda: dialog.apply.isEnabled(), timeout=20_000)
    assert dialog.preview.words.text() == "6 places in 3 conversations"
    dialog.close()


# -- versions -----------------------------------------------------------------------------------------------------


def test_a_version_is_kept_named_compared_and_exported(
    tab: DataTab, data: Data, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    tab.show_view("versions")
    assert tab.versions._stack.currentIndex() == 1
    tab.versions.keep("before")
    assert tab.versions._stack.currentIndex() == 0
    data.edit_turn("c0", 1, text="Changed after that.")
    tab.versions.compare("v1", "")
    assert tab.versions.diff._words.text() == "0 added · 0 removed · 1 changed"
    assert "Changed after that." in tab.versions.diff.view.toPlainText()
    tab.versions._name("v1", "  first  ")
    assert data.version("v1").name == "first"
    tab.versions.export_to("v1", "messages", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").exists()
    tab.versions._show_in_folder()
    assert opened == [str(tmp_path)]


# -- waiting ------------------------------------------------------------------------------------------------------


def test_long_work_shows_itself_after_a_moment_and_can_be_given_up(qtbot: QtBot) -> None:
    cancelled: list[bool] = []
    told: list[StudioError] = []
    results: list[object] = []
    line = WorkLine(told.append)
    qtbot.addWidget(line)
    job: Job[int] = Job("mending", on_cancel=lambda: cancelled.append(True))
    line.follow(job, "Mending", results.append)
    assert not line.isVisibleTo(None)
    qtbot.waitUntil(lambda: line.isVisible(), timeout=20_000)
    job.advance(Progress(what="mending", done=3, total=4))
    assert line._bar.value() == 750
    line.cancel.click()
    assert cancelled == [True]
    job.fail(StudioError("cancelled"))
    assert not line.isVisible() and [error.code for error in told] == ["cancelled"] and results == []
    line.follow(done(5), "Mending", results.append)
    assert results == [5] and not line.isVisible()


def test_the_empty_state_teaches_both_ways_to_get_lines(qtbot: QtBot, tab: DataTab, data: Data, here: Here) -> None:
    asked: list[str] = []
    tab.drafts_requested.connect(asked.append)
    data.delete_conversations([one.id for one in data.all])
    shown = {one.text(): one for one in tab.findChildren(QPushButton) if one.isVisible()}
    shown["Write from the card"].click()
    shown["Import files"].click()
    assert asked == ["p"] and here.asked[-1] == ("import", ((), "Oswin"))


def test_everything_that_can_be_pressed_has_a_name(tab: DataTab, data: Data) -> None:
    spoil(tab, data)
    tab.versions.keep("one")
    seen = 0
    for name in VIEWS:
        tab.show_view(name)
        shown = [one for one in tab.findChildren(QPushButton) if one.isVisibleTo(tab)]
        seen += len(shown)
        assert not [one for one in shown if not (one.accessibleName() or one.text())], name
    assert seen > 50, "the walk saw too little to prove anything"
    tables = [one for one in tab.findChildren(QTableView) if not one.accessibleName()]
    assert not tables


def test_a_conversation_of_one_turn_has_nothing_to_merge(tab: DataTab, data: Data) -> None:
    data.all = [replace(data.all[0], conversation=Conversation(turns=(Turn(role=Role.USER, text="Alone."),)))]
    tab._stale = True
    tab.refresh_if_stale()
    for name in ("merge_next", "merge_previous", "up", "down", "later", "train"):
        tab.bench.do(Wish(name=name, index=0))
    assert turns(data) == ["Alone."]
