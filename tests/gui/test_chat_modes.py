"""The chat page's modes with the fake engine: blind votes, ranking, a scene, finding, greetings, the drawer."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.gui.pages.chat.blind.presenter import Stage
from studio.gui.pages.chat.blind.ranking_dialog import RankingDialog
from studio.gui.pages.chat.blind.ranking_presenter import RankingPresenter
from studio.gui.pages.chat.scene.dialog import SceneDialog
from studio.gui.pages.chat.talk.contestants import Choice, Group
from tests.gui.chat_rig import PATIENCE, Rig, rig

__all__ = ["rig"]


# -- blind voting ------------------------------------------------------------------------------------------------


@pytest.fixture
def blind(rig: Rig) -> Rig:
    rig.open([Contestant(), *rig.voices])
    rig.page.modes.blind.switch.click()
    return rig


def visible_words(root: QWidget) -> str:
    found = [one.text() for one in root.findChildren(QLabel)] + [
        one.accessibleName() for one in root.findChildren(QWidget)
    ]
    found += [one.toolTip() for one in root.findChildren(QWidget)]
    return " ".join(found)


def names(rig: Rig) -> list[str]:
    return [one.header.title.whole() for one in rig.page.board.shown()]


def test_nothing_tells_who_is_who_until_the_vote(blind: Rig) -> None:
    blind.say("Who keeps the harbour?")
    assert names(blind) == ["Voice 1", "Voice 2", "Voice 3"]
    words = visible_words(blind.page.board)
    assert not any(name in words for name in ("Oswin", "Wren", "Base alone", "tok/s"))
    assert {one.speaker for column in range(3) for one in blind.view(column).messages.messages} <= {
        "", "Voice 1", "Voice 2", "Voice 3",
    }  # fmt: skip
    assert len({one.colour for column in range(3) for one in blind.view(column).messages.messages}) == 1
    blind.page.modes.blind.vote("2")
    assert set(names(blind)) == {"Base alone", "Oswin", "Wren"}


def test_a_vote_goes_to_the_column_in_that_place(blind: Rig) -> None:
    blind.say("Who keeps the harbour?")
    order = blind.page.modes.blind.presenter.order()
    second = blind.texts(order[1])[-1]
    assert blind.page.board.shown()[1] is blind.page.board.columns[order[1]]
    blind.page.modes.blind.vote("2")
    vote = blind.studio.votes.list()[-1]
    assert vote.winner is not None and vote.winner.text == second and vote.blind
    assert vote.prompt == "Who keeps the harbour?"
    assert [one.header.subtitle.whole().partition(" · ")[0] for one in blind.page.board.shown()] == [
        "Voice 1", "Voice 2", "Voice 3",
    ]  # fmt: skip
    assert blind.page.modes.blind.presenter.words() == f"You chose voice 2: {vote.winner.name}."


def verdicts(rig: Rig) -> list[str]:
    return [one.verdict for one in rig.studio.votes.list()]


def press(rig: Rig, part: QWidget, key: Qt.Key) -> None:
    """With the focus there, as a person presses it: shortcuts come first."""
    rig.here.widget.activateWindow()
    part.setFocus()
    rig.qtbot.waitUntil(part.hasFocus, timeout=PATIENCE)
    rig.qtbot.keyClick(part, key)


def test_keys_vote_wherever_the_focus_is(blind: Rig) -> None:
    composer, columns = blind.page.bottom.composer, blind.page.board.columns
    blind.say("Who keeps the harbour?")
    for key in (Qt.Key.Key_9, Qt.Key.Key_4):  # there are three voices
        press(blind, columns[0].header.more, key)
    assert verdicts(blind) == []
    press(blind, columns[0].header.more, Qt.Key.Key_T)
    blind.say("And now?")
    press(blind, blind.view(0), Qt.Key.Key_B)
    blind.say("And then?")
    assert composer.toPlainText() == ""
    press(blind, composer, Qt.Key.Key_2)
    assert verdicts(blind) == ["tie", "bad", "2"] and composer.toPlainText() == ""


def test_keys_write_where_there_are_words_and_when_nothing_waits_for_a_vote(blind: Rig) -> None:
    composer = blind.page.bottom.composer
    press(blind, composer, Qt.Key.Key_T)
    assert composer.toPlainText() == "t"
    blind.say("Who keeps the harbour?")
    composer.setPlainText("An")
    composer.moveCursor(QTextCursor.MoveOperation.End)
    press(blind, composer, Qt.Key.Key_B)
    assert composer.toPlainText() == "Anb" and verdicts(blind) == []
    composer.clear()
    blind.page.drawer_acts.toggle()
    note = blind.page.drawer.field("author_note")
    press(blind, note, Qt.Key.Key_1)
    assert note.toPlainText() == "1" and verdicts(blind) == []
    press(blind, composer, Qt.Key.Key_1)
    press(blind, composer, Qt.Key.Key_1)
    assert verdicts(blind) == ["1"] and composer.toPlainText() == "1"


def test_every_prompt_has_a_ballot_of_its_own_and_shows_only_its_round(blind: Rig) -> None:
    blind.say("First?")
    blind.page.modes.blind.vote("1")
    assert blind.page.modes.blind.presenter.stage is Stage.REVEALED
    blind.say("Second?")
    assert blind.page.modes.blind.presenter.stage is Stage.VOTING
    assert [text for text in blind.texts(0) if text.endswith("?")][0] == "Second?"
    assert len(blind.texts(0)) == 2
    blind.page.modes.blind.vote("bad")
    assert len(blind.texts(0)) == 4
    first, second = blind.studio.votes.list()
    assert first.ballot_id != second.ballot_id


def test_replies_that_were_seen_with_names_cannot_be_voted_on(rig: Rig) -> None:
    rig.open(rig.voices)
    rig.say("With names?")
    rig.page.modes.blind.switch.click()
    assert rig.page.modes.blind.presenter.stage is Stage.ASKING
    assert rig.texts(0) == []
    assert not rig.page.modes.blind.presenter.give("1")
    rig.page.modes.blind.switch.click()
    assert names(rig) == ["Oswin", "Wren"] and len(rig.texts(0)) == 2


def test_a_blind_round_survives_the_page(blind: Rig) -> None:
    blind.say("Who keeps the harbour?")
    order = blind.page.modes.blind.presenter.order()
    from studio.gui.pages.chat.page import Page

    again = Page(blind.studio, blind.here)  # type: ignore[arg-type]
    blind.qtbot.addWidget(again)
    again.open(chat_id=blind.chat.id)
    assert again.modes.blind.presenter.stage is Stage.VOTING
    assert again.modes.blind.presenter.order() == order
    assert again.board.columns[0].header.title.whole().startswith("Voice")


def test_names_shown_without_a_vote_close_the_round(blind: Rig) -> None:
    blind.say("Who keeps the harbour?")
    blind.page.modes.blind.bar.reveal_requested.emit()
    assert "Oswin" in names(blind) and not blind.page.modes.blind.presenter.give("1")
    assert blind.studio.votes.list() == []


def test_the_last_vote_can_be_taken_back(blind: Rig) -> None:
    blind.say("Who keeps the harbour?")
    blind.page.modes.blind.vote("1")
    blind.page.modes.blind.bar.undo_requested.emit()
    assert blind.studio.votes.list() == []
    assert "taken back" in blind.toast()


def test_one_column_cannot_be_blind(rig: Rig) -> None:
    rig.open(rig.voices[:1])
    assert not rig.page.modes.blind.switch.isEnabled()
    assert "two columns" in rig.page.modes.blind.switch.toolTip()
    rig.open(rig.voices)
    assert "Hide the names" in rig.page.modes.blind.switch.toolTip()


def test_ranking_says_plainly_when_votes_do_not_suffice(blind: Rig, qtbot) -> None:
    dialog = RankingDialog(RankingPresenter(blind.studio), blind.here.widget)
    qtbot.addWidget(dialog)
    assert "No blind votes yet" in dialog.verdict.text() and not dialog.chart.isVisibleTo(dialog)
    blind.say("Who keeps the harbour?")
    blind.page.modes.blind.vote("1")
    dialog.show_ranking()
    assert "more before" in dialog.verdict.text()
    lines = RankingPresenter(blind.studio).lines(blind.studio.votes.ranking())
    assert len(lines) == 3 and not any(one.sure for one in lines)
    assert all(one.name in dialog.chart.accessibleName() for one in lines)
    winner = blind.studio.votes.list()[0].winner
    assert winner is not None and lines[0].name == winner.name
    dialog.undo.click()
    assert "No blind votes yet" in dialog.verdict.text()


def test_ranking_of_a_persona_leaves_the_others_out(blind: Rig, qtbot) -> None:
    blind.say("Who keeps the harbour?")
    blind.page.modes.blind.vote("1")
    dialog = RankingDialog(RankingPresenter(blind.studio), blind.here.widget)
    qtbot.addWidget(dialog)
    box = dialog.findChild(QComboBox)
    assert [box.itemText(at) for at in range(box.count())] == ["Everybody", "Oswin", "Wren"]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert "Wren" not in dialog.chart.accessibleName()


# -- a scene -----------------------------------------------------------------------------------------------------


@pytest.fixture
def scene(rig: Rig) -> Rig:
    rig.open(rig.voices[:1])
    rig.page.modes.scene.presenter.start(rig.voices, order="round", setting="A cold kitchen.")
    return rig


def speakers(rig: Rig) -> list[str]:
    return ["You" if one.mine else one.speaker for one in rig.view().messages.messages]


def test_the_dialog_starts_a_scene_of_those_chosen(rig: Rig) -> None:
    rig.open(rig.voices[:1])
    dialog = rig.page.modes.scene.open_dialog()
    assert isinstance(dialog, SceneDialog)
    assert [one.check.isChecked() for one in dialog.rows] == [True, True]
    dialog.rows[0].check.setChecked(False)
    assert not dialog.start.isEnabled()
    dialog.rows[0].check.setChecked(True)
    dialog.setting.setPlainText("A cold kitchen.")
    dialog.opening.setPlainText("Who lit the lamp?")
    dialog.turn_order.part("round").click()
    dialog.start.click()
    assert rig.chat.kind == "scene" and rig.chat.settings.scene.setting == "A cold kitchen."
    assert rig.texts() == ["Who lit the lamp?"] and rig.page.modes.scene.bar.isVisible()


def test_the_head_counts_the_speakers_of_a_scene(scene: Rig) -> None:
    assert scene.page.head.note.text() == "2 speakers on one base"
    scene.open(scene.voices[:1])
    assert scene.page.head.note.text() == "1 column on one base"


def test_lines_have_face_and_colour_of_their_speaker(scene: Rig) -> None:
    scene.page.modes.scene.bar.next.click()
    scene.rest()
    scene.page.modes.scene.bar.next.click()
    scene.rest()
    assert speakers(scene) == ["Oswin", "Wren"]
    first, second = scene.view().messages.messages
    assert first.named and first.colour != second.colour


def test_own_words_are_answered_by_who_comes_next(scene: Rig) -> None:
    scene.say("Who lit the lamp?")
    assert speakers(scene) == ["You", "Oswin"]


def test_it_runs_by_itself_for_so_many_lines(scene: Rig) -> None:
    presenter = scene.page.modes.scene.presenter
    presenter.run(5)
    scene.qtbot.waitUntil(lambda: presenter.job is None, timeout=PATIENCE)
    assert speakers(scene) == ["Oswin", "Wren", "Oswin", "Wren", "Oswin"]
    assert not scene.page.presenter.replies.busy
    assert not any(one.streaming for one in scene.view().messages.messages)


def test_it_pauses_after_the_line_and_goes_on(scene: Rig) -> None:
    presenter = scene.page.modes.scene.presenter
    presenter.run(4)
    presenter.pause()
    scene.qtbot.waitUntil(lambda: len(scene.studio.chats.thread(scene.chat.id, 0)) == 1, timeout=PATIENCE)
    scene.rest()
    assert presenter.paused and scene.page.modes.scene.bar.pause.text() == "Go on"
    presenter.pause()
    scene.qtbot.waitUntil(lambda: presenter.job is None, timeout=PATIENCE)
    assert len(speakers(scene)) == 4


def test_a_click_on_a_face_lets_that_one_speak(scene: Rig) -> None:
    bar = scene.page.modes.scene.bar
    key = scene.page.modes.scene.presenter.speakers()[1].key
    bar.faces[key].click()
    scene.rest()
    assert speakers(scene) == ["Wren"]


def test_by_hand_nobody_speaks_by_themselves(scene: Rig) -> None:
    scene.page.modes.scene.presenter.set_order("hand")
    assert not scene.page.modes.scene.bar.next.isEnabled()
    scene.say("Hello?")
    assert speakers(scene) == ["You"]


def test_a_silent_one_is_passed_over(scene: Rig) -> None:
    presenter = scene.page.modes.scene.presenter
    presenter.silence(presenter.speakers()[0].key, True)
    assert presenter.speakers()[0].silent
    scene.say("Anybody?")
    assert speakers(scene) == ["You", "Wren"]


def test_a_line_written_again_keeps_its_speaker(scene: Rig) -> None:
    scene.say("Who lit the lamp?")
    line = scene.view().messages.messages[1]
    scene.view().act_requested.emit("again", line.id)
    scene.rest()
    assert speakers(scene) == ["You", "Oswin"] and scene.view().messages.message(1).count == 2


def test_words_said_otherwise_are_answered_by_who_is_named(scene: Rig) -> None:
    scene.page.modes.scene.presenter.set_order("mention")
    scene.say("Who lit the lamp?")
    scene.view().edit_requested.emit(scene.view().messages.messages[0].id, "Wren, who lit the lamp?")
    scene.rest()
    assert speakers(scene) == ["You", "Wren"]


def test_words_said_otherwise_wait_where_the_user_chooses(scene: Rig) -> None:
    scene.say("Who lit the lamp?")
    scene.page.modes.scene.presenter.set_order("hand")
    words = scene.view().messages.messages[0]
    scene.view().edit_requested.emit(words.id, "Wren, who lit the lamp?")
    scene.rest()
    assert speakers(scene) == ["You"]
    assert scene.page.presenter.talk.edit_last_own("Wren, who put it out?")
    scene.rest()
    assert speakers(scene) == ["You"]
    scene.page.modes.scene.presenter.step(scene.page.modes.scene.presenter.speakers()[1].key)
    scene.rest()
    assert speakers(scene) == ["You", "Wren"]
    scene.view().act_requested.emit("branch", scene.view().messages.messages[0].id)
    scene.rest()
    assert speakers(scene) == ["You"]


def test_a_line_that_is_tried_again_keeps_its_speaker(scene: Rig) -> None:
    scene.say("Who lit the lamp?")
    presenter = scene.page.modes.scene.presenter
    presenter.step()
    scene.rest()
    scene.page.presenter.talk.write_again([0])
    assert scene.page.presenter.replies.pending(0).speaker == presenter.speakers()[1].key
    scene.rest()
    assert speakers(scene) == ["You", "Oswin", "Wren"]


def test_after_trouble_a_scene_where_nothing_lacks_an_answer_goes_on(scene: Rig) -> None:
    retry, trouble = scene.page.bottom.retry, scene.page.bottom.trouble
    scene.page.presenter.failed(StudioError("engine_died", reason="x"))
    assert trouble.isVisibleTo(scene.page)
    retry.click()
    scene.rest()
    assert speakers(scene) == ["Oswin"] and not trouble.isVisibleTo(scene.page)
    scene.page.presenter.failed(StudioError("engine_died", reason="x"))
    scene.page.modes.scene.presenter.step()
    assert not trouble.isVisibleTo(scene.page)
    scene.rest()


def test_who_stays_in_a_changed_scene_keeps_the_lines(scene: Rig) -> None:
    scene.say("Who lit the lamp?")
    presenter = scene.page.modes.scene.presenter
    before = [one.key for one in presenter.speakers()]
    louder = replace(scene.voices[0], strength=1.5)
    presenter.change([scene.voices[1], louder, scene.voices[0]], order="round", setting="")
    after = {one.contestant: one.key for one in presenter.speakers()}
    assert [after[scene.voices[0]], after[scene.voices[1]]] == before
    assert after[louder] not in before
    assert speakers(scene)[:2] == ["You", "Oswin"]


# -- finding -----------------------------------------------------------------------------------------------------


def test_words_are_found_across_columns_and_jumped_to(rig: Rig) -> None:
    rig.open(rig.voices)
    rig.say("The lighthouse? A lighthouse!")
    find = rig.page.modes.find
    rig.page.find_in_page()
    find.bar.field.setText("LIGHTHOUSE")
    rig.qtbot.waitUntil(lambda: find.presenter.words == "LIGHTHOUSE", timeout=PATIENCE)
    hits = [hit for hit in find.presenter.hits if rig.view(hit.column).messages.message(0).id == hit.message_id]
    assert [(hit.column, hit.occurrence) for hit in hits] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert find.bar.count.text() == f"{len(find.presenter.hits)} of {len(find.presenter.hits)}"
    while find.presenter.current != hits[0]:
        rig.qtbot.keyClick(find.bar.field, Qt.Key.Key_Return)
    sought = rig.view(0).delegate.sought
    assert (sought.words, sought.message_id, sought.occurrence) == ("LIGHTHOUSE", hits[0].message_id, 0)
    assert rig.view(1).delegate.sought.message_id == ""
    rig.qtbot.keyClick(find.bar.field, Qt.Key.Key_Escape)
    assert not find.bar.isVisible() and rig.view(0).delegate.sought.words == ""


def test_typing_looks_once_and_enter_looks_at_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.open(rig.voices)
    rig.say("The lighthouse? A lighthouse!")
    find, looked = rig.page.modes.find, []
    find.begin()
    search = find.presenter.search
    monkeypatch.setattr(find.presenter, "search", lambda words: (looked.append(words), search(words)))
    rig.qtbot.keyClicks(find.bar.field, "light")
    rig.qtbot.keyClick(find.bar.field, Qt.Key.Key_Return)
    rig.qtbot.waitUntil(lambda: looked[-1:] == ["light"], timeout=PATIENCE)
    assert find.presenter.words == "light" and find.presenter.place == len(find.presenter.hits) - 1 > 0
    looked.clear()
    find.bar.hurry()
    assert looked == []
    find.bar.field.setText("lightho")
    find.close()
    find.bar.hurry()
    assert looked == [] and rig.view(0).delegate.sought.words == ""


def test_what_is_not_there_is_said_so(rig: Rig) -> None:
    rig.open(rig.voices)
    rig.say("Hello?")
    find = rig.page.modes.find
    find.begin()
    find.bar.field.setText("zzzz")
    find.bar.hurry()
    assert find.bar.count.text() == "not found" and not find.bar.before.isEnabled()
    rig.say("A word with zzzz in it")
    assert find.presenter.hits and find.bar.before.isEnabled()


# -- greetings ---------------------------------------------------------------------------------------------------


def test_a_persona_can_speak_first_and_its_greetings_are_versions(rig: Rig) -> None:
    rig.open([Contestant(), *rig.voices])
    offers = rig.page.modes.greeting.offers()
    assert [(one.column, one.greetings) for one in offers] == [
        (1, ("Oswin nods.", "Oswin waves.")), (2, ("Wren nods.", "Wren waves.")),
    ]  # fmt: skip
    rig.page.modes.greetings.chosen.emit(1, 1)
    assert rig.texts(0) == [] and rig.texts(1) == ["Oswin waves."]
    message = rig.view(1).messages.message(0)
    assert (message.place, message.count) == (2, 2)
    rig.view(1).swipe_requested.emit(message.id, -1)
    assert rig.texts(1) == ["Oswin nods."]
    assert rig.page.modes.greeting.offers() == []


def test_a_greeting_is_not_written_again_but_replies_beside_it_are(rig: Rig) -> None:
    rig.open(rig.voices)
    rig.page.modes.greetings.chosen.emit(0, 0)
    assert rig.view(0).messages.message(0).greeting
    rig.page._again()
    assert not rig.page.presenter.replies.busy and not rig.page.bottom.trouble.isVisible()
    rig.say("Good evening.")
    rig.page.presenter.talk.swipe(0, rig.view(0).messages.message(0).id, 1)
    assert rig.texts(0) == ["Oswin waves."]
    rig.page._again()
    rig.rest()
    assert rig.texts(0) == ["Oswin waves."] and rig.view(1).messages.message(1).count == 2


def test_all_of_them_can_speak_first(rig: Rig) -> None:
    rig.open(rig.voices)
    rig.page.modes.greetings.all_chosen.emit()
    assert [rig.texts(0), rig.texts(1)] == [["Oswin nods."], ["Wren nods."]]
    rig.say("Good evening.")
    assert rig.texts(0)[:2] == ["Oswin nods.", "Good evening."]


def test_columns_of_one_persona_begin_together(rig: Rig) -> None:
    """As in a sweep of strengths, where one button a column would be the same button many times."""
    oswin, wren = rig.voices
    rig.open([oswin, wren, replace(oswin, strength=0.5)])
    offers = rig.page.modes.greeting.offers()
    assert [(one.columns, one.greetings[0]) for one in offers] == [((0, 2), "Oswin nods."), ((1,), "Wren nods.")]
    rig.page.modes.greetings.chosen.emit(0, 1)
    assert [rig.texts(at) for at in range(3)] == [["Oswin waves."], [], ["Oswin waves."]]


def test_an_opener_leaves_the_focus_where_one_writes(rig: Rig) -> None:
    rig.open(rig.voices)
    words = rig.page.presenter.openers()[0]
    opener = next(one for one in rig.page.bottom.findChildren(QPushButton) if one.text() == words)
    opener.setFocus()
    opener.click()
    rig.rest()
    assert rig.page.focusWidget() is rig.page.bottom.composer


# -- the drawer --------------------------------------------------------------------------------------------------


@pytest.fixture
def drawer(rig: Rig) -> Rig:
    rig.open(rig.voices[:1])
    rig.say("Who keeps the harbour?")
    rig.page.drawer_acts.toggle()
    return rig


def test_everything_in_the_drawer_is_kept_with_the_chat(drawer: Rig) -> None:
    shown = drawer.page.drawer
    shown.field("author_note").setPlainText("It is dark.")
    shown.field("post_history").setPlainText("Be brief.")
    shown.field("stop").setPlainText("The end\n\nAmen")
    shown.keep_words()
    shown.note_depth.setValue(7)
    shown.use_lore.setChecked(False)
    shown.seed.setText("12")
    shown.seed.editingFinished.emit()
    settings, sampler = drawer.chat.settings, drawer.chat.sampler
    assert (settings.author_note, settings.author_depth, settings.post_history) == ("It is dark.", 7, "Be brief.")
    assert (settings.use_lorebook, settings.seed, sampler.stop) == (False, 12, ("The end", "Amen"))
    drawer.open(drawer.voices[1:])
    assert shown.field("author_note").toPlainText() == ""


def test_words_are_kept_when_the_typing_rests(drawer: Rig) -> None:
    drawer.page.drawer.field("system_prompt").setPlainText("Speak in verse.")
    drawer.qtbot.waitUntil(lambda: drawer.chat.settings.system_prompt == "Speak in verse.", timeout=PATIENCE)


def test_the_drawer_tells_which_lore_was_called_and_by_what(drawer: Rig) -> None:
    lore = drawer.page.drawer_acts.presenter.state().lore
    assert [(one.title, one.why) for one in lore] == [("Harbour", "called by “harbour”")]
    drawer.page.drawer.use_lore.setChecked(False)
    assert drawer.page.drawer_acts.presenter.state().lore == ()


def test_presets_are_taken_kept_and_forgotten(drawer: Rig) -> None:
    acts, shown = drawer.page.drawer_acts.presenter, drawer.page.drawer
    acts.set_sampler(replace(drawer.chat.sampler, max_tokens=77, stop=("x",)))
    names = [shown.preset.itemText(at) for at in range(shown.preset.count())]
    shown.preset.activated.emit(names.index("Precise"))
    assert drawer.chat.sampler.temperature == 0.4 and drawer.chat.sampler.max_tokens == 77
    assert drawer.chat.sampler.stop == ("x",) and shown.preset.currentText() == "Precise"
    acts.set_sampler(replace(drawer.chat.sampler, temperature=1.7))
    acts.keep("Wild nights")
    drawer.page.drawer_acts.refresh()
    assert shown.preset.currentText() == "Wild nights" and shown.forget.isVisible()
    acts.forget("Wild nights")
    drawer.page.drawer_acts.refresh()
    assert shown.preset.currentIndex() == -1


def test_while_names_are_hidden_the_drawer_tells_no_lore(blind: Rig) -> None:
    blind.say("Who keeps the harbour?")
    blind.page.drawer_acts.toggle()
    assert "Harbour" not in visible_words(blind.page.drawer)


def test_a_scene_suggests_those_who_have_an_adapter(qtbot: QtBot) -> None:
    def group(name: str, one: Contestant) -> Group:
        return Group(name, "#807060", None, (Choice(name, one),))

    bare = [group(name, Contestant(system_prompt="Be kind.")) for name in ("Ada", "Ben")]
    able = [group(name, Contestant(adapter_id=name)) for name in ("Cyd", "Dot")]
    dialog = SceneDialog([*bare, able[0], bare[0], able[1]], None)
    qtbot.addWidget(dialog)
    assert [one.check.isChecked() for one in dialog.rows] == [False, False, True, False, True]


def test_a_scene_suggests_a_finished_adapter_before_the_run_that_still_trains(qtbot: QtBot) -> None:
    training = Choice("run 2, in training", Contestant(adapter_id="run"), trains=True)
    card = Choice("Base with the whole card", Contestant(card="full"))
    done = Choice("v1", Contestant(adapter_id="done"))
    both = Group("Ada", "#807060", None, (training, done, card))
    checkpoint = Choice("run 2, step 20", Contestant(adapter_id="run", step=20), "flag-checkered")
    new = Group("Ben", "#807060", None, (training, checkpoint, card))
    dialog = SceneDialog([both, new], None)
    qtbot.addWidget(dialog)
    assert [one.contestant for one in dialog.rows] == [done.contestant, training.contestant]
