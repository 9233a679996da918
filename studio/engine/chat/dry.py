"""DRY ("don't repeat yourself", after the description by its inventor p-e-w): what would go on with a repetition.

Where the last n tokens stood in the row before, the token that followed them there is made less likely, by
``multiplier × base^(n - allowed)`` for n of at least ``allowed``. A match does not reach over a line break, a quotation
mark, an asterisk, a colon or a mark of the template: lists, names and manners of writing may repeat.

For each place of a row it is kept how many tokens before that place equal the row's last ones. A new token either makes
such a match one longer or ends it, so a step costs one comparison with the row, on the device, for all rows at once.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from studio.protocol.commands import Sampling

_BREAKERS = ("\n", '"', "*", ":", "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}")
_NONE = -1
"""In the place of a token that is nothing to repeat: padding and the template's marks."""
_LONGEST = 64
"""A match this long is forbidden as surely as a longer one."""
_MOST = 1e6
"""Forbids as surely as more does, and is still a number after it was multiplied."""


class Dry:
    """The rows' tokens and matches. Rows that do not want it have a multiplier of 0."""

    def __init__(self, samplings: Sequence[Sampling], tokenizer: Any, vocabulary: int, device: torch.device) -> None:
        self._known, self._breaking = (one.to(device) for one in _kinds(tokenizer, vocabulary))
        self._multiplier = _column([one.dry_multiplier for one in samplings], device)
        self._base = _column([max(1.0, one.dry_base) for one in samplings], device)
        self._allowed = _column([max(1, one.dry_allowed_length) for one in samplings], device)
        self._room = max(one.max_tokens for one in samplings)
        self._tokens = self._matches = torch.zeros(0, 0, device=device, dtype=torch.long)
        self._length = 0

    def note(self, rows: Sequence[Sequence[int]]) -> None:
        """Begin with these prompts; they end together, so that every row's next token has the same place."""
        device = self._multiplier.device
        self._length = max(map(len, rows))
        self._tokens = torch.full((len(rows), self._length + self._room + 1), _NONE, device=device)
        for row, ids in enumerate(rows):
            self._tokens[row, self._length - len(ids) : self._length] = self._known[torch.tensor(ids, device=device)]
        self._matches = torch.zeros_like(self._tokens)
        self._matches[:, : self._length] = self._first_matches(self._tokens[:, : self._length])

    def lower(self, scores: Tensor) -> Tensor:
        """Make what would go on with a repetition less likely, in scores [rows, vocabulary]."""
        tokens, matches = self._tokens[:, : self._length], self._matches[:, : self._length]
        counts = (matches >= self._allowed) & (tokens != _NONE)
        powers = (matches.clamp(max=_LONGEST) - self._allowed).float()
        amounts = torch.where(counts, self._multiplier * (self._base**powers).clamp(max=_MOST), 0.0)
        penalty = torch.zeros_like(scores).scatter_reduce_(1, tokens.clamp(min=0), amounts, "amax")
        return scores - penalty

    def add(self, drawn: Tensor) -> None:
        """Take the tokens [rows, 1] that were drawn."""
        tokens = self._known[drawn]
        last = self._matches[:, : self._length]
        equal = (self._tokens[:, : self._length] == tokens) & ~self._breaking[drawn]
        self._tokens[:, self._length : self._length + 1] = tokens
        self._matches[:, 1 : self._length + 1] = torch.where(equal, last + 1, 0)
        self._length += 1

    def keep_rows(self, rows: Tensor) -> None:
        """Drop rows that left the batch."""
        for name in ("_multiplier", "_base", "_allowed", "_tokens", "_matches"):
            setattr(self, name, getattr(self, name)[rows])

    def _first_matches(self, tokens: Tensor) -> Tensor:
        """How many tokens right before each place equal the last ones: compared one further back at a time."""
        matches = torch.zeros_like(tokens)
        going_on = torch.ones_like(tokens, dtype=torch.bool)
        for back in range(1, min(_LONGEST, self._length - 1) + 1):
            last = tokens[:, -back].unsqueeze(1)
            usable = (last != _NONE) & ~self._breaking[last.clamp(min=0)]
            before = torch.full_like(tokens, _NONE)
            before[:, back:] = tokens[:, :-back]
            going_on &= usable & (before == last)
            if not going_on.any():
                break
            matches += going_on
        return matches


def _column(values: Sequence[float], device: torch.device) -> Tensor:
    return torch.tensor(list(values), device=device, dtype=torch.float32).unsqueeze(1)


def _kinds(tokenizer: Any, vocabulary: int) -> tuple[Tensor, Tensor]:
    """Each token's own id, or none for marks; and whether a match ends at it."""
    if tokenizer not in _kinds_of:
        known, breaking = torch.arange(vocabulary), torch.zeros(vocabulary, dtype=torch.bool)
        marks = [one for one, added in tokenizer.added_tokens_decoder.items() if added.special and one < vocabulary]
        known[marks], breaking[marks] = _NONE, True
        breaking[_breakers(tokenizer, vocabulary)] = True
        _kinds_of[tokenizer] = known, breaking
    return _kinds_of[tokenizer]


_kinds_of: WeakKeyDictionary[Any, tuple[Tensor, Tensor]] = WeakKeyDictionary()
"""A third of a second for 49,152 tokens, so once for each base."""


def _breakers(tokenizer: Any, vocabulary: int) -> list[int]:
    texts = tokenizer.batch_decode([[number] for number in range(min(vocabulary, len(tokenizer)))])
    return [number for number, text in enumerate(texts) if any(one in text for one in _BREAKERS)]
