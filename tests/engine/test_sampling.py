"""Drawing tokens: greedy is argmax, a seed is a promise, filters are those of transformers."""

from collections.abc import Sequence

import pytest
import torch
from transformers import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from studio.engine.chat import sampling
from studio.engine.chat.sampling import Drawer
from studio.engine.chat.text_stream import TextStream
from studio.protocol.commands import Sampling
from tests.bases import tiny_tokenizer

VOCABULARY = 3000
OPEN = {"temperature": 1.0, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0}


def _logits(rows: int, seed: int = 0, spread: float = 3.0) -> torch.Tensor:
    return torch.randn(rows, VOCABULARY, generator=torch.Generator().manual_seed(seed)) * spread


def _drawer(samplings: Sequence[Sampling], seeds: Sequence[int] = ()) -> Drawer:
    return Drawer(samplings, seeds or range(len(samplings)), VOCABULARY, torch.device("cpu"))


def _sampling(**how: float) -> Sampling:
    return Sampling(**(OPEN | how))  # type: ignore[arg-type]


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_greedy_is_argmax(temperature: float) -> None:
    logits = _logits(4)
    drawn = _drawer([_sampling(temperature=temperature)] * 4).draw(logits)
    assert torch.equal(drawn, logits.argmax(-1))


def _replies(samplings: list[Sampling], seeds: list[int], steps: int = 20) -> list[list[int]]:
    drawer = _drawer(samplings, seeds)
    return torch.stack([drawer.draw(_logits(1, step).expand(len(seeds), -1)) for step in range(steps)], 1).tolist()


def test_a_seed_repeats_alone_and_in_company() -> None:
    mild, wild = _sampling(temperature=0.8, top_p=0.9), _sampling(temperature=1.5)
    alone = _replies([mild], [7])[0]
    assert _replies([mild], [7])[0] == alone
    assert _replies([wild, mild, _sampling(temperature=0.0)], [3, 7, 9])[1] == alone
    assert _replies([mild], [8])[0] != alone


def test_rows_that_leave_do_not_disturb_the_others() -> None:
    mild = _sampling(temperature=0.8)
    drawer = _drawer([mild] * 3, [1, 2, 3])
    expected = _replies([mild], [3], 6)[0]
    drawn = [int(drawer.draw(_logits(1, step).expand(3, -1))[2]) for step in range(3)]
    drawer.keep_rows(torch.tensor([2]))
    drawn += [int(drawer.draw(_logits(1, step))[0]) for step in range(3, 6)]
    assert drawn == expected


def _expected(logits: torch.Tensor, how: Sampling, seen: list[int]) -> torch.Tensor:
    """The reference: transformers' own chain, in its order, as probabilities."""
    scores = RepetitionPenaltyLogitsProcessor(how.repetition_penalty)(torch.tensor([seen]), logits.clone())
    ids = torch.tensor([seen])
    scores = TemperatureLogitsWarper(how.temperature)(ids, scores)
    if how.top_k:
        scores = TopKLogitsWarper(how.top_k)(ids, scores)
    if how.top_p < 1:
        scores = TopPLogitsWarper(how.top_p)(ids, scores)
    if how.min_p:
        scores = MinPLogitsWarper(how.min_p)(ids, scores)
    return torch.softmax(scores, -1)[0]


CASES = [
    {"top_k": 5},
    {"top_k": 1},
    {"top_p": 0.7},
    {"min_p": 0.1},
    {"temperature": 0.6, "top_k": 40, "top_p": 0.8},
    {"temperature": 2.5, "top_k": 7, "top_p": 0.5, "min_p": 0.2},
    {"temperature": 1.3, "top_k": 2000, "top_p": 0.6},
    {"temperature": 4.0, "top_p": 0.99},
    {"temperature": 1.0, "repetition_penalty": 1.7, "top_p": 0.9},
]


@pytest.mark.parametrize("how", CASES, ids=str)
@pytest.mark.parametrize("shortlists", [(16,), (16, 1024), (VOCABULARY,)])
def test_filters_are_those_of_transformers(
    how: dict[str, float], shortlists: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every point of chance between 0 and 1 is looked up, so that whole distributions are compared."""
    monkeypatch.setattr(sampling, "SHORTLISTS", shortlists)
    logits, seen, settings = _logits(1, 5), list(range(0, VOCABULARY, 3)), _sampling(**how)
    expected = _expected(logits, settings, seen)
    points = [(number + 0.5) / 400 for number in range(400)]
    drawer = _drawer([settings])
    found = []
    for point in points:
        drawer.note([seen])
        drawer._chances = [type("Point", (), {"random": lambda self, at=point: at})()]
        found.append(int(drawer.draw(logits)[0]))
    order = expected.argsort(descending=True, stable=True)
    sums = expected[order].double().cumsum(0)
    assert expected[found].min() > 0, "a token was drawn that the filters exclude"
    for point, token in zip(points, found, strict=True):
        place = int((order == token).nonzero())
        below = float(sums[place - 1]) if place else 0.0
        assert below - 1e-4 <= point <= float(sums[place]) + 1e-4


def test_the_very_end_of_chance_draws_no_excluded_token() -> None:
    drawer = _drawer([_sampling(top_k=3)])
    drawer._chances = [type("End", (), {"random": lambda self: 1 - 2**-53})()]
    logits = _logits(1, 5)
    assert int(drawer.draw(logits)[0]) in logits[0].topk(3).indices.tolist()


def test_tokens_that_were_drawn_count_as_seen() -> None:
    drawer = _drawer([_sampling(temperature=0.0, repetition_penalty=10.0)])
    logits = _logits(1)
    drawn = [int(drawer.draw(logits)[0]) for _ in range(5)]
    assert drawn == logits[0].topk(5).indices.tolist()


@pytest.mark.parametrize("text", ["plain words", "näher, 東京で 🜂 und 👩‍👩‍👧!", "🜂", "e\u0301\n\n  two  spaces"])
def test_text_streams_in_whole_characters(text: str) -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode(text, add_special_tokens=False)
    stream = TextStream(tokenizer)
    pieces = [stream.add(token) for token in ids]
    assert "".join(pieces) == stream.finish() == text
    assert not any("\ufffd" in piece for piece in pieces)
    assert len(ids) > 4 or text == "plain words" or len(text) == 1


def test_half_a_character_at_the_end_is_held_back_and_told_at_last() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode("so 🜂", add_special_tokens=False)[:-1]
    stream = TextStream(tokenizer)
    assert "".join(stream.add(token) for token in ids) == "so "
    assert stream.finish().startswith("so ")
