"""What goes into a store comes out of it."""

import dataclasses
import math
from pathlib import Path

import pytest

from studio.domain.chat import thread
from studio.domain.conversation import Role, Turn
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import MetricPoint, RunState
from studio.library import conversation_writing
from studio.library.conversation_store import TurnCounts
from studio.library.library import Library
from tests.library.examples import (
    ADAPTER,
    BASE,
    CHAT,
    MESSAGES,
    PERSONA,
    POINTS,
    RECIPE,
    RUN,
    TALKS,
    VERSION,
    contents,
    fill,
    said,
)


def test_everything_comes_out_as_it_went_in(library: Library) -> None:
    ids = fill(library)
    assert library.personas.get(PERSONA.id) == PERSONA
    assert library.conversations.get(ids[0]).conversation == TALKS[0]
    assert library.bases.get(BASE.id) == BASE
    assert library.recipes.get(RECIPE.id) == RECIPE
    assert library.datasets.get(VERSION.id) == VERSION
    assert library.runs.get(RUN.id) == RUN
    assert library.metrics.points(RUN.id) == POINTS
    assert library.adapters.get(ADAPTER.id) == ADAPTER
    assert library.chats.get(CHAT.id) == CHAT
    assert library.chats.messages(CHAT.id) == MESSAGES
    assert library.settings.get("theme") == "dark"


