"""The data bench: edits and acts, each undone by its journal; slices that let others in between."""

import time
from collections.abc import Callable

import pytest

from studio.domain.changes import Change, Kind
from studio.domain.conversation import DOUBTFUL, Role, Turn
from studio.domain.data_filter import Filter
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services import sliced
from studio.services.job import JobState
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import conversation


def everything(studio: Studio, persona: Persona) -> list[tuple[str, object]]:
    return [(one.id, one.conversation) for one in studio.data.conversations(persona.id, limit=1000)]


TURN_EDITS: dict[str, Callable[[Studio, str], object]] = {
    "edit": lambda studio, id: studio.data.edit_turn(id, 1, text="New.", speaker="Bo", role=Role.USER, train=False),
    "swap": lambda studio, id: studio.data.edit_turn(id, 1, alternative=0),
    "insert": lambda studio, id: studio.data.insert_turn(id, 0, Turn(role=Role.USER, text="First.")),
    "delete": lambda studio, id: studio.data.delete_turns(id, [0, 2]),
    "duplicate": lambda studio, id: studio.data.duplicate_turn(id, 3),
    "move": lambda studio, id: studio.data.move_turn(id, 0, 3),
    "split": lambda studio, id: studio.data.split_turn(id, 0, 9),
    "merge": lambda studio, id: studio.data.merge_turns(id, 0, 2),
    "drop": lambda studio, id: studio.data.drop_alternative(id, 1, 0),
    "rename": lambda studio, id: studio.data.rename_conversation(id, "  Other   title "),
}
ACTS: dict[str, Callable[[Studio, list[str]], object]] = {
    "split": lambda studio, ids: studio.data.split_conversation(ids[3], 2),
    "merge": lambda studio, ids: studio.data.merge_conversations([ids[5], ids[2], ids[9]]),
    "duplicate": lambda studio, ids: studio.data.duplicate_conversations(ids[4:7]),
    "delete": lambda studio, ids: studio.data.delete_conversations(ids[::2]),
    "move": lambda studio, ids: studio.data.move_conversations([ids[7], ids[1]], ids[0]),
    "move to the end": lambda studio, ids: studio.data.move_conversations([ids[7], ids[1]], ""),
    "tag": lambda studio, ids: studio.data.retag(ids[:20], ["new"], ["old"]),
    "train": lambda studio, ids: studio.data.set_train(ids, False),
}


@pytest.mark.parametrize("name", TURN_EDITS)
def test_every_edit_returns_what_is_then_and_can_be_undone(studio: Studio, persona: Persona, name: str) -> None:
    before = everything(studio, persona)
    id = before[6][0]
    after = TURN_EDITS[name](studio, id)
    assert studio.data.get(id) == after and everything(studio, persona) != before
    [act] = studio.data.history(persona.id, 1)
    assert act.label and act.conversations == 1
    studio.data.undo(act.token)
    assert everything(studio, persona) == before
    assert studio.data.redo_last(persona.id).token == act.token
    assert studio.data.get(id).conversation == after.conversation  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ACTS)
def test_every_act_can_be_undone_and_done_again(studio: Studio, persona: Persona, name: str) -> None:
    before = everything(studio, persona)
    act = ACTS[name](studio, [id for id, _ in before])
    after = everything(studio, persona)
    assert after != before
    assert studio.data.undo_last(persona.id).token == act.token  # type: ignore[attr-defined]
    assert everything(studio, persona) == before
    studio.data.redo_last(persona.id)
    assert everything(studio, persona) == after


def test_what_acts_do(studio: Studio, persona: Persona) -> None:
    ids = studio.data.ids(persona.id)
    studio.data.split_conversation(ids[0], 2)
    halves = studio.data.conversations(persona.id, limit=2)
    assert [len(one.conversation.turns) for one in halves] == [2, 2] and halves[0].id == ids[0]
    studio.data.merge_conversations([ids[0], halves[1].id])
    assert studio.data.get(ids[0]).conversation.turns == conversation(0, "Oswin").turns
    studio.data.move_conversations([ids[5], ids[4]], ids[2])
    assert studio.data.ids(persona.id)[:6] == [ids[0], ids[1], ids[5], ids[4], ids[2], ids[3]]
    studio.data.duplicate_conversations([ids[1]])
    assert studio.data.conversations(persona.id)[2].conversation == studio.data.get(ids[1]).conversation
    studio.data.retag([ids[7]], ["  two   words "])
    assert studio.data.ids(persona.id, Filter(tag="two words")) == [ids[7]]
    added = studio.data.add_conversations(persona.id, [conversation(99), conversation(3, "Oswin")], "Two more")
    assert (added.conversations, added.label) == (1, "Two more")


