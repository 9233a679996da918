"""Filters, facets and figures: what a persona's conversations are told apart by."""

import pytest

from studio.domain.conversation import DOUBTFUL, Conversation, Role, Turn
from studio.domain.data_filter import Filter
from studio.domain.dataset import is_held_out
from studio.library.library import Library
from tests.library.examples import PERSONA, said


def talk(number: int) -> Conversation:
    """Conversations that differ in everything a filter asks for."""
    return Conversation(
        turns=tuple(
            Turn(
                role=(Role.USER, Role.PERSONA)[at % 2],
                text=f"{'word ' * number}talk {number} turn {at}{'!?…'[number % 3]}",
                speaker=("Ann", "Bo", "Cy")[(number + at) % 3],
                marks=(DOUBTFUL,) if number % 5 == 0 and at == 1 else (),
            )
            for at in range(2 + number % 4)
        ),
        source=f"log{number % 2}.txt",
        tags=("night",) if number % 3 == 0 else (),
    )


@pytest.fixture
def stocked(library: Library) -> Library:
    library.personas.add(PERSONA)
    library.conversations.add_many(PERSONA.id, [talk(number) for number in range(30)])
    return library


def words(conversation: Conversation) -> int:
    return sum(len(turn.text.split()) for turn in conversation.turns)


