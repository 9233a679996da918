"""The import dialog: nothing is written before Import; a broken file spoils nothing; questions are answered."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.pages.personas.import_dialog import ImportDialog
from studio.services.studio import Studio
from tests.gui.conftest import Here
from tests.newcomer import make_folder

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
    qtbot.waitUntil(lambda: len(dialog.cards()) == len(paths), timeout=20_000)


def stored(qtbot: QtBot, dialog: ImportDialog) -> None:
    dialog.store()
    qtbot.waitUntil(lambda: dialog.result() == ImportDialog.DialogCode.Accepted, timeout=20_000)


def answered(qtbot: QtBot, dialog: ImportDialog, index: int) -> None:
    qtbot.waitUntil(lambda: not dialog.presenter.rows[index].reading, timeout=20_000)


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
    qtbot.waitUntil(lambda: len(dialog.cards()) >= 2, timeout=20_000)
    assert all(row.item is not None for row in dialog.presenter.rows)
    stored(qtbot, dialog)
    assert [one.persona.name for one in studio.personas.list()] == ["Tik"]
    assert studio.personas.portrait_path(studio.personas.get("Tik")) is not None


def test_the_columns_of_a_table_are_asked_for(
    qtbot: QtBot, dialog: ImportDialog, studio: Studio, tmp_path: Path
) -> None:
    table = tmp_path / "lines.csv"
    table.write_text("col_a,col_b\nDo you sleep?,Eleven minutes.\nAre you cold?,Nine degrees.\n", encoding="utf-8")
    read(qtbot, dialog, [table])
    fields = dialog.cards()[0].fields
    assert set(fields.columns) >= {"persona", "user"} and not dialog.presenter.can_import()
    fields.name.setText("Tik")
    for role, column in (("user", "col_a"), ("persona", "col_b")):
        box = dialog.cards()[0].fields.columns[role]
        box.setCurrentIndex(box.findData(column))
        box.activated.emit(box.currentIndex())
    answered(qtbot, dialog, 0)
    row = dialog.presenter.rows[0]
    assert row.item is not None and row.item.persona_turns == 2, row.trouble
    assert row.persona_name == "Tik" and dict(row.mapping).items() >= {"persona": "col_b", "user": "col_a"}.items()


def test_dates_and_privacy_of_a_messenger_are_answered(qtbot: QtBot, dialog: ImportDialog, tmp_path: Path) -> None:
    chat = tmp_path / "chat.txt"
    lines = ("03/04/2025, 21:14 - Edda: are you up Joss", "03/04/2025, 21:15 - Joss: barely, mail joss@example.org")
    chat.write_text("\n".join(lines), encoding="utf-8")
    read(qtbot, dialog, [chat])
    box = dialog.cards()[0].fields.speaker
    box.setCurrentText("Edda")
    box.activated.emit(box.currentIndex())
    answered(qtbot, dialog, 0)
    row = dialog.presenter.rows[0]
    assert row.item is not None and row.asks_for_dates and row.item.names_hidden and row.item.details_hidden
    said = [turn.text for turn in row.item.conversations[0].turns]
    assert said == ["are you up {{user}}", "barely, mail [email]"]
    dates = dialog.cards()[0].fields.dates
    dates.setCurrentIndex(dates.findData(False))
    dates.activated.emit(dates.currentIndex())
    answered(qtbot, dialog, 0)
    assert dialog.presenter.rows[0].item.date_order == "month_first"  # type: ignore[union-attr]
    dialog.cards()[0].fields.hide_names.click()
    answered(qtbot, dialog, 0)
    row = dialog.presenter.rows[0]
    assert row.item is not None and (row.item.names_hidden, row.item.details_hidden) == (False, True)
    assert row.item.date_order == "month_first", "the answer before is not forgotten"
    assert row.item.conversations[0].turns[0].text == "are you up Joss"


def test_a_folder_of_everything_ends_in_one_persona(
    qtbot: QtBot, dialog: ImportDialog, studio: Studio, tmp_path: Path
) -> None:
    dialog.read([make_folder(tmp_path / "mine")])
    qtbot.waitUntil(lambda: len(dialog.presenter.rows) == 5, timeout=20_000)
    assert dialog.presenter.formats() == ("3 × SillyTavern chat", "1 × Character card", "1 × Discord export")
    stored(qtbot, dialog)
    (mira,) = studio.personas.list()
    assert mira.persona.name == "Mira Vane" and mira.conversations == 9
    said = " ".join(turn.text for one in studio.data.conversations(mira.persona.id) for turn in one.conversation.turns)
    assert "wren.k@example.org" not in said and "7946" not in said


def test_storing_can_be_undone_with_one_click(
    qtbot: QtBot, dialog: ImportDialog, studio: Studio, files: list[Path], here: Here
) -> None:
    read(qtbot, dialog, [files[2]])
    box = dialog.cards()[0].fields.speaker
    box.setCurrentText("ALICE")
    box.activated.emit(box.currentIndex())
    answered(qtbot, dialog, 0)
    stored(qtbot, dialog)
    assert len(studio.personas.list()) == 1
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    assert studio.personas.list() == []
