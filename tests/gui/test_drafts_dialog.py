"""Examples from a card in the window: written by the (fake) base, decided on by single keys, lost by no closing."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.conversation import GENERATED
from studio.domain.persona import Persona
from studio.gui.pages.persona.drafts.dialog import DraftsDialog
from studio.services.studio import Studio
from tests.fake_engine_work import write_safetensors
from tests.gui.conftest import Here


@pytest.fixture
def wren(studio: Studio, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Persona:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "40")
    folder = tmp_path / "tiny-base"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    write_safetensors(folder / "model.safetensors", {"w": (2, 2)})
    job = studio.models.add(folder)
    qtbot.waitUntil(lambda: job.ended, timeout=30_000)
    persona = studio.personas.create("Wren")
    return studio.personas.update(persona.id, description="Wren mends clocks. She is deaf in one ear, the left one.")


@pytest.fixture
def dialog(studio: Studio, here: Here, wren: Persona, qtbot: QtBot) -> DraftsDialog:
    made = DraftsDialog(studio, here, wren.id)
    made.show()
    return made


def write(qtbot: QtBot, dialog: DraftsDialog, count: int) -> None:
    for kind, field in dialog.counts.items():
        field.setValue(count if kind == "everyday" else 0)
    dialog.start_writing()
    qtbot.waitUntil(lambda: dialog.write.isEnabled(), timeout=30_000)


def press(dialog: DraftsDialog, keys: str) -> None:
    for key in keys:
        QTest.keyClick(dialog.card, key.lower())


def test_three_keys_make_a_dataset(qtbot: QtBot, studio: Studio, dialog: DraftsDialog, wren: Persona) -> None:
    assert dialog.write.text() == f"Write {12 + 8 + 6 + 1} examples"
    write(qtbot, dialog, 4)
    press(dialog, "AR")
    press(dialog, "E")
    dialog.card.editor.setPlainText("Mind the gears.")
    QTest.keyClick(dialog.card.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    said = [one.conversation.turns[1] for one in studio.data.conversations(wren.id)]
    assert len(said) == 2 and said[1].text == "Mind the gears."
    assert all(GENERATED in turn.marks for turn in said)
    counts = studio.drafts.counts(wren.id)
    assert (counts.accepted, counts.edited, counts.rejected, counts.new) == (1, 1, 1, 1)


def test_letters_typed_while_editing_are_words(
    qtbot: QtBot, studio: Studio, dialog: DraftsDialog, wren: Persona
) -> None:
    write(qtbot, dialog, 1)
    press(dialog, "E")
    dialog.card.editor.selectAll()
    QTest.keyClicks(dialog.card.editor, "area")
    assert dialog.card.editor.toPlainText() == "area"
    QTest.keyClick(dialog.card.editor, Qt.Key.Key_Escape)
    assert not dialog.card.is_editing and studio.drafts.counts(wren.id).new == 1


def test_decisions_are_taken_back_and_put_off(
    qtbot: QtBot, studio: Studio, dialog: DraftsDialog, wren: Persona
) -> None:
    write(qtbot, dialog, 2)
    first = dialog.presenter.current()
    assert first is not None
    press(dialog, "L")
    second = dialog.presenter.current()
    assert second is not None and second.id != first.id
    press(dialog, "A")
    assert studio.data.count(wren.id) == 1
    press(dialog, "Z")
    assert studio.data.count(wren.id) == 0
    again = dialog.presenter.current()
    assert again is not None and again.id == second.id


def test_another_reply_is_shown_and_the_first_is_kept(
    qtbot: QtBot, studio: Studio, dialog: DraftsDialog, wren: Persona
) -> None:
    write(qtbot, dialog, 1)
    before = dialog.presenter.current()
    assert before is not None
    press(dialog, "N")
    assert not dialog.card.take.isEnabled()
    qtbot.waitUntil(dialog.card.take.isEnabled, timeout=30_000)
    after = dialog.presenter.current()
    assert after is not None and after.details["passed_over"] == [before.original]


def test_the_prompt_can_be_changed_and_is_kept(studio: Studio, dialog: DraftsDialog, wren: Persona) -> None:
    assert dialog.prompt.toPlainText().startswith("You are Wren.")
    dialog.prompt.setPlainText("You are Wren, who is in no hurry.")
    dialog.reject()
    assert studio.personas.get(wren.id).system_prompt == "You are Wren, who is in no hurry."


def test_a_persona_without_a_card_is_told_what_to_do(qtbot: QtBot, studio: Studio, here: Here, wren: Persona) -> None:
    nobody = studio.personas.create("Nobody")
    dialog = DraftsDialog(studio, here, nobody.id)
    dialog.start_writing()
    assert here.errors and "Describe the character on the Card tab first" in here.errors[-1]
    dialog.reject()