CASES = [
    (Filter(), lambda one: True),
    (Filter(text="talk 7"), lambda one: any("talk 7" in turn.text for turn in one.turns)),
    (Filter(text="…"), lambda one: any("…" in turn.text for turn in one.turns)),
    (Filter(speaker="Cy"), lambda one: any(turn.speaker == "Cy" for turn in one.turns)),
    (Filter(tag="night"), lambda one: "night" in one.tags),
    (Filter(tag="nobody"), lambda one: False),
    (Filter(source="log1.txt"), lambda one: one.source == "log1.txt"),
    (Filter(mark=DOUBTFUL), lambda one: any(turn.marks for turn in one.turns)),
    (Filter(side="heldout"), lambda one: is_held_out(one, 0.1)),
    (Filter(side="train"), lambda one: not is_held_out(one, 0.1)),
    (Filter(least_words=60, most_words=90), lambda one: 60 <= words(one) <= 90),
    (Filter(least_turns=3, most_turns=4), lambda one: 3 <= len(one.turns) <= 4),
    (
        Filter(tag="night", source="log0.txt", text="!"),
        lambda one: one.tags and one.source == "log0.txt" and "!" in one.turns[0].text,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("where", "meant"), CASES, ids=lambda value: str(value) if isinstance(value, Filter) else "")
def test_a_filter_lets_through_what_it_says(stocked: Library, where: Filter, meant: object) -> None:
    everything = list(stocked.conversations.each(PERSONA.id))
    wanted = [one.id for one in everything if meant(one.conversation)]  # type: ignore[operator]
    assert stocked.conversations.ids(PERSONA.id, where) == wanted
    assert [one.id for one in stocked.conversations.page(PERSONA.id, where)] == wanted
    assert stocked.conversations.count(PERSONA.id, where) == len(wanted)
    assert [stocked.conversations.row_of(PERSONA.id, where, id) for id in wanted] == list(range(len(wanted)))
    others = [one.id for one in everything if one.id not in wanted]
    assert {stocked.conversations.row_of(PERSONA.id, where, id) for id in others} <= {-1}


@pytest.mark.parametrize("order", ["longest", "shortest", "newest"])
def test_orders(stocked: Library, order: str) -> None:
    where = Filter(order=order, source="log0.txt")
    page = stocked.conversations.page(PERSONA.id, where)
    lengths = [words(one.conversation) for one in page]
    sorted_by = {"longest": sorted(lengths, reverse=True), "shortest": sorted(lengths)}
    added = [one.id for one in stocked.conversations.each(PERSONA.id) if one.conversation.source == "log0.txt"]
    if order == "newest":
        assert [one.id for one in page] == added[::-1]
    else:
        assert lengths == sorted_by[order]
    assert [stocked.conversations.row_of(PERSONA.id, where, one.id) for one in page] == list(range(len(page)))
    pages = [stocked.conversations.page(PERSONA.id, where, at, 4) for at in range(0, len(page), 4)]
    assert [one.id for part in pages for one in part] == [one.id for one in page]


def test_facets_count_conversations_and_follow_edits(stocked: Library) -> None:
    found = stocked.facets.all(PERSONA.id)
    assert dict(found.tags) == {"night": 10}
    assert dict(found.sources) == {"log0.txt": 15, "log1.txt": 15}
    assert dict(found.marks) == {DOUBTFUL: 6}
    every = list(stocked.conversations.each(PERSONA.id))
    for name, count in found.speakers:
        assert count == sum(any(turn.speaker == name for turn in one.conversation.turns) for one in every)
    assert found.longest_words == max(words(one.conversation) for one in every)
    assert found.most_turns == 5
    first = every[0]
    stocked.conversations.update(first.id, said("nothing", "left", tags=("day",)))
    after = stocked.facets.all(PERSONA.id)
    assert dict(after.tags) == {"night": 9, "day": 1}
    assert dict(after.sources) == {"log0.txt": 14, "log1.txt": 15}
    stocked.conversations.set_removed([one.id for one in every if "night" in one.conversation.tags][2:], True)
    assert dict(stocked.facets.all(PERSONA.id).tags) == {"night": 1, "day": 1}


def test_what_was_removed_is_nowhere(stocked: Library) -> None:
    ids = stocked.conversations.ids(PERSONA.id)
    stamp = stocked.conversations.stamp(PERSONA.id)
    stocked.conversations.set_removed(ids[:10], True)
    assert stocked.conversations.ids(PERSONA.id) == ids[10:]
    assert stocked.conversations.get(ids[0]) is None and stocked.conversations.many(ids[:11])[0].id == ids[10]
    assert stocked.conversations.count(PERSONA.id, "talk") == 20
    assert stocked.conversations.turn_counts()[PERSONA.id].conversations == 20
    assert stocked.conversations.figures(PERSONA.id, 0.1).conversations == 20
    assert stocked.conversations.stamp(PERSONA.id) != stamp
    assert len(stocked.conversations.add_many(PERSONA.id, [talk(0)])[0]) == 1, "what is gone may come in again"
    stocked.conversations.set_removed(ids, True)
    stocked.conversations.set_removed(stocked.conversations.ids(PERSONA.id), True)
    assert stocked.conversations.search_personas("talk") == stocked.conversations.search_personas("!") == set()


def test_figures_are_those_of_the_texts(stocked: Library) -> None:
    every = [one.conversation for one in stocked.conversations.each(PERSONA.id)]
    found = stocked.conversations.figures(PERSONA.id, 0.3)
    assert found.words == sum(map(words, every))
    assert found.heldout == sum(is_held_out(one, 0.3) for one in every)
    assert found.lengths == [len(turn.text.split()) for one in every for turn in one.persona_turns]
    assert (found.turns, found.persona_turns) == (sum(len(one.turns) for one in every), len(found.lengths))


def test_the_stamp_is_the_same_again_when_an_edit_is_undone(stocked: Library) -> None:
    before = stocked.conversations.stamp(PERSONA.id)
    id = stocked.conversations.ids(PERSONA.id)[4]
    stocked.conversations.update(id, said("other", "words"))
    assert stocked.conversations.stamp(PERSONA.id) != before
    stocked.conversations.restore(id, 1)
    assert stocked.conversations.stamp(PERSONA.id) == before


@pytest.mark.parametrize(
    ("text", "count"), [("!", 1), ("!!", 1), ("?!!", 0), ("!!! ?", 1), ("…", 0), ("!?!?", 0), ("!!!!", 1), ("_", 1)]
)
def test_punctuation_is_found_without_reading_every_text(library: Library, text: str, count: int) -> None:
    """Of more than three in a row all threes are looked for, so four are found where three are."""
    library.personas.add(PERSONA)
    library.conversations.add_many(PERSONA.id, [said("What?", "No!!! snake_case"), said("Café", "Ja")])
    assert library.conversations.count(PERSONA.id, text) == count
    plan = library._database.rows(
        "EXPLAIN QUERY PLAN SELECT rowid FROM sign_search WHERE sign_search MATCH ?", ['"21"']
    )
    assert "VIRTUAL TABLE" in plan[0]["detail"]


def test_chosen_conversations_can_be_narrowed_down_further(stocked: Library) -> None:
    persona = stocked.personas.all()[0].id
    everything = [one.id for one in stocked.conversations.each(persona)]
    chosen = tuple(everything[1:4])
    assert [one.id for one in stocked.conversations.each(persona, where=Filter(ids=chosen))] == list(chosen)
    assert stocked.conversations.count(persona, Filter(ids=chosen)) == 3
    assert stocked.conversations.count(persona, Filter(ids=chosen, least_words=10_000)) == 0
    assert stocked.conversations.count(persona, Filter(ids=("talk-nobody",))) == 0
