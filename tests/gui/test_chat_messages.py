"""Tools of single messages in the real page: other replies, branches, deleting, thumbs, lessons, suggestions, keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QMenu

from studio.domain.conversation import Role
from studio.gui.widgets import message_acts as acts
from tests.gui.chat_rig import PATIENCE, Rig, rig

__all__ = ["rig"]


@pytest.fixture
def talked(rig: Rig) -> Rig:
    """One column, two questions with their replies."""
    rig.open(rig.voices[:1])
    rig.say("Who keeps the harbour?")
    rig.say("And who keeps you?")
    return rig


def shown(rig: Rig, row: int, column: int = 0):
    return rig.view(column).messages.message(row)


def do(rig: Rig, act: str, row: int, column: int = 0) -> None:
    rig.view(column).act_requested.emit(act, shown(rig, row, column).id)
    rig.rest()


def test_any_reply_can_be_written_again_and_both_ways_stay(talked: Rig) -> None:
    first = shown(talked, 1)
    do(talked, acts.AGAIN, 1)
    again = shown(talked, 1)
    assert again.id != first.id and (again.place, again.count) == (2, 2)
    assert len(talked.texts()) == 2  # the column goes on from the new reply
    talked.view().swipe_requested.emit(again.id, -1)
    assert [one.id for one in talked.view().messages.messages][1] == first.id
    assert len(talked.texts()) == 4


def test_branch_from_here_can_be_taken_back(talked: Rig) -> None:
    before = talked.texts()
    do(talked, acts.BRANCH, 1)
    assert talked.texts() == before[:2]
    assert "kept as a branch" in talked.toast()
    talked.undo()
    assert talked.texts() == before


def test_branch_at_own_words_has_them_answered_anew(talked: Rig) -> None:
    first = shown(talked, 1).id
    do(talked, acts.BRANCH, 0)
    assert shown(talked, 1).id != first and shown(talked, 1).count == 2


def test_deleting_takes_what_follows_along_and_brings_it_back(talked: Rig) -> None:
    before = talked.texts()
    do(talked, acts.DELETE, 2)
    assert talked.texts() == before[:2]
    talked.undo()
    assert talked.texts() == before


def test_a_copy_of_the_branch_is_another_chat(talked: Rig) -> None:
    old, before = talked.page.presenter.chat_id, talked.texts()
    do(talked, acts.COPY_BRANCH, 1)
    assert talked.page.presenter.chat_id != old
    assert talked.texts() == before[:2]
    assert [one.text for one in talked.studio.chats.thread(old, 0)] == before


def test_going_on_makes_a_longer_version(talked: Rig) -> None:
    before = shown(talked, 3)
    do(talked, acts.CONTINUE, 3)
    longer = shown(talked, 3)
    assert longer.text.startswith(before.text) and len(longer.text) > len(before.text)
    assert (longer.place, longer.count) == (2, 2)


def test_a_thumb_is_kept_and_the_same_once_more_takes_it_away(talked: Rig) -> None:
    do(talked, acts.UP, 3)
    assert shown(talked, 3).rating == 1
    assert talked.studio.chats.thread(talked.chat.id, 0)[3].rating == 1
    do(talked, acts.UP, 3)
    assert shown(talked, 3).rating == 0
    do(talked, acts.DOWN, 3)
    assert shown(talked, 3).rating == -1


def test_teach_this_puts_it_into_the_data_and_marks_it(talked: Rig) -> None:
    persona = talked.personas[0]
    count = len(talked.studio.data.conversations(persona.id))
    do(talked, acts.TEACH, 3)
    assert shown(talked, 3).taught and "Oswin's data" in talked.toast()
    assert len(talked.studio.data.conversations(persona.id)) == count + 1
    talked.undo()
    talked.page.presenter.refresh()
    assert not shown(talked, 3).taught
    assert len(talked.studio.data.conversations(persona.id)) == count


def test_what_was_taught_can_be_taken_out_again(talked: Rig) -> None:
    do(talked, acts.TEACH, 3)
    do(talked, acts.UNTEACH, 3)
    assert not shown(talked, 3).taught


def test_thumbs_can_all_be_taught_at_once(talked: Rig) -> None:
    for row in (1, 3):
        do(talked, acts.UP, row)
    menu = QMenu(talked.page)
    talked.page.fill_more(menu)
    line = next(one for one in menu.actions() if "thumb" in one.text())
    assert "2 replies" in line.text()
    line.trigger()
    assert shown(talked, 1).taught and shown(talked, 3).taught


def test_teaching_the_base_is_told_as_a_trouble(rig: Rig) -> None:
    from studio.domain.chat import Contestant

    rig.open([Contestant()])
    rig.say("Who are you?")
    do(rig, acts.TEACH, 1)
    assert rig.here.errors and not shown(rig, 1).taught


def test_editing_in_place_makes_a_version(talked: Rig) -> None:
    talked.view().edit_requested.emit(shown(talked, 3).id, "Nobody keeps me.")
    assert (shown(talked, 3).text, shown(talked, 3).count) == ("Nobody keeps me.", 2)


def test_suggested_words_land_in_the_composer_and_are_not_stored(talked: Rig) -> None:
    box = talked.page.bottom.composer
    box.setPlainText("I was about to")
    before = talked.texts()
    talked.page.modes.suggestion.button.click()
    talked.qtbot.waitUntil(lambda: not talked.page.messages.suggesting, timeout=PATIENCE)
    assert box.toPlainText() not in ("", "I was about to")
    assert talked.texts() == before and len(talked.studio.chats.messages(talked.chat.id)) == len(before)
    box.undo()
    assert box.toPlainText() == "I was about to"


def test_every_act_has_a_key_that_does_it(talked: Rig) -> None:
    view = talked.view()
    message = shown(talked, 3)
    view.setFocus()
    view.setCurrentIndex(view.messages.index(3))
    heard: list[str] = []
    view.act_requested.disconnect()
    view.act_requested.connect(lambda act, _: heard.append(act))
    for act in acts.acts_for(message):
        if act.name in (acts.COPY, acts.EDIT):
            continue
        press(talked, act.keys[0])
        assert heard[-1] == act.name
    press(talked, "Ctrl+C")
    assert QApplication.clipboard().text() == message.text


def press(rig: Rig, keys: str) -> None:
    code = QKeySequence(keys)[0]
    rig.qtbot.keyClick(rig.view(), code.key(), code.keyboardModifiers())


def test_arrows_and_letters_walk_through_the_messages(talked: Rig) -> None:
    view = talked.view()
    view.walk(-1)
    assert view.hasFocus() and view.currentIndex().row() == 3
    talked.qtbot.keyClick(view, Qt.Key.Key_K)
    talked.qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 1
    assert view.floating.isVisible() and view.floating.message.id == shown(talked, 1).id
    talked.qtbot.keyClick(view, Qt.Key.Key_J)
    assert view.currentIndex().row() == 2
    talked.qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert talked.page.bottom.composer.hasFocus()


def test_while_replies_grow_nothing_that_writes_can_be_done(talked: Rig) -> None:
    talked.page.bottom.composer.setPlainText("Once more?")
    talked.page.bottom.send.click()
    assert talked.page.presenter.replies.busy
    row = shown(talked, 1)
    assert talked.page.messages.act(acts.DELETE, 0, row.id) is None
    talked.rest()
    assert len(talked.texts()) == 6


def test_typed_words_survive_the_page(talked: Rig) -> None:
    talked.page.bottom.composer.setPlainText("half a thou")
    talked.page.hide()
    assert talked.studio.unsent.get(talked.chat.id) == "half a thou"
    from studio.gui.pages.chat.page import Page

    again = Page(talked.studio, talked.here)  # type: ignore[arg-type]
    talked.qtbot.addWidget(again)
    again.open(chat_id=talked.chat.id)
    assert again.bottom.composer.toPlainText() == "half a thou"
    again.bottom.composer.setPlainText("")
    again._keep_draft()
    assert talked.studio.unsent.get(talked.chat.id) == ""


def test_left_out_turns_are_told_where_they_end(talked: Rig) -> None:
    library = talked.studio.chats.desk.library
    from dataclasses import replace

    from studio.domain.ids import new_id

    last = talked.studio.chats.thread(talked.chat.id, 0)[-1]
    assert last.role is Role.PERSONA
    made_by = dict(last.made_by) | {"left_out": 2}
    library.chats.add_message(replace(last, id=new_id("say"), text="Short.", made_by=made_by))
    newest = talked.studio.chats.siblings(last.id)[-1]
    talked.studio.chats.choose(talked.chat.id, 0, newest.id)
    talked.page.presenter.reload()
    rows = talked.view().messages.messages
    assert [one.said for one in rows] == [True, True, False, True, True]
    assert "2 oldest turns" in rows[2].text and [one.faded for one in rows] == [True, True, False, False, False]
