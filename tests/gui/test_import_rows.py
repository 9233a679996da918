"""What the import dialog shows of files: groups of like files, questions that stand alone, answers for many at once."""

from pathlib import Path

from studio.domain.checks import Finding, Severity
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.gui.pages.personas.import_presenter import ImportPresenter
from studio.gui.pages.personas.import_rows import Answers, Known
from studio.importers import ImportItem, ImportPlan

TALK = Conversation(turns=(Turn(role=Role.USER, text="Hi?"), Turn(role=Role.PERSONA, text="Closed.", speaker="Wren")))


def item(name: str, **details: object) -> ImportItem:
    said = {
        "format": "sillytavern_chat",
        "format_label": "SillyTavern chat",
        "persona_name": "Wren",
        "persona_turns": 1,
    }
    return ImportItem(path=Path(name), conversations=(TALK,), **{**said, **details})  # type: ignore[arg-type]


def asking(name: str, *speakers: str) -> tuple[Path, StudioError]:
    return Path(name), StudioError("speaker_needed", path=name, speakers=", ".join(speakers), names=speakers)


def shown(*items: ImportItem, problems: tuple[tuple[Path, StudioError], ...] = ()) -> ImportPresenter:
    presenter = ImportPresenter()
    presenter.show_plan(ImportPlan(items=items, problems=problems))
    return presenter


def test_files_that_are_alike_are_shown_as_one_and_can_be_opened() -> None:
    note = Finding(code="ooc_removed", severity=Severity.NOTE, count=2)
    presenter = shown(
        *(item(f"{number}.jsonl", findings=(note,)) for number in range(5)), item("other.json", format="x")
    )
    first, second = presenter.groups()
    assert first.title == "5 files · SillyTavern chat · Wren" and len(second.rows) == 1
    assert first.facts == ("5 conversations", "5 lines of theirs")
    assert first.remarks[0][1].endswith("(10)")
    presenter.open(first)
    assert [len(group.rows) for group in presenter.groups()] == [1] * 6


def test_two_are_not_a_crowd_and_questions_stand_alone() -> None:
    assert len(shown(*(item(f"{number}.jsonl") for number in range(2))).groups()) == 2
    unclear = [item(f"{number}.txt", date_order="unclear") for number in range(6)]
    assert len(shown(*unclear).groups()) == 6


def test_unclear_dates_are_asked_for_first_but_do_not_hold_up() -> None:
    presenter = shown(item("a.jsonl"), item("b.txt", date_order="unclear"))
    assert presenter.rows[0].path.name == "b.txt" and presenter.rows[0].asks_for_dates
    assert presenter.headline() == "2 files understood · 1 needs an answer"
    assert presenter.can_import()


def test_who_is_the_persona_is_answered_for_all_files_that_ask_the_same() -> None:
    presenter = shown(
        problems=(asking("a.txt", "ANNA", "BO"), asking("b.txt", "ANNA", "CY"), asking("c.txt", "DEE", "EVE"))
    )
    meant = presenter.answer(0, Answers(name="Anna", speaker="ANNA"))
    assert meant == [0, 1]
    assert [row.reading for row in presenter.rows] == [True, True, False]
    assert presenter.rows[1].answers.speaker == "ANNA"


def test_a_table_asks_for_its_columns() -> None:
    presenter = shown(problems=((Path("t.csv"), StudioError("columns_needed", path="t.csv", columns=("a", "b"))),))
    row = presenter.rows[0]
    assert row.asks == "columns" and row.columns == ("a", "b") and row.trouble == "Which column holds what?"


def test_what_is_new_is_said() -> None:
    presenter = shown(item("a.jsonl"), item("b.jsonl"), item("c.jsonl"))
    for index, known in enumerate((Known(3, 0, 0), Known(0, 4, 0), Known(1, 2, 1))):
        there = presenter.rows[index].item
        assert there is not None and presenter.tell_known(index, there, known)
    assert not presenter.tell_known(0, item("a.jsonl"), Known(0, 1, 0)), "it was read again meanwhile"
    assert [row.news for row in presenter.rows] == [
        "",
        "All of this is in the library already.",
        "1 new conversation · 1 that has grown · 2 there already",
    ]


def test_taking_a_group_takes_all_its_files() -> None:
    presenter = shown(*(item(f"{number}.jsonl") for number in range(5)))
    group = presenter.groups()[0]
    presenter.take(group.indexes, False)
    assert not presenter.can_import()
    presenter.take(group.indexes, True)
    assert presenter.button_words() == "Import 1 persona, 5 conversations"
