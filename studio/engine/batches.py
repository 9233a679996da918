"""Which windows are read together, and when: a pure function of (seed, epoch), so that resuming is only a cursor.

An optimiser step reads ``batch_size`` windows of similar length, drawn from shuffled pools; a step is computed in
micro-batches that keep to a budget of padded tokens. Lengths inside a step differ little, so padding wastes little.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from studio.engine.chat_encoding import Window

POOL_STEPS = 8
"""Steps whose windows are sorted together: more saves padding, fewer keeps the mix of a step random."""


LENGTH_MULTIPLE = 64
"""Padded lengths are multiples of this: every new shape costs a CPU kernel library time and memory to prepare for."""


class Example(Protocol):
    """One thing to learn from, whole in one micro-batch: a window, or a pair of them."""

    @property
    def key(self) -> str:
        """The conversation that it comes from."""

    @property
    def length(self) -> int:
        """Tokens of its longest row."""

    @property
    def rows(self) -> int:
        """Rows that it takes in a micro-batch."""

    @property
    def tokens(self) -> int:
        """Tokens that training reads."""

    @property
    def trained_tokens(self) -> int:
        """Tokens whose prediction is trained."""


E = TypeVar("E", bound=Example)


@dataclass(frozen=True, kw_only=True)
class MicroBatch:
    """Right-padded ``ids`` [rows, length]; ``trained`` marks what to predict, ``tokens`` counts real ones.

    There is no attention mask: padding stands on the right, where causal attention never looks, and no trained token
    lies in it. So attention takes its fastest path.
    """

    ids: Tensor
    trained: Tensor
    tokens: int


def steps_of_epoch(examples: Sequence[Example], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the epoch's optimiser steps as lists of indices into ``examples``; every index occurs once."""
    chance = random.Random(f"{seed}:{epoch}")
    order = list(range(len(examples)))
    chance.shuffle(order)
    steps: list[list[int]] = []
    for start in range(0, len(order), batch_size * POOL_STEPS):
        pool = sorted(order[start : start + batch_size * POOL_STEPS], key=lambda index: examples[index].length)
        steps.extend(pool[at : at + batch_size] for at in range(0, len(pool), batch_size))
    chance.shuffle(steps)
    return steps


def micro_batches(examples: Sequence[E], budget: int) -> Iterator[list[E]]:
    """Split a step, sorted by length, so that rows × longest is within ``budget`` padded tokens (one example may)."""
    group: list[E] = []
    for example in sorted(examples, key=lambda one: (one.length, one.key)):
        if group and sum(one.rows for one in (*group, example)) * example.length > budget:
            yield group
            group = []
        group.append(example)
    if group:
        yield group


def collate(windows: Sequence[Window], pad_id: int, device: torch.device) -> MicroBatch:
    """Return the windows as right-padded tensors on ``device``, in one copy each."""
    longest = max(len(window.ids) for window in windows)
    length = -(-longest // LENGTH_MULTIPLE) * LENGTH_MULTIPLE
    gaps = [length - len(window.ids) for window in windows]
    ids = [[*window.ids, *[pad_id] * gap] for window, gap in zip(windows, gaps, strict=True)]
    trained = [[*window.trained, *[False] * gap] for window, gap in zip(windows, gaps, strict=True)]
    return MicroBatch(
        ids=torch.tensor(ids).to(device),
        trained=torch.tensor(trained).to(device),
        tokens=sum(len(window.ids) for window in windows),
    )
