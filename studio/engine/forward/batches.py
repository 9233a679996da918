"""Which windows are read together, and when: a pure function of (seed, epoch), so that resuming is only a cursor.

An optimiser step reads ``batch_size`` windows of similar length, drawn from shuffled pools; a step is computed in
micro-batches that keep to a budget of padded tokens. Lengths inside a step differ little, so padding wastes little.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from studio.engine.forward.packed_attention import PackedLayout
from studio.engine.text.chat_encoding import Window

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
class Laid:
    """A batch as tensors. ``ids`` [b, length] and their ``positions`` (none: 0, 1, 2 …).

    ``predictors`` [n] are the places in ``ids``, flattened, whose states predict ``targets`` [n], the trained tokens;
    ``rows`` [n] are the windows that they belong to, in order.
    """

    ids: Tensor
    positions: Tensor | None
    predictors: Tensor
    targets: Tensor
    rows: Tensor
    layout: PackedLayout | None = None


@dataclass(frozen=True, kw_only=True)
class MicroBatch:
    """Windows that are read together, in either of two layouts; which one is the model's business (``loss_head``)."""

    windows: tuple[Window, ...]
    pad_id: int
    device: torch.device

    def padded(self) -> Laid:
        """One row a window, padded on the right, where causal attention never looks; so there is no attention mask."""
        length = _rounded(max(len(window.ids) for window in self.windows))
        ids = [[*window.ids, *[self.pad_id] * (length - len(window.ids))] for window in self.windows]
        starts = [row * length for row in range(len(self.windows))]
        return self._laid(ids, starts, 0)

    def packed(self) -> Laid:
        """All windows in one row without padding between them; what they all begin with stands there once."""
        prefix = _common_prefix(self.windows)
        flat, starts, places = list(self.windows[0].ids[:prefix]), [], []
        for window in self.windows:
            starts.append(len(flat) - prefix)
            places.append((len(flat), len(flat) + len(window.ids) - prefix))
            flat.extend(window.ids[prefix:])
        positions = [*range(prefix), *(at for window in self.windows for at in range(prefix, len(window.ids)))]
        filling = _rounded(len(flat)) - len(flat)
        layout = PackedLayout(prefix=prefix, rows=tuple(places), length=len(flat) + filling)
        laid = self._laid([flat + [self.pad_id] * filling], starts, prefix)
        found = torch.tensor([positions + [0] * filling]).to(self.device)
        return replace(laid, positions=found, layout=layout)

    def _laid(self, ids: list[list[int]], starts: list[int], prefix: int) -> Laid:
        """``starts[row] + i`` is the flat place of token i of a window; the first ``prefix`` ones are at 0 … prefix."""
        rows, predictors, targets = [], [], []
        for row, window in enumerate(self.windows):
            for place in [place for place, learned in enumerate(window.trained) if learned and place]:
                rows.append(row)
                predictors.append(place - 1 if place <= prefix else starts[row] + place - 1)
                targets.append(window.ids[place])
        tensors = [torch.tensor(one, dtype=torch.long).to(self.device) for one in (ids, predictors, targets, rows)]
        return Laid(ids=tensors[0], positions=None, predictors=tensors[1], targets=tensors[2], rows=tensors[3])


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
    """Split a step, sorted by length, so that a group's tokens are within ``budget`` (one example may be longer)."""
    group: list[E] = []
    for example in sorted(examples, key=lambda one: (one.length, one.key)):
        if group and sum(one.tokens for one in group) + example.tokens > budget:
            yield group
            group = []
        group.append(example)
    if group:
        yield group


def collate(windows: Sequence[Window], pad_id: int, device: torch.device) -> MicroBatch:
    """Return the windows as a batch whose tensors go to ``device``, in one copy each."""
    return MicroBatch(windows=tuple(windows), pad_id=pad_id, device=device)


def _rounded(length: int) -> int:
    return -(-length // LENGTH_MULTIPLE) * LENGTH_MULTIPLE


def _common_prefix(windows: Sequence[Window]) -> int:
    """Tokens that all windows begin with; 0 for one alone. At least one token stays every window's own."""
    if len(windows) < 2:
        return 0
    first, last = min(window.ids for window in windows), max(window.ids for window in windows)
    limit = min(len(window.ids) for window in windows) - 1
    return next((at for at in range(limit) if first[at] != last[at]), limit)
