"""Which windows are read together, and when: a pure function of (seed, epoch), so that resuming is only a cursor.

An optimiser step reads ``batch_size`` windows of similar length, drawn from shuffled pools; a step is computed in
micro-batches that keep to a budget of padded tokens. Lengths inside a step differ little, so padding wastes little.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.engine.chat_encoding import Window

POOL_STEPS = 8
"""Steps whose windows are sorted together: more saves padding, fewer keeps the mix of a step random."""


@dataclass(frozen=True, kw_only=True)
class MicroBatch:
    """Right-padded tensors ``[rows, length]``; ``targets`` holds positions to predict as (row, column) of the token."""

    ids: Tensor
    attention: Tensor
    trained: Tensor

    @property
    def tokens(self) -> int:
        """Tokens that are not padding."""
        return int(self.attention.sum())


def steps_of_epoch(windows: Sequence[Window], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the epoch's optimiser steps as lists of indices into ``windows``; every index occurs once."""
    chance = random.Random(f"{seed}:{epoch}")
    order = list(range(len(windows)))
    chance.shuffle(order)
    steps: list[list[int]] = []
    for start in range(0, len(order), batch_size * POOL_STEPS):
        pool = sorted(order[start : start + batch_size * POOL_STEPS], key=lambda index: len(windows[index].ids))
        steps.extend(pool[at : at + batch_size] for at in range(0, len(pool), batch_size))
    chance.shuffle(steps)
    return steps


def micro_batches(windows: Sequence[Window], budget: int) -> Iterator[list[Window]]:
    """Split a step, sorted by length, so that rows × longest is within ``budget`` padded tokens (one row may)."""
    group: list[Window] = []
    for window in sorted(windows, key=lambda one: (len(one.ids), one.key)):
        if group and (len(group) + 1) * len(window.ids) > budget:
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def collate(windows: Sequence[Window], pad_id: int, device: torch.device) -> MicroBatch:
    """Return the windows as right-padded tensors on ``device``, in one copy each."""
    length = max(len(window.ids) for window in windows)
    rows = [(list(window.ids), list(window.trained), length - len(window.ids)) for window in windows]
    return MicroBatch(
        ids=torch.tensor([ids + [pad_id] * gap for ids, _, gap in rows]).to(device),
        attention=torch.tensor([[1] * len(ids) + [0] * gap for ids, _, gap in rows]).to(device),
        trained=torch.tensor([marks + [False] * gap for _, marks, gap in rows]).to(device),
    )
