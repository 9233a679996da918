"""Reading windows of like length together saves padding and changes nothing else: not what is learned on the whole,
not the chance of anything to come early, not the company it comes in."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward import batches
from studio.engine.forward.batches import steps_of_epoch
from studio.engine.text.chat_encoding import Window
from studio.engine.text.preflight import encode_dataset
from studio.engine.training import training_loop
from tests.engine.rig import Bench, talk, write_data

Gradients = list[torch.Tensor]
EPOCHS = 300
"""Drawn with seeds that stay, so that what is said of chance is the same in every run."""


def _windows(lengths: list[int]) -> list[Window]:
    return [
        Window(key=f"w{number}", ids=tuple(range(10, 10 + length)), trained=(False, *[True] * (length - 1)))
        for number, length in enumerate(lengths)
    ]


@pytest.fixture
def unequal(tiny: Callable[..., LoadedBase], tmp_path: Path) -> Bench:
    """Twenty-two conversations, from one sentence to a dozen, no two of them alike."""
    base = tiny()
    chance = random.Random(3)
    words = ["ferry", "lamp", "river", "dawn", "friend", "bell", "keeper", "stone", "rope", "rain"]
    lines = [
        talk(f"c{number}", f"Number {number}?", " ".join(chance.choices(words, k=2 + number**2 // 5)) + ".")
        for number in range(22)
    ]
    windows = encode_dataset(write_data(tmp_path / "data", lines), base.template, 512).train
    assert max(one.length for one in windows) > 5 * min(one.length for one in windows)
    return Bench(base, windows, batch_size=4)


@pytest.fixture(autouse=True)
def _unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))


def _mean_of_an_epoch(bench: Bench) -> Gradients:
    """What the steps of a pass push towards, every step once, the weights left as they are."""
    steps = bench.gradients_of_steps(-(-len(bench.windows) // 4))
    return [torch.stack(pushes).mean(0) for pushes in zip(*steps, strict=True)]


def _full_batch(bench: Bench) -> Gradients:
    bench.options = replace(bench.options, batch_size=len(bench.windows))
    return bench.gradients()


def _distance(one: Gradients, other: Gradients) -> float:
    apart = torch.cat([(a - b).flatten() for a, b in zip(one, other, strict=True)])
    return float(apart.norm() / torch.cat([b.flatten() for b in other]).norm())


@pytest.mark.parametrize("pool", [1, 8])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_pass_pushes_where_all_at_once_would(
    unequal: Bench, pool: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pool 1 is without buckets: both means are the gradient of the whole data, so each other's too."""
    monkeypatch.setattr(batches, "POOL_STEPS", pool)
    unequal.options = replace(unequal.options, seed=seed)
    found = _mean_of_an_epoch(unequal)
    assert _distance(found, _full_batch(unequal)) < 2e-5


def test_divided_by_its_own_tokens_it_would_push_elsewhere(unequal: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a step's own mean gives the words of short conversations more weight than those of long."""
    micro_step = training_loop.TrainingLoop.micro_step

    def by_its_own(loop: training_loop.TrainingLoop[Window], group: list[Window], number: int, weight: float) -> object:
        own = sum(one.trained_tokens for one in loop._examples_of_step(loop.standing.step))
        return micro_step(loop, group, number, own)

    monkeypatch.setattr(training_loop.TrainingLoop, "micro_step", by_its_own)
    assert _distance(_mean_of_an_epoch(unequal), _full_batch(unequal)) > 0.1


LENGTHS = [5 + 7 * number % 83 for number in range(64)]
"""Sixty-four windows, sixteen steps of four: two pools."""


def _epochs() -> list[list[list[int]]]:
    windows = _windows(LENGTHS)
    return [steps_of_epoch(windows, 4, 11, epoch) for epoch in range(EPOCHS)]


def test_when_something_comes_has_nothing_to_do_with_its_length() -> None:
    """The mean place of each window over many passes is the middle, within five standard errors of a uniform one."""
    places = [0.0] * len(LENGTHS)
    for steps in _epochs():
        for place, step in enumerate(steps):
            for index in step:
                places[index] += place / EPOCHS
    error = ((16**2 - 1) / 12 / EPOCHS) ** 0.5
    assert all(abs(place - 7.5) < 5 * error for place in places)
    longest, shortest = max(range(64), key=LENGTHS.__getitem__), min(range(64), key=LENGTHS.__getitem__)
    assert abs(places[longest] - places[shortest]) < 5 * error


def test_the_first_step_is_of_every_length_in_turn() -> None:
    """A pass that began with the short ones would have first steps that are all alike."""
    first = Counter(sum(LENGTHS[index] for index in steps[0]) // 60 for steps in _epochs())
    assert len(first) >= 5
    assert max(first.values()) < EPOCHS / 2


def test_company_changes_from_pass_to_pass() -> None:
    """Who is read together with whom: of like length, but not always the same ones."""
    together: dict[int, set[int]] = {index: set() for index in range(len(LENGTHS))}
    for steps in _epochs()[:40]:
        for step in steps:
            for index in step:
                together[index] |= set(step) - {index}
    assert min(len(company) for company in together.values()) > 8
    apart = [abs(LENGTHS[one] - LENGTHS[other]) for one, company in together.items() for other in company]
    assert sum(apart) / len(apart) < 20  # any two windows are 28 apart on average


def test_less_is_padded_than_without_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What all this is for."""

    def padded() -> float:
        steps = [step for epoch in _epochs()[:20] for step in epoch]
        room = sum(len(step) * max(LENGTHS[index] for index in step) for step in steps)
        return room / sum(LENGTHS[index] for step in steps for index in step)

    with_buckets = padded()
    monkeypatch.setattr(batches, "POOL_STEPS", 1)
    assert with_buckets < 1.15 < 1.4 < padded()
