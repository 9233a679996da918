"""A long conversation: the oldest turns leave at their borders, what is pinned and the last turn stay."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.fitting import Fitted, fitted
from studio.engine.chat.openings import LEAST_ROOM, opening_of
from studio.protocol.commands import Message, Reply, Row, Sampling
from studio.protocol.events import RowFinished
from tests.engine.rig import Office


def _talk(turns: int, size: int = 30) -> list[Message]:
    said = [Message(role="system", text="S" * size)]
    for number in range(turns):
        said += [Message(role="user", text=f"u{number:03}" * (size // 4))]
        said += [Message(role="assistant", text=f"a{number:03}" * (size // 4))]
    return [*said, Message(role="user", text="last")]


def _letters(messages: list[Message]) -> list[int]:
    """A token a letter, and two for each message."""
    return [0] * sum(len(one.text) + 2 for one in messages)


def _fit(messages: list[Message], pinned: int, context: int, reserve: int = 20) -> tuple[Fitted, list[Message]]:
    kept: list[list[Message]] = []

    def ids_of(those: list[Message]) -> list[int]:
        kept.append(those)
        return _letters(those)

    found = fitted(messages, pinned, context, reserve, ids_of)
    return found, next(one for one in kept if len(_letters(one)) == len(found.ids))


def test_what_fits_stays() -> None:
    messages = _talk(5)
    found, kept = _fit(messages, 1, 1000)
    assert (found.left_out, kept) == (0, messages)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_conversation(seed: int) -> None:
    """Pinned ones and the system's stay, what leaves is a whole beginning, and never much more than must."""
    chance = random.Random(seed)
    messages = [Message(role="system", text="s" * chance.randrange(50))]
    for _ in range(chance.randrange(1, 60)):
        roles = chance.choice([["user", "assistant"], ["user"], ["user", "assistant", "assistant"], ["system"]])
        messages += [Message(role=role, text=role[0] * chance.randrange(1, 80)) for role in roles]
    messages.append(Message(role="user", text="last"))
    pinned, context = chance.randrange(4), chance.randrange(200, 1500)
    found, kept = _fit(messages, pinned, context)
    leaving = [one for place, one in enumerate(messages) if place >= pinned and one.role != "system"]
    gone, staying = leaving[: found.left_out], leaving[found.left_out :]
    assert kept == [one for one in messages if not any(one is other for other in gone)]
    assert not gone or staying[0].role == "user"
    assert messages[-1] in kept
    border = next((place for place in range(1, len(staying)) if staying[place].role == "user"), 0)
    if len(found.ids) > context - 20:
        assert border == 0, "another turn could have left"
    if gone:
        assert len(found.ids) > context - 20 or len(found.ids) + context * 4 // 8 + 240 > context - 20
        assert len(_letters(messages)) > context - 20


def test_the_same_turns_stay_away_for_some_questions() -> None:
    """A conversation that lost another turn with each question would begin otherwise each time."""
    counts = [_fit(_talk(turns, 24), 1, 1200)[0].left_out for turns in range(10, 60)]
    assert counts == sorted(counts)
    assert counts[-1] > 40
    changes = sum(one != other for one, other in zip(counts, counts[1:], strict=False))
    assert changes <= len(counts) // 4


def test_few_prompts_are_made_of_a_very_long_conversation() -> None:
    asked: list[int] = []

    def ids_of(messages: list[Message]) -> list[int]:
        asked.append(sum(len(one.text) for one in messages))
        return [0] * (asked[-1] // 4)

    found = fitted(_talk(2000, 400), 1, 8192, 200, ids_of)
    assert found.left_out > 3000
    assert len(asked) <= 4
    assert max(asked) < 2 * 8192 * 4


@pytest.fixture
def base(tiny: Callable[..., LoadedBase]) -> Any:
    return tiny()


def _row(messages: list[Message], max_tokens: int = 40, **more: Any) -> Row:
    return Row(messages=messages, sampling=Sampling(temperature=0.0, max_tokens=max_tokens), **more)


def test_a_prompt_is_cut_to_the_bases_context(base: LoadedBase) -> None:
    said = _talk(40)
    opening = opening_of(_row(said), base)
    text = base.tokenizer.decode(opening.ids)
    assert base.context_length // 2 < len(opening.ids) <= base.context_length - 40
    assert 0 < opening.left_out < 80
    assert opening.left_out % 2 == 0
    assert text == base.template.render([said[0], *said[1 + opening.left_out :]], prompt=True)
    pinned = opening_of(_row(said, pinned=3), base)
    assert "u000" in base.tokenizer.decode(pinned.ids)
    assert "u001" not in base.tokenizer.decode(pinned.ids)


def test_only_what_cannot_leave_is_refused(base: LoadedBase) -> None:
    for row in (_row(_talk(1, 700)), _row(_talk(20), pinned=30)):
        with pytest.raises(StudioError) as trouble:
            opening_of(row, base)
        assert trouble.value.code == "prompt_too_long"
        assert trouble.value.details["limit"] == base.context_length
    assert opening_of(_row(_talk(20), pinned=9), base).left_out > 0


def test_a_reply_longer_than_the_context_gets_what_is_left(base: LoadedBase) -> None:
    """Half of the context belongs to the conversation, however long a reply may be."""
    opening = opening_of(_row(_talk(2), max_tokens=100_000), base)
    assert opening.left_out == 0
    assert opening.limit == base.context_length - len(opening.ids)
    system = Message(role="system", text="s")
    for size in range(400, 520):
        row = structs.replace(_row([system, Message(role="user", text="é" * (size // 2))], max_tokens=300))
        try:
            opening = opening_of(row, base)
        except StudioError:
            break
        assert opening.limit >= LEAST_ROOM
    assert opening.limit < LEAST_ROOM + 4


def test_it_is_told_how_many_left(tiny_base: Path) -> None:
    office = Office(tiny_base)
    office.do(Reply(job="r", rows=[_row(_talk(40), 4), _row(_talk(1), 4)]))
    ends = {one.row: one for one in office.heard.of(RowFinished)}
    assert ends[0].left_out > 0 == ends[1].left_out
    assert ends[0].prompt_tokens + 4 <= office.desk._base.context_length  # type: ignore[union-attr]
