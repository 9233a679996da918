"""Versions: kept for good, named, compared, exported whole or not at all."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from studio.domain.conversation import GENERATED, Conversation, Role, Turn
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.library.version_file import read_version, version_line
from studio.protocol.dataset_file import dataset_bytes, read_dataset
from studio.services.job import Job
from studio.services.run_data import write_run_data
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona, conversation

ANSWER = Turn(
    role=Role.PERSONA, text="{{char}}.", speaker="Oswin", alternatives=("Me.",), marks=(GENERATED,), train=False
)
RICH = Conversation(
    turns=(Turn(role=Role.USER, text="Who are you?", speaker="Guard"), ANSWER),
    title="At the gate",
    source="gate.jsonl",
    tags=("night",),
)


def ended(app: AppThread, job: Job[Any]) -> Any:
    app.until(lambda: job.ended)
    if job.error is not None:
        raise job.error
    return job.result


@pytest.fixture
def version(studio: Studio, persona: Persona) -> DatasetVersion:
    studio.data.add_conversations(persona.id, [RICH], "One more")
    return studio.data.snapshot(persona.id, 0.2, "  the   first ")


def test_a_version_keeps_everything_and_the_engine_gets_what_it_reads(
    studio: Studio, persona: Persona, version: DatasetVersion, tmp_path: Path
) -> None:
    assert (version.name, version.conversations) == ("the first", 41)
    lines = list(read_version(studio.data.version_path(version)))
    assert [line.conversation for line in lines] == [
        one.conversation for one in studio.data.conversations(persona.id, limit=100)
    ]
    assert lines[-1].conversation == RICH
    assert sum(line.heldout for line in lines) == version.heldout_conversations
    write_run_data(studio.data.version_path(version), tmp_path / "data.jsonl", persona, "Sam")
    last = list(read_dataset(tmp_path / "data.jsonl"))[-1]
    assert [(turn.role, turn.text, turn.train) for turn in last.turns] == [
        ("system", "You are Oswin.", True), ("user", "Who are you?", True), ("assistant", "Oswin.", False),
    ]  # fmt: skip


def test_versions_of_the_first_shape_and_of_later_ones_are_read(tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_bytes(dataset_bytes([("talk-1", RICH)], 0.0))
    [line] = read_version(old)
    assert [turn.text for turn in line.conversation.turns] == ["Who are you?", "{{char}}."]
    later = json.loads(version_line("talk-1", True, RICH)) | {"mood": "glad"}
    later["turns"][0]["pitch"] = 3
    old.write_text(json.dumps(later) + "\n", encoding="utf-8")
    [line] = read_version(old)
    assert line.conversation == RICH and line.heldout


def test_a_snapshot_in_the_background_is_the_same(
    studio: Studio, persona: Persona, version: DatasetVersion, app: AppThread
) -> None:
    assert ended(app, studio.data.snapshot_job(persona.id, 0.2)) == version
    studio.data.retag(studio.data.ids(persona.id)[:1], ["seen"])
    second = ended(app, studio.data.snapshot_job(persona.id, 0.2))
    assert (second.number, second.name) == (2, "")
    assert ended(app, studio.data.snapshot_job(persona.id, 0.2, "later")).name == "later", (
        "named now, otherwise the same"
    )
    assert studio.data.name_version(second.id, "best").name == "best"
    assert [one.name for one in studio.data.versions(persona.id)] == ["best", "the first"]
    assert not list((studio.library / "vault").glob(".partial-*"))


def test_what_changed(studio: Studio, persona: Persona, version: DatasetVersion) -> None:
    ids = studio.data.ids(persona.id)
    studio.data.delete_conversations([ids[0]])
    studio.data.edit_turn(ids[1], 1, text="Other words.")
    studio.data.retag([ids[2]], ["new"])
    studio.data.add_conversations(persona.id, [conversation(77)], "More")
    difference = studio.data.compare(version.id)
    assert [one.conversation_id for one in difference.removed] == [ids[0]]
    assert [one.conversation_id for one in difference.changed] == ids[1:3]
    assert difference.changed[0].before != difference.changed[0].after
    [added] = difference.added
    assert (added.before, added.after, added.title) == (None, conversation(77), "Talk 77")
    later = studio.data.snapshot(persona.id, 0.2)
    assert studio.data.compare(version.id, later.id) == difference
    back = studio.data.compare(later.id, version.id)
    assert (len(back.added), len(back.removed), len(back.changed)) == (1, 1, 2)
    with pytest.raises(StudioError, match="version_of_another"):
        studio.data.compare(version.id, studio.data.snapshot(add_persona(studio, "Mira", 3).id, 0.1).id)


def test_what_was_deleted_and_imported_again_is_no_difference(
    studio: Studio, persona: Persona, version: DatasetVersion
) -> None:
    studio.data.delete_conversations(studio.data.ids(persona.id)[:5])
    add_persona(studio, "Oswin", 40)
    assert studio.data.count(persona.id) == 41
    difference = studio.data.compare(version.id)
    assert (difference.added, difference.removed, difference.changed) == ((), (), ())


@pytest.mark.parametrize("format", ["messages", "sharegpt", "csv", "preference"])
def test_exports(studio: Studio, version: DatasetVersion, app: AppThread, tmp_path: Path, format: str) -> None:
    info = {one.name: one for one in studio.data.export_formats()}[format]
    path = tmp_path / "out" / f"data{info.suffix}"
    assert ended(app, studio.data.export_version(version.id, format, path)) == path
    assert path.stat().st_size > 0 and list(path.parent.iterdir()) == [path]
    with pytest.raises(StudioError, match="export_exists"):
        ended(app, studio.data.export_version(version.id, format, path))


def test_an_export_as_training_reads_it(
    studio: Studio, version: DatasetVersion, app: AppThread, tmp_path: Path
) -> None:
    path = ended(app, studio.data.export_version(version.id, "messages", tmp_path / "a.jsonl", filled=True))
    last = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    assert [one["content"] for one in last["messages"]] == ["You are Oswin.", "Who are you?", "Oswin."]
    one_side = ended(app, studio.data.export_version(version.id, "messages", tmp_path / "b.jsonl", side="heldout"))
    assert len(one_side.read_text(encoding="utf-8").splitlines()) == version.heldout_conversations


def test_an_export_that_cannot_be_leaves_nothing(
    studio: Studio, version: DatasetVersion, app: AppThread, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match="export_format_unknown"):
        studio.data.export_version(version.id, "parchment", tmp_path / "a")
    with pytest.raises(StudioError, match="export_side_unknown"):
        studio.data.export_version(version.id, "messages", tmp_path / "a", side="left")
    lonely = studio.personas.create("Nobody")
    empty = studio.data.snapshot(lonely.id, 0.1)
    with pytest.raises(StudioError, match="export_nothing"):
        ended(app, studio.data.export_version(empty.id, "messages", tmp_path / "a.jsonl"))
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


def test_a_version_of_nobody_is_not_found(studio: Studio, version: DatasetVersion) -> None:
    for act in (studio.data.version, studio.data.compare, lambda id: studio.data.name_version(id, "x")):
        with pytest.raises(StudioError, match="not_found"):
            act("data-nothing")
    assert dataclasses.replace(version, name="") != version
