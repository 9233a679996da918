"""Personas, data, imports, settings, samples: everything that needs no engine."""

from pathlib import Path

import pytest

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.importers import ImportItem, ImportPlan, PersonaDraft
from studio.services.studio import Studio
from tests.services.conftest import add_persona, conversation


def test_personas_by_name_and_words(studio: Studio, persona: Persona) -> None:
    mira = add_persona(studio, "Mira", 3)
    assert [summary.persona.name for summary in studio.personas.list()] == ["Mira", "Oswin"]
    assert [one.persona_turns for one in studio.personas.list()] == [6, 80]
    assert [one.persona.id for one in studio.personas.list("mira answer")] == [mira.id]
    assert studio.personas.get("oswin") == persona
    add_persona(studio, "Twin", 1)
    studio.personas.create("Twin")
    with pytest.raises(StudioError, match="ambiguous"):
        studio.personas.get("Twin")
    with pytest.raises(StudioError, match="not_found"):
        studio.personas.get("Nobody")
    with pytest.raises(StudioError, match="name_empty"):
        studio.personas.create("  ")
    assert mira.colour != persona.colour


def test_a_persona_goes_and_comes_back_whole(studio: Studio, persona: Persona) -> None:
    studio.personas.set_portrait(persona.id, b"\x89PNG")
    token = studio.personas.delete(persona.id)
    assert studio.personas.list() == []
    studio.personas.undo(token)
    back = studio.personas.get(persona.id)
    path = studio.personas.portrait_path(back)
    assert path is not None and path.read_bytes() == b"\x89PNG"
    assert studio.data.count(persona.id) == 40
    with pytest.raises(StudioError, match="trash_gone"):
        studio.personas.undo(token)


def test_turns_are_edited_and_come_back(studio: Studio, persona: Persona) -> None:
    heard: list[Change] = []
    studio.changes.subscribe(heard.append)
    one = studio.data.conversations(persona.id, limit=1)[0]
    me = object()
    edited = studio.data.edit_turn(one.id, 1, text="New words.", train=False, initiator=me)
    assert (edited.conversation.turns[1].text, edited.conversation.turns[1].train) == ("New words.", False)
    assert heard[-1].initiator is me and Kind.CONVERSATION in heard[-1].kinds
    swapped = studio.data.edit_turn(one.id, 1, alternative=0).conversation.turns[1]
    assert (swapped.text, swapped.alternatives) == ("Nay.", ("New words.",))
    assert len(studio.data.delete_turns(one.id, [3]).conversation.turns) == 3
    studio.data.undo(studio.data.history(persona.id, 1)[0].token)
    assert len(studio.data.get(one.id).conversation.turns) == 4
    with pytest.raises(StudioError, match="not_found"):
        studio.data.edit_turn(one.id, 9, text="?")
    gone = studio.data.delete_conversations([one.id]).token
    assert studio.data.count(persona.id) == 39
    studio.personas.undo(gone)
    assert studio.data.count(persona.id) == 40


def test_versions_are_made_when_something_changed(studio: Studio, persona: Persona) -> None:
    first = studio.data.snapshot(persona.id, 0.1)
    assert studio.data.snapshot(persona.id, 0.1) == first
    one = studio.data.conversations(persona.id, limit=1)[0]
    studio.data.edit_turn(one.id, 1, text="Other words.")
    second = studio.data.snapshot(persona.id, 0.1)
    assert (second.number, second.conversations) == (2, 40)
    assert studio.data.snapshot(persona.id, 0.2).number == 3
    assert 0 < first.heldout_conversations < 15
    overview = studio.data.overview(persona.id)
    assert (overview.conversations, overview.persona_turns, overview.heldout) == (40, 80, second.heldout_conversations)
    assert overview.train + overview.heldout == 40 and len(overview.turn_lengths) == 80 and not overview.tokens_exact


def test_importing_twice_adds_nothing(studio: Studio, persona: Persona) -> None:
    def item(name: str, *numbers: int) -> ImportItem:
        return ImportItem(
            path=Path("f"), format="x", format_label="X", persona_name=name,
            card=PersonaDraft(name=name, tagline="A tagline.", system_prompt="Another prompt."),
            conversations=tuple(conversation(number, "Oswin") for number in numbers), portrait=b"png",
        )  # fmt: skip

    report = studio.imports.commit(ImportPlan(items=(item("Oswin", 0, 1, 99), item("Tik", 1))), take=[0])
    assert len(report.personas) == 1
    told = report.personas[0]
    assert (told.created, told.conversations, told.duplicates, told.persona_turns) == (False, 1, 2, 2)
    after = studio.personas.get(persona.id)
    assert after.tagline == "A tagline." and after.portrait, "what was empty is filled"
    assert after.system_prompt == persona.system_prompt, "what was there is kept"


def test_settings(studio: Studio) -> None:
    assert studio.settings.get("theme") == "system"
    heard: list[Change] = []
    studio.changes.subscribe(heard.append)
    studio.settings.set("theme", "dark")
    studio.settings.set("first_start_done", True)
    assert (studio.settings.get("theme"), studio.settings.get("first_start_done")) == ("dark", True)
    assert heard[0].ids == {"theme"}
    with pytest.raises(StudioError, match="options_invalid"):
        studio.settings.set("theme", "mauve")
    with pytest.raises(StudioError, match="there is no setting"):
        studio.settings.get("thème")
    assert all(option.label and option.help for option in studio.settings.all().values())


def test_formats(studio: Studio) -> None:
    assert {"plain_script", "character_card"} <= {one.name for one in studio.imports.formats()}


def test_a_listener_with_a_bug_stops_nobody(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    bugs: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *bug: bugs.append(bug[0]))
    heard: list[Change] = []
    studio.changes.subscribe(lambda change: 1 // 0)
    stop = studio.changes.subscribe(heard.append)
    studio.personas.create("Tik")
    assert bugs == [ZeroDivisionError] and len(heard) == 1
    stop()
    studio.personas.create("Tok")
    assert len(heard) == 1
