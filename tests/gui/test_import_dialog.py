"""The import dialog: nothing is written before Import; a broken file spoils nothing; questions are answered."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.pages.personas.import_dialog import ImportDialog
from studio.services.studio import Studio
from tests.gui.conftest import Here

SCRIPT = "ALICE: Hello there.\nBOB: Go away.\nALICE: No.\nBOB: Then sit.\nALICE: Thank you.\n"
DATASET = (
    '[{"conversations": [{"from": "system", "value": "You are Tik."}, {"from": "human", "value": "Hi?"},'
    ' {"from": "gpt", "value": "Eleven."}]}]'
)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    good, broken, asking = tmp_path / "tik.json", tmp_path / "broken.json", tmp_path / "talk.txt"
    good.write_text(DATASET, encoding="utf-8")
    broken.write_text('{"conversations": [', encoding="utf-8")
    asking.write_text(SCRIPT, encoding="utf-8")
    return [good, broken, asking]


@pytest.fixture
def dialog(qtbot: QtBot, studio: Studio, here: Here) -> ImportDialog:
    made = ImportDialog(studio, here)
    qtbot.addWidget(made)
    made.show()
    return made


def read(qtbot: QtBot, dialog: ImportDialog, paths: list[Path]) -> None:
    dialog.read(paths)
    qtbot.waitUntil(lambda: len(dialog.cards()) == len(paths))


def stored(qtbot: QtBot, dialog: ImportDialog) -> None:
    dialog.store()
    qtbot.waitUntil(lambda: dialog.result() == ImportDialog.DialogCode.Accepted)


def answered(qtbot: QtBot, dialog: ImportDialog, index: int) -> None:
    qtbot.waitUntil(lambda: not dialog.presenter.rows[index].reading)


def test_a_broken_file_leaves_everything_else_usable(
    qtbot: QtBot, dialog: ImportDialog, studio: Studio, files: list[Path], here: Here
) -> None:
    read(qtbot, dialog, files)
    rows = {row.path.name: row for row in dialog.presenter.rows}
    assert "not valid JSON" in rows["broken.json"].trouble
    assert rows["talk.txt"].asks == "speaker" and rows["talk.txt"].speakers[0] == "ALICE"
    assert studio.personas.list() == []
    index = [row.path.name for row in dialog.presenter.rows].index("tik.json")
    if rows["tik.json"].item is None:
        dialog.cards()[index].fields.name.setText("Tik")
        dialog.cards()[index].fields.name.editingFinished.emit()
        answered(qtbot, dialog, index)
    assert dialog.presenter.button_words() == "Import 1 persona, 1 conversation"
    stored(qtbot, dialog)
    assert [one.persona.name for one in studio.personas.list()] == ["Tik"]
    assert here.toasts[-1][0] == "Added Tik with 1 conversation."
    assert here.asked[-1][0] == "persona"


def test_choosing_the_speaker_reads_the_file_again(
    qtbot: QtBot, dialog: ImportDialog, studio: Studio, files: list[Path]
) -> None:
    read(qtbot, dialog, [files[2]])
    assert not dialog.presenter.can_import()
    box = dialog.cards()[0].fields.speaker
    box.setCurrentText("BOB")
    box.activated.emit(box.currentIndex())
    answered(qtbot, dialog, 0)
    row = dialog.presenter.rows[0]
    assert (row.speaker, row.item.persona_turns if row.item else 0, row.taken) == ("BOB", 2, True)
    dialog.cards()[0].fields.name.setText("Bob the Grim")
    dialog.cards()[0].fields.name.editingFinished.emit()
    answered(qtbot, dialog, 0)
    stored(qtbot, dialog)
    assert [(one.persona.name, one.persona_turns) for one in studio.personas.list()] == [("Bob the Grim", 2)]


def test_what_is_unticked_is_not_taken(qtbot: QtBot, dialog: ImportDialog, files: list[Path]) -> None:
    read(qtbot, dialog, [files[2]])
    box = dialog.cards()[0].fields.speaker
    box.setCurrentText("ALICE")
    box.activated.emit(box.currentIndex())
    answered(qtbot, dialog, 0)
    assert dialog.presenter.can_import()
    dialog.cards()[0].tick.click()
    assert not dialog.presenter.can_import()
    assert dialog.presenter.button_words() == "Import"


def test_cancelling_goes_back_and_writes_nothing(
    qtbot: QtBot, dialog: ImportDialog, studio: Studio, files: list[Path]
) -> None:
    dialog.read(files)
    dialog.cancel_waiting()
    qtbot.wait(200)
    assert studio.personas.list() == []


def test_closing_while_reading_is_harmless(qtbot: QtBot, studio: Studio, here: Here, files: list[Path]) -> None:
    made = ImportDialog(studio, here)
    made.read(files)
    made.reject()
    made.deleteLater()
    qtbot.wait(200)
    assert studio.personas.list() == []


def test_the_sample_personas_can_be_imported_as_folders(qtbot: QtBot, dialog: ImportDialog, studio: Studio) -> None:
    folder = Path(__file__).resolve().parents[2] / "sample_data" / "personas" / "tik"
    dialog.read([folder])
    qtbot.waitUntil(lambda: len(dialog.cards()) >= 2)
    assert all(row.item is not None for row in dialog.presenter.rows)
    stored(qtbot, dialog)
    assert [one.persona.name for one in studio.personas.list()] == ["Tik"]
    assert studio.personas.portrait_path(studio.personas.get("Tik")) is not None
