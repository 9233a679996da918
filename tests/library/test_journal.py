"""The journal: every act goes back and forth, also after a restart, and never over what came later."""

from pathlib import Path

import pytest

from studio.domain.errors import StudioError
from studio.library.conversation_facts import GAP
from studio.library.journal import Step
from studio.library.library import Library
from tests.library.examples import PERSONA, contents, integrity, said


@pytest.fixture
def ids(library: Library) -> list[str]:
    library.personas.add(PERSONA)
    return library.conversations.add_many(PERSONA.id, [said(f"question {n}", f"answer {n}") for n in range(8)])[0]


def change(library: Library, id: str, text: str, label: str = "Edited a turn") -> str:
    with library.transaction():
        token = library.journal.begin(PERSONA.id, label)
        before = library.conversations.get(id)
        after = library.conversations.update(id, said("question", text))
        library.journal.note(token, Step.CHANGED, [(id, before.revision, after.revision)])
    return token


def turn(library: Library, token: str, *, undo: bool) -> None:
    for _ in library.journal.turn(token, undo=undo):
        pass


def texts(library: Library) -> list[str]:
    return [one.conversation.turns[-1].text for one in library.conversations.each(PERSONA.id)]


def test_changes_go_back_and_forth_and_words_are_found_on_both_sides(library: Library, ids: list[str]) -> None:
    token = change(library, ids[2], "blue")
    assert library.conversations.count(PERSONA.id, "blue") == 1
    turn(library, token, undo=True)
    assert library.conversations.get(ids[2]).conversation == said("question 2", "answer 2")
    assert library.conversations.get(ids[2]).revision == 1
    assert library.conversations.count(PERSONA.id, "blue") == 0
    turn(library, token, undo=False)
    assert library.conversations.get(ids[2]).revision == 2 and library.conversations.count(PERSONA.id, "blue") == 1
    assert integrity(library) == "ok"


def test_the_last_act_is_undone_first_and_redone_last(library: Library, ids: list[str]) -> None:
    for word in ("one", "two", "three"):
        change(library, ids[0], word)
    for expected in ("two", "one", "answer 0"):
        turn(library, library.journal.last_done(PERSONA.id).token, undo=True)
        assert texts(library)[0] == expected
    assert library.journal.last_done(PERSONA.id) is None
    for expected in ("one", "two", "three"):
        turn(library, library.journal.next_redo(PERSONA.id).token, undo=False)
        assert texts(library)[0] == expected
    assert library.journal.next_redo(PERSONA.id) is None


def test_a_new_act_ends_what_could_be_done_again(library: Library, ids: list[str]) -> None:
    turn(library, change(library, ids[0], "one"), undo=True)
    change(library, ids[1], "two")
    assert library.journal.next_redo(PERSONA.id) is None


def test_an_act_that_another_built_upon_waits_for_it(library: Library, ids: list[str]) -> None:
    first, other = change(library, ids[0], "one"), change(library, ids[1], "two")
    later = change(library, ids[0], "three", "Merged turns")
    with pytest.raises(StudioError, match="act_overtaken") as caught:
        turn(library, first, undo=True)
    assert caught.value.details == {"label": "Merged turns"}
    turn(library, other, undo=True)
    turn(library, later, undo=True)
    turn(library, first, undo=True)
    assert texts(library)[:2] == ["answer 0", "answer 1"]
    with pytest.raises(StudioError, match="act_turned"):
        turn(library, first, undo=True)
    with pytest.raises(StudioError, match="act_gone"):
        turn(library, "act-nothing", undo=True)


def test_presence_and_places_go_back_too(library: Library, ids: list[str]) -> None:
    with library.transaction():
        token = library.journal.begin(PERSONA.id, "Several things")
        added = library.conversations.insert(PERSONA.id, [said("new", "words")])
        library.journal.note_all(token, Step.ADDED, added)
        library.conversations.set_removed(ids[:2], True)
        library.journal.note_all(token, Step.REMOVED, ids[:2])
        room = library.conversations.order.room_before(PERSONA.id, ids[3], 1)
        before = library.conversations.order.positions([ids[7]])[ids[7]]
        library.conversations.order.put([(ids[7], room[0])])
        library.journal.note(token, Step.MOVED, [(ids[7], before, room[0])])
    after = [ids[2], ids[7], *ids[3:7], *added]
    assert library.conversations.ids(PERSONA.id) == after
    assert library.journal.get(token).conversations == 4
    turn(library, token, undo=True)
    assert library.conversations.ids(PERSONA.id) == ids
    turn(library, token, undo=False)
    assert library.conversations.ids(PERSONA.id) == after


def test_acts_are_there_after_a_restart(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        library.personas.add(PERSONA)
        [id] = library.conversations.add_many(PERSONA.id, [said("question", "answer")])[0]
        change(library, id, "blue", "Edited a turn")
    with Library.open(tmp_path) as again:
        [act] = again.journal.history(PERSONA.id, 10)
        assert (act.label, act.conversations, act.undone) == ("Edited a turn", 1, False)
        turn(again, act.token, undo=True)
        assert texts(again) == ["answer"]
        assert again.journal.history(PERSONA.id, 10)[0].undone


def test_an_act_broken_off_half_way_comes_to_its_end(library: Library, ids: list[str]) -> None:
    with library.transaction():
        token = library.journal.begin(PERSONA.id, "All of them")
        for id in ids:
            after = library.conversations.update(id, said("all", f"the same {id}"))
            library.journal.note(token, Step.CHANGED, [(id, 1, after.revision)])
    steps = library.journal.turn(token, undo=True)
    next(steps)
    steps.close()
    turn(library, token, undo=True)
    assert texts(library) == [f"answer {n}" for n in range(8)]


def test_what_is_given_up_leaves_nothing_behind(library: Library, ids: list[str]) -> None:
    before = contents(library, without=("sqlite_sequence", "_sqlite_migrations", "facet_values"))
    with library.transaction():
        token = library.journal.begin(PERSONA.id, "Import")
        added = library.conversations.insert(PERSONA.id, [said(f"new {n}", "words", tags=("x",)) for n in range(25)])
        library.journal.note_all(token, Step.ADDED, added)
    for _ in library.journal.discard(token):
        pass
    assert contents(library, without=("sqlite_sequence", "_sqlite_migrations", "facet_values")) == before
    assert integrity(library) == "ok"


def test_there_is_always_room_between_neighbours_and_moves_can_still_be_undone(
    library: Library, ids: list[str]
) -> None:
    order = library.conversations.order
    token = library.journal.begin(PERSONA.id, "Moved")
    before = order.positions([ids[6]])[ids[6]]
    after = order.room_behind(PERSONA.id, ids[0], 1)[0]
    order.put([(ids[6], after)])
    library.journal.note(token, Step.MOVED, [(ids[6], before, after)])
    expected = [ids[0], ids[6], *ids[1:6], ids[7]]
    for number in range(70):  # each halves the room behind the first one: more than 2**32 can take
        room = order.room_behind(PERSONA.id, ids[0], 1)
        expected[1:1] = library.conversations.insert(PERSONA.id, [said(f"between {number}", "x")], positions=room)
        assert library.conversations.ids(PERSONA.id) == expected
    places = list(order.positions(expected).values())
    assert len(set(places)) == len(places) and max(places) > GAP
    turn(library, token, undo=True)
    expected.remove(ids[6])
    expected.insert(-1, ids[6])
    assert library.conversations.ids(PERSONA.id) == expected
    assert order.room_before(PERSONA.id, ids[0], 3) == sorted(order.room_before(PERSONA.id, ids[0], 3))
