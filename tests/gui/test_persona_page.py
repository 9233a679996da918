"""A persona's workspace: card with undo, data edited in place, alternatives, deleting with a way back, adapters."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.gui.pages.persona.data.turn_acts import Wish
from studio.gui.pages.persona.page import Page
from studio.gui.theme import tokens
from studio.gui.theme.switcher import apply_theme
from studio.gui.widgets.histogram import even_bins
from studio.services.studio import Studio
from tests.fake_engine_work import write_safetensors
from tests.gui.conftest import Here, add_persona


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, here: Here) -> Page:
    persona = add_persona(studio, "Oswin")
    made = Page(studio, here)
    qtbot.addWidget(made)
    made.resize(1200, 760)
    studio.changes.subscribe(made.on_change)
    made.show()
    made.open(persona_id=persona.id, tab="card")
    return made


def stored(page: Page, studio: Studio, index: int):  # type: ignore[no-untyped-def]
    return studio.data.get(page.data.view.conversation_id).conversation.turns[index]


# -- card ---------------------------------------------------------------------------------------------------------


def test_a_field_is_kept_when_it_is_left_and_can_be_undone(page: Page, studio: Studio) -> None:
    field = page.card.inputs["tagline"]
    field.setText("A monk.")  # type: ignore[union-attr]
    field.editingFinished.emit()  # type: ignore[union-attr]
    assert studio.personas.get("Oswin").tagline == "A monk."
    page.card.undo()
    assert studio.personas.get("Oswin").tagline == ""
    assert field.text() == ""  # type: ignore[union-attr]


def test_several_lines_are_kept_when_the_focus_goes(qtbot: QtBot, page: Page, studio: Studio) -> None:
    field = page.card.inputs["description"]
    field.setFocus()
    field.setPlainText("Cooks.\nDoubts.")  # type: ignore[union-attr]
    page.card.inputs["name"].setFocus()
    qtbot.waitUntil(lambda: studio.personas.get("Oswin").description == "Cooks.\nDoubts.", timeout=20_000)


def test_tags_are_words_with_commas_between(page: Page, studio: Studio) -> None:
    page.card.save("tags", " slow,kind , slow,, ")
    assert studio.personas.get("Oswin").tags == ("slow", "kind")


def test_an_empty_name_is_refused_and_put_back(page: Page, studio: Studio, here: Here) -> None:
    page.card.save("name", "   ")
    assert here.errors == ["A persona needs a name."]
    assert page.card.inputs["name"].text() == "Oswin"  # type: ignore[union-attr]


def test_a_change_made_elsewhere_is_shown(page: Page, studio: Studio) -> None:
    studio.personas.update(page.persona_id, greeting="Come in, child.")
    assert page.card.inputs["greeting"].toPlainText() == "Come in, child."  # type: ignore[union-attr]


def test_deleting_the_persona_leads_home(page: Page, studio: Studio, here: Here) -> None:
    studio.personas.delete(page.persona_id)
    assert here.asked[-1][0] == "personas"


# -- data ---------------------------------------------------------------------------------------------------------


def test_a_turn_is_edited_in_place(qtbot: QtBot, page: Page, studio: Studio) -> None:
    page.show_tab("data")
    view = page.data.view.turn(1)
    assert view is not None
    view.start_editing()
    assert view.editor is not None
    view.editor.setPlainText("*He stirs.* “Sit, child.”")
    qtbot.keyClick(view.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert stored(page, studio, 1).text == "*He stirs.* “Sit, child.”"
    shown = page.data.view.turn(1)
    assert shown is not None and shown is not view
    assert "He stirs." in shown.words.text() and "italic" in shown.words.text()


def test_escape_leaves_a_turn_as_it_was(qtbot: QtBot, page: Page, studio: Studio) -> None:
    page.show_tab("data")
    before = stored(page, studio, 1).text
    view = page.data.view.turn(1)
    assert view is not None
    view.start_editing()
    assert view.editor is not None
    view.editor.setPlainText("something else")
    qtbot.keyClick(view.editor, Qt.Key.Key_Escape)
    assert stored(page, studio, 1).text == before
    assert view.editor is None


def test_words_are_shown_and_never_read_as_html(page: Page, studio: Studio) -> None:
    page.show_tab("data")
    page.data.bench.do(Wish(name="text", index=1, value="<b>bold</b> & <img src=x>"))
    view = page.data.view.turn(1)
    assert view is not None
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;img" in view.words.text()


def test_turns_follow_the_theme(page: Page, qapp: QApplication) -> None:
    page.show_tab("data")
    apply_theme(qapp, "light")
    view = page.data.view.turn(0)
    assert view is not None
    middle = view.bubble.grab().toImage().pixelColor(view.bubble.width() // 2, 3)
    assert middle.name() == tokens.LIGHT.raised


def test_the_train_switch(page: Page, studio: Studio) -> None:
    page.show_tab("data")
    view = page.data.view.turn(1)
    assert view is not None
    next(one for one in view.findChildren(QPushButton) if one.accessibleName() == "train on this turn").click()
    assert stored(page, studio, 1).train is False


def test_leafing_through_alternatives_goes_round_and_keeps_them_all(page: Page, studio: Studio) -> None:
    page.show_tab("data")
    turn = stored(page, studio, 1)
    texts, seen = (turn.text, *turn.alternatives), []
    for _ in range(3):
        view = page.data.view.turn(1)
        assert view is not None
        seen.append(view.shown.position)
        page.data.bench.do(Wish(name="later", index=1))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    after = stored(page, studio, 1)
    assert after.text == texts[0]
    assert sorted((after.text, *after.alternatives)) == sorted(texts)
    page.data.bench.do(Wish(name="earlier", index=1))
    assert stored(page, studio, 1).text == texts[2]


def test_deleting_a_turn_and_a_conversation_can_be_undone(page: Page, studio: Studio, here: Here) -> None:
    page.show_tab("data")
    conversation_id = page.data.view.conversation_id
    page.data.bench.do(Wish(name="delete", index=0))
    assert len(studio.data.get(conversation_id).conversation.turns) == 3
    here.toasts[-1][1]()  # type: ignore[misc]
    assert len(studio.data.get(conversation_id).conversation.turns) == 4
    page.data.bench.act("delete")
    assert studio.data.count(page.persona_id) == 11
    assert page.data.model.rowCount() == 11
    assert page.data.view.conversation_id not in ("", conversation_id)
    here.toasts[-1][1]()  # type: ignore[misc]
    assert page.data.model.rowCount() == 12


def test_the_filter_finds_words(qtbot: QtBot, page: Page) -> None:
    page.show_tab("data")
    page.data.bench.pane.filter.field.setText("7.1")
    qtbot.waitUntil(lambda: page.data.model.rowCount() == 1, timeout=20_000)
    page.data.bench.pane.filter.field.setText("zeppelin")
    qtbot.waitUntil(lambda: page.data.model.rowCount() == 0, timeout=20_000)
    assert page.data.view.conversation_id == ""
    page.data.bench.pane.filter.field.clear()
    qtbot.waitUntil(lambda: page.data.model.rowCount() == 12, timeout=20_000)


def test_a_persona_without_lines_is_shown_the_next_step(page: Page, studio: Studio, here: Here) -> None:
    empty = studio.personas.create("Vesper")
    page.open(persona_id=empty.id, tab="data")
    button = next(
        one for one in page.data.findChildren(QPushButton) if one.text() == "Import files" and one.isVisible()
    )
    button.click()
    assert here.asked[-1] == ("import", ((), "Vesper"))


def test_a_long_conversation_is_built_piece_by_piece(qtbot: QtBot, page: Page, studio: Studio) -> None:
    long = add_persona(studio, "Windbag", conversations=1, turns=300)
    page.open(persona_id=long.id, tab="data")
    assert page.data.view.turn(9) is not None and page.data.view.turn(10) is None
    qtbot.waitUntil(lambda: page.data.view.turn(39) is not None, timeout=20_000)
    assert page.data.view.turn(60) is None
    page.data.view.go_to(123)
    assert page.data.view.turn(123) is not None


def test_a_remark_leads_to_its_places_one_after_the_other(qtbot: QtBot, page: Page, studio: Studio) -> None:
    page.show_tab("data")
    data = page.data
    for index in (1, 3):
        data.bench.do(Wish(name="text", index=index, value="As an AI language model, I stir."))
    data.checker.check()
    qtbot.waitUntil(lambda: data.presenter.fresh, timeout=20_000)
    remark = next(one for one in data.presenter.remarks() if one.code == "assistant_boilerplate")
    data.show_remark(remark)
    assert data.model.rowCount() == 1 and data.presenter.where.finding == "assistant_boilerplate"
    assert data.view.selection.current == 1
    data.next_place()
    assert data.view.selection.current == 3
    data.previous_place()
    assert data.view.selection.current == 1


def test_bins_hold_everything() -> None:
    bins = even_bins([3, 4, 4, 9, 200])
    assert sum(count for _, _, count in bins) == 5
    assert bins[0][0] == 3 and bins[-1][1] == 200
    assert even_bins([]) == [] and even_bins([7]) == [(7, 7, 1)]


# -- adapters -----------------------------------------------------------------------------------------------------


def test_a_trained_adapter_is_shown_and_can_be_renamed_exported_and_deleted(
    qtbot: QtBot, studio: Studio, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "40")
    persona = add_persona(studio, "Oswin", conversations=30)
    trained(qtbot, studio, persona.id, tmp_path)
    page = Page(studio, here)
    qtbot.addWidget(page)
    studio.changes.subscribe(page.on_change)
    page.show()
    page.open(persona_id=persona.id, tab="adapters")
    card = page.adapters.cards()[0]
    assert card.shown.gain.startswith("+") and card.shown.gain_role == "good"
    assert card.shown.train and card.shown.heldout
    assert "run 1" in card.shown.lineage and "30 conversations" in card.shown.lineage
    studio.adapters.rename(card.shown.id, "Kitchen voice")
    assert page.adapters.cards()[0].shown.name == "Kitchen voice"
    card.chat_requested.emit(card.shown.id)
    assert [one.adapter_id for one in here.asked[-1][1]] == ["", card.shown.id]
    page.adapters.export_to(card.shown.id, studio.adapters.export_formats()[0].name, tmp_path)
    qtbot.waitUntil(lambda: bool(opened), timeout=20_000)
    assert (tmp_path / "kitchen-voice").is_dir() and any((tmp_path / "kitchen-voice").iterdir())
    assert page.adapters.presenter.free_folder(tmp_path, card.shown.id) == tmp_path / "kitchen-voice-2"
    page.adapters._delete(card.shown.id)
    assert page.adapters.cards() == []
    here.toasts[-1][1]()  # type: ignore[misc]
    assert [one.shown.name for one in page.adapters.cards()] == ["Kitchen voice"]


def trained(qtbot: QtBot, studio: Studio, persona_id: str, folder: Path) -> None:
    base = folder / "tiny-base"
    base.mkdir()
    (base / "config.json").write_text("{}", encoding="utf-8")
    write_safetensors(base / "model.safetensors", {"w": (2, 2)})
    added = studio.models.add(base)
    qtbot.waitUntil(lambda: added.ended, timeout=20_000)
    run = studio.training.start(persona_id, preset="taste")
    ended = studio.training.wait_job(run.id)
    qtbot.waitUntil(lambda: ended.ended, timeout=30000)
    assert studio.training.get(run.id).adapter_id


def test_without_an_adapter_the_tab_leads_to_training(page: Page, here: Here) -> None:
    page.show_tab("adapters")
    next(one for one in page.adapters.findChildren(QPushButton) if one.text() == "Train").click()
    assert here.asked[-1] == ("train", page.persona_id)
