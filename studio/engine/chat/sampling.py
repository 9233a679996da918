"""Drawing the next token of every row at once, each row with its own sampler and its own chance.

Order of the filters as in transformers: repetition penalty, DRY, temperature, top-k, top-p, min-p. A row's random
numbers come from its own seed, so its reply does not depend on the company it is in.
"""

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from studio.engine.chat.dry import Dry
from studio.protocol.commands import Sampling

SHORTLISTS = (128, 1024)
"""Likeliest tokens that are looked at; when those are too few for a row's filters, more are, and in the end all."""


class Drawer:
    """The samplers of a batch. Rows leave it together with their row in the batch."""

    def __init__(
        self,
        samplings: Sequence[Sampling],
        seeds: Sequence[int],
        vocabulary: int,
        device: torch.device,
        tokenizer: Any = None,
    ) -> None:
        self._chances = [random.Random(seed) for seed in seeds]
        self._greedy = _column([one.temperature <= 0 for one in samplings], device, torch.bool)
        self._all_greedy = bool(self._greedy.all())
        self._temperature = _column([one.temperature if one.temperature > 0 else 1.0 for one in samplings], device)
        self._top_p = _column([one.top_p for one in samplings], device)
        self._min_p = _column([one.min_p for one in samplings], device)
        self._top_k = _column([one.top_k or vocabulary for one in samplings], device)
        self._penalty = _column([one.repetition_penalty for one in samplings], device)
        self._penalises = any(one.repetition_penalty != 1 for one in samplings)
        self._told = torch.zeros(len(samplings), 0, dtype=torch.long, device=device)
        self._vocabulary = vocabulary
        wants_dry = any(one.dry_multiplier > 0 for one in samplings)
        self._dry = Dry(samplings, tokenizer, vocabulary, device) if wants_dry else None

    def note(self, rows: Sequence[Sequence[int]]) -> None:
        """Remember the rows' prompts: for the repetition penalty, and for what must not be repeated in order."""
        if self._penalises:
            longest = max(map(len, rows))
            told = [[*ids, *[ids[-1]] * (longest - len(ids))] for ids in rows]  # a token told twice counts once
            self._told = torch.tensor(told, device=self._told.device)
        if self._dry:
            self._dry.note(rows)

    def draw(self, logits: Tensor) -> Tensor:
        """Return one token per row from ``logits`` [rows, vocabulary]."""
        scores = self._penalised(logits.float())
        drawn = _highest(scores) if self._all_greedy else self._by_chance(scores)
        if self._penalises:
            self._told = torch.cat([self._told, drawn], dim=1)
        if self._dry:
            self._dry.add(drawn)
        return drawn.squeeze(1)

    def _by_chance(self, scores: Tensor) -> Tensor:
        """One token of every row, [rows, 1]; a greedy row's is the likeliest."""
        scores = scores / self._temperature
        values, tokens = self._likeliest(scores, scores.logsumexp(dim=-1, keepdim=True))
        kept = self._filtered(values)
        points = torch.tensor([[chance.random()] for chance in self._chances], device=kept.device)
        sums = kept.cumsum(dim=-1)
        last = (kept > 0).sum(dim=-1, keepdim=True) - 1  # in fp32 a point may round up to the very end
        places = torch.searchsorted(sums, points * sums[:, -1:], right=True).minimum(last)
        return tokens.gather(1, torch.where(self._greedy, torch.zeros_like(places), places))

    def _likeliest(self, scores: Tensor, whole: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities, sorted downwards, and their tokens: as many as the filters need to see."""
        vocabulary = scores.shape[-1]
        for length in SHORTLISTS:
            values, tokens = torch.topk(scores, min(length, vocabulary))
            values = (values - whole).exp()
            if self._enough(values, vocabulary):
                return values, tokens
        values, tokens = scores.sort(dim=-1, descending=True)
        return (values - whole).exp(), tokens

    def keep_rows(self, rows: Tensor) -> None:
        """Drop the samplers of rows that left the batch."""
        self._chances = [self._chances[index] for index in rows.tolist()]
        for name in ("_greedy", "_temperature", "_top_p", "_min_p", "_top_k", "_penalty", "_told"):
            setattr(self, name, getattr(self, name)[rows])
        self._all_greedy = bool(self._greedy.all())
        if self._dry:
            self._dry.keep_rows(rows)

    def _penalised(self, scores: Tensor) -> Tensor:
        """Make told tokens less likely (CTRL, 1909.05858): positive scores are divided, negative ones multiplied."""
        if self._penalises:
            found = scores.gather(1, self._told)
            lowered = torch.where(found > 0, found / self._penalty, found * self._penalty)
            scores = scores.scatter(1, self._told, lowered)
        return self._dry.lower(scores) if self._dry else scores

    def _enough(self, values: Tensor, vocabulary: int) -> bool:
        """True when every token beyond the shortlist would be filtered out anyway."""
        if values.shape[-1] == vocabulary:
            return True
        by_nucleus = values.sum(dim=-1, keepdim=True) >= self._top_p
        by_floor = values[:, -1:] < self._min_p * values[:, :1]
        by_count = self._top_k <= values.shape[-1]
        uncounted = self._top_k >= vocabulary
        return bool((by_count | self._greedy | (uncounted & (by_nucleus | by_floor))).all())

    def _filtered(self, values: Tensor) -> Tensor:
        """Zero what the filters exclude, in probabilities sorted downwards; the likeliest always stays."""
        before = values.cumsum(dim=-1) - values
        counted = torch.arange(values.shape[-1], device=values.device) < self._top_k
        # top-p is a share of what top-k left; without top-k the whole is 1, though only a shortlist lies here
        whole = torch.where(self._top_k < self._vocabulary, (values * counted).sum(dim=-1, keepdim=True), 1.0)
        kept = counted & (before < self._top_p * whole) & (values >= self._min_p * values[:, :1])
        kept[:, 0] = True
        return values * kept


def _highest(scores: Tensor) -> Tensor:
    """The likeliest token of every row, [rows, 1]."""
    if scores.device.type == "cpu":  # where torch compares one number at a time, and numpy a register full
        return torch.from_numpy(scores.numpy().argmax(axis=-1, keepdims=True))
    return scores.argmax(dim=-1, keepdim=True)


def _column(values: Sequence[float], device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.tensor(list(values), device=device, dtype=dtype).unsqueeze(1)
