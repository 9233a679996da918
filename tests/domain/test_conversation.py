"""Conversations, their split and the chat tree."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.chat import ChatMessage, thread
from studio.domain.conversation import Conversation, Role, Turn, content_hash, opening_key
from studio.domain.dataset import is_held_out, split
from studio.domain.errors import StudioError
from studio.domain.ids import new_id


def _talk(*texts: str) -> Conversation:
    roles = (Role.USER, Role.PERSONA)
    return Conversation(turns=tuple(Turn(role=roles[n % 2], text=text) for n, text in enumerate(texts)))


def test_the_content_is_roles_and_words_only() -> None:
    talk = _talk("Hello?", "Well met.")
    same = replace(talk, title="t", source="f", tags=("x",))
    assert content_hash(same) == content_hash(talk)
    assert content_hash(_talk("Hello?", "Well met!")) != content_hash(talk)
    turned = talk.with_turn(0, Turn(role=Role.SYSTEM, text="Hello?"))
    assert content_hash(turned) != content_hash(talk)
    assert talk.turns[0].role is Role.USER
    assert [turn.text for turn in talk.persona_turns] == ["Well met."]


def test_near_duplicates_share_an_opening() -> None:
    one, other = _talk("Hello,  THERE!", "*Well* met.", "Bye."), _talk("hello there", "well met…", "And now?")
    assert opening_key(one) == opening_key(other)
    assert opening_key(_talk("hello there", "ill met")) != opening_key(one)
    with_system = Conversation(turns=(Turn(role=Role.SYSTEM, text="Be."), *one.turns))
    assert opening_key(with_system) == opening_key(one)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=30), st.floats(0, 0.5))
def test_the_split_is_by_content_alone(pairs: list[tuple[str, str]], fraction: float) -> None:
    talks = [_talk(*pair) for pair in pairs]
    train, heldout = split(talks, fraction)
    assert sorted(map(content_hash, [*train, *heldout])) == sorted(map(content_hash, talks))
    again = split(talks[::-1], fraction)
    assert [talk in again[1] for talk in talks] == [talk in heldout for talk in talks]
    assert all(is_held_out(talk, min(1.0, fraction + 0.3)) for talk in heldout)


def test_the_split_keeps_to_its_share() -> None:
    talks = [_talk(f"Question {number}?", "Answer.") for number in range(2000)]
    assert split(talks, 0.0)[1] == []
    assert 150 < len(split(talks, 0.1)[1]) < 250


def test_a_thread_is_its_tip() -> None:
    parents = {"a": "", "b": "a", "c": "b", "c2": "b"}
    messages = [
        ChatMessage(id=one, chat_id="chat", parent_id=parent, role=Role.USER, text=one)
        for one, parent in parents.items()
    ]
    assert [one.id for one in thread(messages, "c2")] == ["a", "b", "c2"]
    assert thread(messages, "") == []
    with pytest.raises(KeyError):
        thread(messages, "gone")


def test_errors_say_their_code_and_details() -> None:
    error = StudioError("file_missing", path="there")
    assert str(error) == "file_missing(path='there')"
    assert error.details == {"path": "there"}


def test_ids_are_fresh_and_safe_as_names() -> None:
    ids = {new_id("run") for _ in range(200)}
    assert len(ids) == 200
    assert all(one.startswith("run-") and one.replace("-", "").isalnum() for one in ids)