def test_a_guess_is_confirmed(studio: Studio, persona: Persona) -> None:
    id = studio.data.ids(persona.id)[0]
    studio.data.insert_turn(id, 0, Turn(role=Role.USER, text="Hm?", marks=(DOUBTFUL,)))
    assert studio.data.ids(persona.id, Filter(mark=DOUBTFUL)) == [id]
    studio.data.confirm_turn(id, 0)
    assert studio.data.ids(persona.id, Filter(mark=DOUBTFUL)) == []


def test_an_edit_that_changes_nothing_is_no_act(studio: Studio, persona: Persona) -> None:
    one = studio.data.conversations(persona.id, limit=1)[0]
    acts = len(studio.data.history(persona.id))
    assert studio.data.edit_turn(one.id, 0, text=one.conversation.turns[0].text) == one
    assert len(studio.data.history(persona.id)) == acts


def test_each_act_is_told_once_with_who_did_it(studio: Studio, persona: Persona) -> None:
    ids = studio.data.ids(persona.id)
    heard: list[Change] = []
    studio.changes.subscribe(heard.append)
    me = object()
    studio.data.delete_conversations(ids[:3], initiator=me)
    assert len(heard) == 1 and heard[0].initiator is me
    assert heard[0].ids == set(ids[:3]) and heard[0].kinds == {Kind.CONVERSATION}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda data, ids: data.delete_conversations([*ids, "talk-nobody"]), "not_found"),
        (lambda data, ids: data.merge_conversations(ids[:1]), "merge_needs_two"),
        (lambda data, ids: data.move_conversations(ids[:2], ids[1]), "move_onto_itself"),
        (lambda data, ids: data.split_conversation(ids[0], 0), "split_empty"),
        (lambda data, ids: data.edit_turn(ids[0], 9, text="?"), "not_found"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    studio: Studio, persona: Persona, act: Callable[[object, list[str]], object], code: str
) -> None:
    before, acts = everything(studio, persona), studio.data.history(persona.id)
    with pytest.raises(StudioError, match=code):
        act(studio.data, [id for id, _ in before])
    assert everything(studio, persona) == before and studio.data.history(persona.id) == acts


def test_long_acts_come_in_slices_and_can_be_given_up(studio: Studio, persona: Persona, app: AppThread) -> None:
    before = everything(studio, persona)
    ids = [id for id, _ in before]
    job = studio.data.set_train_job(ids, False)
    app.until(lambda: job.ended)
    assert job.result is not None and job.result.conversations == 40
    back = studio.data.undo_job(job.result.token)
    app.until(lambda: back.ended)
    assert back.state is JobState.DONE and everything(studio, persona) == before
    acts = studio.data.history(persona.id)
    given_up = studio.data.retag_job(ids, ["x"])
    given_up.on_progress(lambda progress: given_up.cancel() if progress.done else None)
    app.until(lambda: given_up.ended)
    assert given_up.state is JobState.CANCELLED
    assert everything(studio, persona) == before and studio.data.history(persona.id) == acts


def test_slices_leave_the_thread_free_between_them(app: AppThread) -> None:
    turns: list[str] = []

    def steps() -> sliced.Steps[str]:
        for _ in range(6):
            turns.append("work")
            time.sleep(sliced.SLICE_SECONDS)
            yield None
        return "done"

    job = sliced.run_sliced(app.deliver, "working", steps())
    while not job.ended:
        app.run_for(0.001)
        turns.append("free")
    assert job.result == "done"
    assert all("free" in turns[at + 1 : at + 3] for at, what in enumerate(turns[:-1]) if what == "work")


def test_a_bug_in_a_slice_ends_the_job(app: AppThread) -> None:
    def steps() -> sliced.Steps[None]:
        yield None
        raise ZeroDivisionError

    job = sliced.run_sliced(app.deliver, "working", steps())
    app.until(lambda: job.ended)
    assert job.state is JobState.FAILED and job.error is not None and job.error.code == "bug"
