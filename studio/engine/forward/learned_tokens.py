"""Learned tokens before a row, for a forward that takes ids: -1, -2 … are the first, second … of the row's own.

So they stand in a row's ids like any other token: what a voice has read of them is shared and kept as all else is.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from studio.engine.rack.row_difference import Part


def with_learned(prompts: Sequence[Sequence[int]], learned: Sequence[Tensor]) -> list[list[int]]:
    """The rows' ids with those of their learned tokens [n, d] before them; ``learned`` may have no rows at all."""
    counts = [len(one) for one in learned] or [0] * len(prompts)
    return [[*range(-1, -count - 1, -1), *prompt] for count, prompt in zip(counts, prompts, strict=True)]


def embedded(ids: Sequence[int], parts: Sequence[Part], embedding: Tensor, learned: Sequence[Tensor]) -> Tensor:
    """[tokens, width] of these ids; ``parts`` say whose they are."""
    found = functional.embedding(torch.tensor([max(one, 0) for one in ids], device=embedding.device), embedding)
    for row, start, stop in parts:
        count = next((place for place in range(stop - start) if ids[start + place] >= 0), stop - start)
        if count:
            first = -ids[start] - 1
            found[start : start + count] = learned[row][first : first + count].to(found.dtype)
    return found
