"""Imports: what is there already, logs that have grown, slices, and taking all of it back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.persona import Persona
from studio.importers import ImportItem, ImportPlan, PersonaDraft
from studio.services import sliced
from studio.services.imports import ImportReport
from studio.services.job import JobState
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import conversation


def log(turns: int, name: str = "gate.jsonl", first: str = "Hello there") -> Conversation:
    """A chat log as it is after so many turns."""
    said = (
        Turn(
            role=(Role.USER, Role.PERSONA)[at % 2],
            text=f"{first}, {at}." if at < 2 else f"Words of turn {at}.",
            alternatives=("Hm.",) if at == turns - 1 else (),
        )
        for at in range(turns)
    )
    return Conversation(turns=tuple(said), source=name)


def plan(*conversations: Conversation, name: str = "Oswin", card: bool = False) -> ImportPlan:
    item = ImportItem(
        path=Path("gate.jsonl"), format="x", format_label="X", persona_name=name, conversations=conversations,
        card=PersonaDraft(name=name) if card else None,
    )  # fmt: skip
    return ImportPlan(items=(item,))


def texts(studio: Studio, id: str) -> list[str]:
    return [turn.text for turn in studio.data.get(id).conversation.turns]


def took_in(report: ImportReport) -> tuple[int, int, int]:
    [one] = report.personas
    return one.conversations, one.duplicates, one.grown


@pytest.fixture
def stored(studio: Studio, persona: Persona) -> str:
    """A log of four turns in the library."""
    assert took_in(studio.imports.commit(plan(log(4)))) == (1, 0, 0)
    return studio.data.ids(persona.id)[-1]


def test_a_longer_log_carries_the_stored_one_on(studio: Studio, stored: str, persona: Persona) -> None:
    assert studio.imports.known(plan(log(7), log(4, first="Other")), 0) == (1, 0, 1)
    report = studio.imports.commit(plan(log(7), log(4, first="Other")))
    assert (took_in(report), report.grown, studio.data.count(persona.id)) == ((1, 0, 1), 1, 42)
    now = studio.data.get(stored)
    assert [turn.text for turn in now.conversation.turns] == [turn.text for turn in log(7).turns]
    assert now.revision == 2 and now.conversation.turns[3].alternatives == ("Hm.",)
    assert took_in(studio.imports.commit(plan(log(7), log(4)))) == (1, 1, 0), "the short one is a chat of its own now"
    studio.data.undo_last(persona.id)
    assert took_in(studio.imports.commit(plan(log(9)))) == (0, 0, 1)


def test_edits_are_kept_and_only_what_is_new_is_added(studio: Studio, stored: str, persona: Persona) -> None:
    studio.data.edit_turn(stored, 1, text="My own words.")
    assert studio.imports.known(plan(log(4)), 0) == (0, 1, 0), "an edit does not make it new"
    studio.imports.commit(plan(log(6)))
    assert texts(studio, stored) == [
        "Hello there, 0.",
        "My own words.",
        *(f"Words of turn {at}." for at in range(2, 6)),
    ]
    assert studio.imports.known(plan(log(6)), 0) == (0, 1, 0)


def test_a_log_whose_end_was_split_off_grows_beside_it(studio: Studio, stored: str, persona: Persona) -> None:
    studio.data.split_conversation(stored, 2)
    report = studio.imports.commit(plan(log(6)))
    assert took_in(report) == (0, 0, 1) and len(texts(studio, stored)) == 2
    last = studio.data.ids(persona.id)[-1]
    assert texts(studio, last) == ["Words of turn 4.", "Words of turn 5."]
    assert studio.imports.known(plan(log(6)), 0) == (0, 1, 0)
    studio.data.undo(report.act)
    assert studio.imports.known(plan(log(6)), 0) == (0, 0, 1)


def test_a_greeting_alone_makes_no_two_logs_the_same(studio: Studio, persona: Persona) -> None:
    studio.imports.commit(plan(log(1)))
    assert studio.imports.known(plan(log(5, name="another.jsonl")), 0) == (1, 0, 0)
    assert studio.imports.known(plan(log(5)), 0) == (0, 0, 1)


def test_a_table_of_longer_and_longer_rows_stays_as_it_is(studio: Studio, stored: str, persona: Persona) -> None:
    rows = [log(2), log(4), log(6), log(6)]
    assert took_in(studio.imports.commit(plan(*rows))) == (2, 2, 0)
    assert took_in(studio.imports.commit(plan(*rows))) == (0, 4, 0)


def test_a_whole_import_is_undone(studio: Studio, stored: str, persona: Persona) -> None:
    before = [(one.id, one.conversation) for one in studio.data.conversations(persona.id)]
    report = studio.imports.commit(plan(log(6), log(2, first="New")))
    assert studio.data.history(persona.id)[0].label == "Imported gate.jsonl"
    studio.data.undo(report.act)
    assert [(one.id, one.conversation) for one in studio.data.conversations(persona.id)] == before
    assert studio.imports.commit(plan(log(4))).act == "", "an import of nothing new is no act"
    made = studio.imports.commit(plan(log(3), name="Mira", card=True))
    assert len(studio.personas.list()) == 2
    studio.data.undo(made.act)
    assert [one.persona.name for one in studio.personas.list()] == ["Oswin"]


def test_in_slices_it_is_the_same(studio: Studio, persona: Persona, app: AppThread) -> None:
    told: list[float] = []
    many = plan(*(conversation(number, "Oswin") for number in range(30, 130)))
    job = studio.imports.commit_job(many).on_progress(lambda progress: told.append(progress.done / progress.total))
    app.until(lambda: job.ended)
    assert job.result is not None and took_in(job.result) == (90, 10, 0)
    assert len(told) > 2 and told == sorted(told)
    known = studio.imports.known_job(many, 0)
    app.until(lambda: known.ended)
    assert known.result == studio.imports.known(many, 0) == (0, 100, 0)


@pytest.mark.parametrize("name", ["Oswin", "Mira"])
def test_given_up_it_leaves_nothing(studio: Studio, persona: Persona, app: AppThread, name: str) -> None:
    before = [(one.id, one.conversation) for one in studio.data.conversations(persona.id)]
    many = plan(*(conversation(number, name) for number in range(200)), name=name)
    job = studio.imports.commit_job(many)
    job.on_progress(lambda progress: job.cancel() if progress.done >= 100 else None)
    app.until(lambda: job.ended)
    assert job.state is JobState.CANCELLED
    assert [one.persona.name for one in studio.personas.list()] == ["Oswin"]
    assert [(one.id, one.conversation) for one in studio.data.conversations(persona.id)] == before
    assert len(studio.data.history(persona.id)) == 1
    again = studio.imports.commit(many)
    assert took_in(again)[0] == (160 if name == "Oswin" else 200)


def test_closed_half_way_what_is_there_can_be_undone_later(
    studio: Studio, persona: Persona, app: AppThread, open_studio: Callable[[], Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sliced, "SLICE_SECONDS", 0.0)
    job = studio.imports.commit_job(plan(*(conversation(number, "new") for number in range(200))))
    app.until(lambda: job.progress.done >= 60)
    studio.close()
    again = open_studio()
    there = again.data.count(persona.id)
    assert 100 <= there < 240
    assert again.data.undo_last(persona.id).conversations == there - 40
    assert again.data.count(persona.id) == 40


def test_a_card_comes_before_what_a_chat_says_of_the_character(studio: Studio) -> None:
    said = {"persona_name": "Wren", "conversations": ()}
    rumour = ImportItem(
        path=Path("a.json"), format="character_ai", format_label="Character.AI",
        card=PersonaDraft(name="Wren", description="Somebody with clocks."), **said,
    )  # fmt: skip
    card = ImportItem(
        path=Path("b.png"), format="character_card", format_label="Character card",
        card=PersonaDraft(name="Wren", description="Wren mends clocks."), **said,
    )  # fmt: skip
    studio.imports.commit(ImportPlan(items=(rumour, card)))
    assert studio.personas.get("Wren").description == "Wren mends clocks."