def test_everything_is_there_after_opening_again(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        fill(library)
        before = contents(library)
    with Library.open(tmp_path) as again:
        assert contents(again) == before


@pytest.mark.parametrize(
    "store", ["personas", "conversations", "bases", "recipes", "datasets", "runs", "adapters", "chats"]
)
def test_an_unknown_id_is_none(library: Library, store: str) -> None:
    assert getattr(library, store).get("nobody") is None


def test_names_are_found_whatever_their_case(library: Library) -> None:
    fill(library)
    assert library.personas.find(" mira ëLSWYN") == [PERSONA]
    assert library.personas.find("mira") == []
    assert library.adapters.find("MIRA 1") == [ADAPTER]
    assert library.bases.find("starter") == [BASE]
    assert library.bases.by_fingerprint(BASE.fingerprint) == BASE


def test_updating_a_persona(library: Library) -> None:
    fill(library)
    changed = dataclasses.replace(PERSONA, name="Lyra", tags=())
    assert library.personas.update(changed)
    assert library.personas.find("lyra") == [changed]
    assert not library.personas.update(dataclasses.replace(PERSONA, id="nobody"))


def test_the_same_words_are_added_once_a_persona(library: Library) -> None:
    fill(library)
    again = dataclasses.replace(TALKS[0], title="another title", source="other.jsonl")
    added, skipped = library.conversations.add_many(PERSONA.id, [again, said("new", "yes"), said("new", "yes")])
    assert (len(added), skipped) == (1, 2)
    library.personas.add(Persona(id="persona-2", name="Other"))
    assert len(library.conversations.add_many("persona-2", [again])[0]) == 1


def test_ids_that_are_taken_are_drawn_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.personas.add(PERSONA)
    drawn = iter(["talk-a", "talk-b", "talk-a", "talk-c", "talk-c", "talk-d"])
    monkeypatch.setattr(conversation_writing, "new_id", lambda kind: next(drawn))
    assert sorted(library.conversations.add_many(PERSONA.id, [said("1"), said("2")])[0]) == ["talk-a", "talk-b"]
    assert sorted(library.conversations.add_many(PERSONA.id, [said("3"), said("4")])[0]) == ["talk-c", "talk-d"]


def test_pages_keep_the_order_in_which_conversations_came(library: Library) -> None:
    library.personas.add(PERSONA)
    added, _ = library.conversations.add_many(PERSONA.id, [said(f"word {i}", "yes") for i in range(25)])
    pages = [library.conversations.page(PERSONA.id, "", offset, 10) for offset in (0, 10, 20, 30)]
    assert [stored.id for page in pages for stored in page] == added
    assert [stored.id for stored in library.conversations.each(PERSONA.id, batch=7)] == added
    assert [stored.id for stored in library.conversations.page(PERSONA.id, "word", 20, 10)] == added[20:]


def test_turns_are_counted_for_many_personas_at_once(library: Library) -> None:
    fill(library)
    library.personas.add(Persona(id="persona-2", name="Other"))
    library.personas.add(Persona(id="persona-3", name="Empty"))
    library.conversations.add_many("persona-2", [said("a", "b", "c", "d")])
    first, second = TurnCounts(conversations=2, persona_turns=2), TurnCounts(conversations=1, persona_turns=2)
    assert library.conversations.turn_counts() == {PERSONA.id: first, "persona-2": second}
    assert library.conversations.turn_counts(["persona-2", "persona-3"]) == {"persona-2": second}


def test_every_edit_keeps_the_old_revision(library: Library) -> None:
    ids = fill(library)
    first = library.conversations.get(ids[0])
    edited = library.conversations.update(ids[0], first.conversation.with_turn(1, Turn(role=Role.USER, text="Speak!")))
    assert edited.revision == 2
    assert [stored.conversation for stored in library.conversations.revisions(ids[0])] == [
        TALKS[0],
        edited.conversation,
    ]
    back = library.conversations.restore(ids[0], 1)
    assert (back.revision, back.conversation) == (1, TALKS[0]) == (1, library.conversations.get(ids[0]).conversation)
    third = library.conversations.update(ids[0], said("something", "else"))
    assert third.revision == 3, "a number means the same words for good"
    assert library.conversations.restore(ids[0], 2).conversation == edited.conversation
    assert [stored.revision for stored in library.conversations.revisions(ids[0])] == [1, 3, 2]
    assert library.conversations.revision(ids[0], 3) == third.conversation
    assert library.conversations.count(PERSONA.id, "speak") == 1


def test_a_revision_that_never_was_cannot_come_back(library: Library) -> None:
    ids = fill(library)
    with pytest.raises(StudioError) as caught:
        library.conversations.restore(ids[0], 9)
    assert caught.value.code == "not_found"


def test_dataset_versions_count_up(library: Library) -> None:
    assert library.datasets.next_number(PERSONA.id) == 1
    ids = fill(library)
    assert library.datasets.next_number(PERSONA.id) == 2
    library.datasets.add(dataclasses.replace(VERSION, id="data-2", number=2))
    assert [version.id for version in library.datasets.all(PERSONA.id)] == ["data-2", "data-1"]
    assert library.datasets.newest(PERSONA.id).id == "data-2"
    assert [(item.conversation_id, item.heldout) for item in library.datasets.items("data-1")] == [
        (ids[0], True),
        (ids[1], False),
    ]


def test_runs_change_field_by_field(library: Library) -> None:
    fill(library)
    changed = library.runs.update(RUN.id, state=RunState.RUNNING, step=3, heldout_nll_adapter=2.5)
    assert (
        library.runs.get(RUN.id)
        == changed
        == dataclasses.replace(RUN, state=RunState.RUNNING, step=3, heldout_nll_adapter=2.5)
    )
    assert library.runs.in_state(RunState.RUNNING) == [changed]
    assert library.runs.in_state(RunState.QUEUED, RunState.PAUSED) == []
    assert library.runs.next_number(PERSONA.id) == 2
    assert library.runs.next_number("nobody") == 1


def test_a_field_that_a_run_does_not_have_is_refused(library: Library) -> None:
    fill(library)
    with pytest.raises(TypeError):
        library.runs.update(RUN.id, mood="good")
    with pytest.raises(StudioError, match="not_found"):
        library.runs.update("nobody", step=1)


def test_a_step_that_comes_again_replaces_its_point(library: Library) -> None:
    fill(library)
    again = MetricPoint(run_id=RUN.id, step=2, kind="train", loss=0.5, gradient_norm=math.inf)
    library.metrics.add_many([again, MetricPoint(run_id=RUN.id, step=2, kind="heldout", loss=math.nan)])
    points = library.metrics.points(RUN.id)
    assert [(point.step, point.kind) for point in points] == [(1, "train"), (2, "heldout"), (2, "train"), (3, "train")]
    assert points[2] == again
    assert math.isnan(points[1].loss)
    library.metrics.forget_after(RUN.id, 2)
    assert len(library.metrics.points(RUN.id)) == 3


def test_the_newest_adapter_of_each_persona(library: Library) -> None:
    fill(library)
    newer = dataclasses.replace(ADAPTER, id="adapter-0", name="Mira 2")
    library.adapters.add(newer)
    library.adapters.add(dataclasses.replace(ADAPTER, id="adapter-9", persona_id="", name="from elsewhere"))
    assert library.adapters.newest_of_each() == {PERSONA.id: newer}
    assert [adapter.id for adapter in library.adapters.all()] == ["adapter-9", "adapter-0", "adapter-1"]
    assert library.adapters.get("adapter-9").persona_id == ""


def test_a_chat_is_a_tree(library: Library) -> None:
    fill(library)
    chats = library.chats
    assert chats.thread("m4") == thread(MESSAGES, "m4")
    assert chats.thread("") == []
    assert [message.id for message in chats.siblings("m2")] == ["m2", "m3"]
    assert [message.id for message in chats.siblings("m1")] == ["m1"]
    assert [message.id for message in chats.children("m1")] == ["m2", "m3"]
    assert [chats.newest_leaf(id) for id in ("m1", "m2", "m3", "m4")] == ["m4", "m2", "m4", "m4"]


def test_the_chat_last_spoken_in_comes_first(library: Library) -> None:
    fill(library)
    library.chats.add(dataclasses.replace(CHAT, id="chat-2"))
    library.chats.add_message(dataclasses.replace(MESSAGES[0], id="n1", chat_id="chat-2"))
    assert [chat.id for chat in library.chats.all()] == ["chat-2", "chat-1"]
    library.chats.add_message(dataclasses.replace(MESSAGES[0], id="m5"))
    assert [chat.id for chat in library.chats.all()] == ["chat-1", "chat-2"]


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "ü", ["a", 1], {"b": None}])
def test_settings_keep_plain_values(library: Library, value: object) -> None:
    library.settings.set("one", "before")
    library.settings.set("one", value)
    assert library.settings.get("one", "default") == value
    assert library.settings.all() == {"one": value}
    library.settings.remove("one")
    assert library.settings.get("one", "default") == "default"


def test_a_transaction_is_all_or_nothing_also_when_nested(library: Library) -> None:
    def fail_inside() -> None:
        with library.transaction():
            library.settings.set("inner", 2)
            raise RuntimeError

    with library.transaction():
        library.settings.set("outer", 1)
        with pytest.raises(RuntimeError):
            fail_inside()
    assert library.settings.all() == {"outer": 1}
    with pytest.raises(RuntimeError):
        fail_inside()
    assert library.settings.all() == {"outer": 1}
