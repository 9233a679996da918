"""DRY against its own definition, read token by token: how far the row's end stood there before."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from studio.engine.chat.dry import Dry
from studio.engine.chat.sampling import Drawer
from studio.protocol.commands import Message, Reply, Row, Sampling
from studio.protocol.events import RowFinished
from tests.bases import tiny_tokenizer
from tests.engine.rig import Office

TOKENIZER = tiny_tokenizer()
SIZE = len(TOKENIZER)
CPU = torch.device("cpu")
MARKS = {number for number, one in TOKENIZER.added_tokens_decoder.items() if one.special}


def _sampling(multiplier: float = 0.8, **more: float) -> Sampling:
    return Sampling(**{"temperature": 0.0, "repetition_penalty": 1.0, "dry_multiplier": multiplier} | more)


def _breaks(token: int) -> bool:
    return token in MARKS or any(one in TOKENIZER.decode([token]) for one in '\n"*:“”')


def _expected(ids: Sequence[int], how: Sampling) -> torch.Tensor:
    """The definition: for each earlier place, how long the end of the row and what stands before the place agree."""
    penalty = torch.zeros(SIZE)
    for place in range(1, len(ids)):
        length = 0
        while length < place and ids[place - 1 - length] == ids[-1 - length] and not _breaks(ids[-1 - length]):
            length += 1
        if length >= how.dry_allowed_length and ids[place] not in MARKS:
            amount = how.dry_multiplier * how.dry_base ** (length - how.dry_allowed_length)
            penalty[ids[place]] = max(float(penalty[ids[place]]), amount)
    return penalty


def _row(chance: random.Random, length: int) -> list[int]:
    """Few different tokens, so that much repeats; some break a match, some are marks."""
    words = TOKENIZER.encode("the ferry", add_special_tokens=False)[:3]
    others = TOKENIZER.encode('\n"', add_special_tokens=False) + sorted(MARKS)[:2]
    return [chance.choice(words * 6 + others) for _ in range(length)]


@pytest.mark.parametrize("seed", range(6))
def test_penalties_are_those_of_the_definition(seed: int) -> None:
    """Rows of unequal length, from the prompts on and after every token; one leaves on the way, one has none."""
    chance = random.Random(seed)
    rows = [_row(chance, length) for length in (40, 7, 1, 25)]
    settings = [
        _sampling(), _sampling(1.3, dry_base=1.2, dry_allowed_length=4), _sampling(dry_allowed_length=1), _sampling(0.0)
    ]  # fmt: skip
    dry = Dry(settings, TOKENIZER, SIZE, CPU)
    dry.note(rows)
    found_any = False
    for step in range(60):
        lowered = -dry.lower(torch.zeros(len(rows), SIZE))
        for row, ids, how in zip(lowered, rows, settings, strict=True):
            expected = _expected(ids, how)
            torch.testing.assert_close(row, expected, rtol=1e-5, atol=1e-6)
            found_any |= bool(expected.any())
        drawn = _row(chance, len(rows))
        rows = [[*ids, token] for ids, token in zip(rows, drawn, strict=True)]
        dry.add(torch.tensor(drawn).unsqueeze(1))
        if step == 20:
            dry.keep_rows(torch.tensor([0, 2, 3]))
            rows, settings = [rows[0], *rows[2:]], [settings[0], *settings[2:]]
    assert found_any


def test_the_longest_match_is_still_a_number() -> None:
    (token,) = TOKENIZER.encode("a", add_special_tokens=False)
    drawer = Drawer([_sampling(5.0, dry_base=8.0), _sampling(0.0)], [0, 0], SIZE, CPU, TOKENIZER)
    drawer.note([[token] * 300, [token] * 300])
    logits = torch.zeros(2, SIZE)
    logits[:, token] = 1000.0
    forbidden, free = drawer.draw(logits).tolist()
    assert free == token
    assert forbidden != token


@pytest.fixture
def office(tiny_base: Path) -> Office:
    return Office(tiny_base)


def _longest_repeat(text: str) -> int:
    """Length of the longest piece that stands twice in the text."""
    sizes = range(1, len(text))
    return max(
        (size for size in sizes if any(text[at : at + size] in text[at + 1 :] for at in range(len(text) - size))),
        default=0,
    )


def test_a_loop_is_broken_and_a_row_beside_it_is_not_touched(office: Office) -> None:
    """The tiny base, drawn greedily, falls into a loop at once."""
    rows = [
        Row(
            messages=[Message(role="user", text="Who goes there?")],
            sampling=_sampling(multiplier, max_tokens=60),
        )
        for multiplier in (0.0, 3.0, 0.0)
    ]
    office.do(Reply(job="both", rows=rows), Reply(job="dry", rows=rows[1:2]), Reply(job="plain", rows=rows[:1]))
    said = {(one.job, one.row): one.text for one in office.heard.of(RowFinished)}
    assert said["both", 0] == said["both", 2] == said["plain", 0]
    assert said["both", 1] == said["dry", 0]
    assert _longest_repeat(said["both", 0]) > 2 * _longest_repeat(said["both", 1])
