"""Edits of turns: what is kept, what goes, and what is refused."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain import turn_edits
from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role, Turn, content_hash
from studio.domain.errors import StudioError

TALK = Conversation(
    turns=(
        Turn(role=Role.USER, text="Who goes there?", speaker="Guard"),
        Turn(role=Role.PERSONA, text="Me. And the wind.", speaker="Mira", alternatives=("Nobody.",), marks=(DOUBTFUL,)),
        Turn(role=Role.PERSONA, text="Truly.", train=False, marks=(GENERATED,)),
    ),
    title="Gate",
    tags=("night",),
)


def texts(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.turns]


def test_an_edit_settles_a_guess_and_keeps_what_was_generated() -> None:
    assert turn_edits.edited(TALK, 1, {"text": "I."}).turns[1].marks == ()
    assert turn_edits.edited(TALK, 1, {"train": False}).turns[1].marks == (DOUBTFUL,)
    assert turn_edits.edited(TALK, 2, {"role": Role.USER}).turns[2].marks == (GENERATED,)
    assert turn_edits.settled(TALK.turns[1]).marks == ()


def test_alternatives() -> None:
    swapped = turn_edits.edited(TALK, 1, {}, 0).turns[1]
    assert (swapped.text, swapped.alternatives) == ("Nobody.", ("Me. And the wind.",))
    assert turn_edits.without_alternative(TALK, 1, 0).turns[1].alternatives == ()
    with pytest.raises(StudioError, match="not_found"):
        turn_edits.without_alternative(TALK, 1, 1)


def test_places_change() -> None:
    assert texts(turn_edits.moved(TALK, 2, 0)) == ["Truly.", "Who goes there?", "Me. And the wind."]
    assert texts(turn_edits.without(TALK, [0, 2])) == ["Me. And the wind."]
    assert texts(turn_edits.inserted(TALK, 9, TALK.turns[0])) == [*texts(TALK), "Who goes there?"]
    for act in (lambda: turn_edits.moved(TALK, 0, 3), lambda: turn_edits.without(TALK, [5])):
        with pytest.raises(StudioError, match="not_found"):
            act()


def test_splitting_and_merging() -> None:
    parts = turn_edits.split(TALK, 1, 3)
    assert texts(parts) == ["Who goes there?", "Me.", "And the wind.", "Truly."]
    assert {turn.speaker for turn in parts.turns[1:3]} == {"Mira"} and parts.turns[1].alternatives == ()
    whole = turn_edits.merged(TALK, 1, 2).turns[1]
    assert (whole.text, whole.train, whole.marks) == ("Me. And the wind.\n\nTruly.", False, (DOUBTFUL, GENERATED))
    with pytest.raises(StudioError, match="split_empty"):
        turn_edits.split(TALK, 1, 0)
    with pytest.raises(StudioError, match="merge_needs_two"):
        turn_edits.merged(TALK, 1, 1)


def test_nothing_to_do_is_the_same_conversation() -> None:
    assert turn_edits.retagged(TALK, ["night"], ["day"]) is TALK
    assert turn_edits.retagged(TALK, ["day"], ["night"]).tags == ("day",)
    assert turn_edits.trained(turn_edits.trained(TALK, True), True).turns[2].train
    switched = turn_edits.trained(TALK, False)
    assert [turn.train for turn in switched.turns] == [True, False, False]
    assert turn_edits.trained(switched, False) is switched


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_the_hash_of_words_is_what_it_always_was(said: list[str]) -> None:
    roles = (Role.USER, Role.PERSONA, Role.SYSTEM)
    talk = Conversation(turns=tuple(Turn(role=roles[at % 3], text=text) for at, text in enumerate(said)))
    spoken = [(turn.role.value, turn.text) for turn in talk.turns]
    assert content_hash(talk) == sha256(json.dumps(spoken, ensure_ascii=False).encode()).hexdigest()
