"""What is deleted comes back whole."""

import dataclasses

import pytest

from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.library.library import Library
from tests.library.examples import ADAPTER, BASE, CHAT, PERSONA, RUN, contents, fill, integrity, said

REMOVED = {
    Kind.PERSONA: {"personas", "conversations", "conversation_revisions", "conversation_search", "dataset_versions"}
    | {"dataset_items", "runs", "metric_points", "adapters", "exports", "sign_search", "conversation_facts"}
    | {"conversation_facets", "acts", "act_steps", "stored_checks", "drafts"},
    Kind.CONVERSATION: {"conversations", "conversation_revisions", "conversation_search", "sign_search"}
    | {"conversation_facts"},
    Kind.BASE: {"base_models"},
    Kind.RUN: {"runs", "metric_points"},
    Kind.ADAPTER: {"adapters", "exports"},
    Kind.CHAT: {"chats", "chat_messages"},
    Kind.MESSAGE: {"chat_messages"},
}


@pytest.mark.parametrize("kind", REMOVED)
def test_deleting_and_undoing_leaves_everything_as_it_was(library: Library, kind: Kind) -> None:
    conversations = fill(library)
    ids = {Kind.PERSONA: PERSONA.id, Kind.CONVERSATION: conversations[1], Kind.BASE: BASE.id, Kind.RUN: RUN.id}
    ids |= {Kind.ADAPTER: ADAPTER.id, Kind.CHAT: CHAT.id, Kind.MESSAGE: "m3"}
    before = contents(library)
    token = library.trash.remove(kind, ids[kind])
    after = contents(library)
    assert {table for table in before if before[table] != after[table]} - {"trash", "trash_rows"} == REMOVED[kind]
    assert integrity(library) == "ok"
    assert library.trash.entries()[0].item_id == ids[kind]
    entry = library.trash.undo(token)
    assert (entry.kind, entry.item_id) == (kind, ids[kind])
    assert contents(library) == before
    assert integrity(library) == "ok"
    assert library.trash.entries() == []


def test_what_was_added_meanwhile_stays(library: Library) -> None:
    ids = fill(library)
    token = library.trash.remove(Kind.CONVERSATION, ids[1])
    added, _ = library.conversations.add_many(PERSONA.id, [said("meanwhile", "yes")])
    library.trash.undo(token)
    assert [stored.id for stored in library.conversations.page(PERSONA.id)] == [*ids, *added]


def test_deletions_can_be_undone_in_any_order(library: Library) -> None:
    ids = fill(library)
    before = contents(library)
    tokens = [library.trash.remove(Kind.CONVERSATION, id) for id in ids]
    for token in tokens:
        library.trash.undo(token)
    assert contents(library) == before


def test_a_part_cannot_come_back_without_its_whole(library: Library) -> None:
    ids = fill(library)
    part = library.trash.remove(Kind.CONVERSATION, ids[0])
    whole = library.trash.remove(Kind.PERSONA, PERSONA.id)
    with pytest.raises(StudioError) as caught:
        library.trash.undo(part)
    assert (caught.value.code, caught.value.details) == ("trash_parent_gone", {"what": "persona"})
    library.trash.undo(whole)
    library.trash.undo(part)
    assert library.conversations.count(PERSONA.id) == 2


def test_a_token_works_once(library: Library) -> None:
    fill(library)
    token = library.trash.remove(Kind.CHAT, CHAT.id)
    library.trash.undo(token)
    with pytest.raises(StudioError, match="trash_gone"):
        library.trash.undo(token)


def test_what_is_not_there_cannot_be_deleted(library: Library) -> None:
    with pytest.raises(StudioError, match="not_found"):
        library.trash.remove(Kind.PERSONA, "nobody")
    assert library.trash.entries() == []


def test_removed_rows_tell_which_files_are_still_spoken_for(library: Library) -> None:
    fill(library)
    token = library.trash.remove(Kind.PERSONA, PERSONA.id)
    assert [row["path"] for row in library.trash.rows("adapters", token)] == [ADAPTER.path]
    library.trash.purge(token)
    assert library.trash.rows("adapters") == []


def test_an_adapter_outlives_its_run(library: Library) -> None:
    fill(library)
    token = library.trash.remove(Kind.RUN, RUN.id)
    assert library.adapters.get(ADAPTER.id) == ADAPTER
    library.trash.undo(token)
    assert library.runs.get(RUN.id) == dataclasses.replace(RUN)
