"""Reading the prompts of a batch: what is known is not read again, what rows share is read once, and never all at once.

A row begins with what was kept of its voice. Where rows of one voice begin alike, the first of them reads and the
others are given what it read. A unit of reading takes ``CHUNK`` tokens of as many rows as that fills; between units
other jobs have their turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.engine.chat.kept_rows import KeptRows, VoiceKey, common
from studio.engine.forward.decoders import Decoder, RowMemory

CHUNK = 512
"""Tokens of one unit."""

ROOM = 256
"""Tokens of a reply that there is room for from the beginning, so that a long chat is not moved for a short one."""


@dataclass(kw_only=True)
class _Waiting:
    """A row that begins as ``source`` does, for ``length`` tokens."""

    source: int
    length: int


class PromptReading:
    """Prompts of rows on their way into ``keys``. ``reused``: tokens of each that were known from before."""

    def __init__(
        self,
        decoder: Decoder,
        keys: RowMemory,
        prompts: Sequence[list[int]],
        voices: Sequence[VoiceKey | None],
        kept: KeptRows,
    ) -> None:
        self._decoder, self._keys, self._prompts = decoder, keys, prompts
        keys.reserve(max(map(len, prompts)) + ROOM)
        self.reused = [self._begin(row, voice, kept) for row, voice in enumerate(voices)]
        self._waiting = {row: one for row in range(len(prompts)) if (one := self._like_another(row, voices))}
        self._logits: list[Tensor | None] = [None] * len(prompts)
        self.tokens = 0
        """Tokens that were really read."""

    @property
    def done(self) -> bool:
        """True when every row's next token can be drawn."""
        return all(one is not None for one in self._logits)

    @property
    def logits(self) -> Tensor:
        """After the last token of every prompt."""
        return torch.stack([one for one in self._logits if one is not None])

    def read(self, factors: Any) -> None:
        """Do one unit; rows that were given what another has read go on in what is left of it."""
        left = CHUNK
        while left > 0 and (self._hand_on() or left == CHUNK) and not self.done:
            left -= self._read(factors, left)

    def _read(self, factors: Any, most: int) -> int:
        """Read that many tokens at most; return how many there were."""
        ids: list[int] = []
        parts: list[tuple[int, int, int]] = []
        for row, prompt in enumerate(self._prompts):
            start = self._keys.lengths[row]
            new = prompt[start : start + most - len(ids)] if row not in self._waiting else []
            if new:
                parts.append((row, len(ids), len(ids) + len(new)))
                ids += new
        ended = [(row, stop - 1) for row, start, stop in parts if self._left(row) == stop - start]
        logits = self._decoder.read(ids, parts, self._keys, factors, [place for _, place in ended])
        for (row, _), line in zip(ended, logits, strict=True):
            self._logits[row] = line
        self.tokens += len(ids)
        return len(ids)

    def _left(self, row: int) -> int:
        return len(self._prompts[row]) - self._keys.lengths[row]

    def _begin(self, row: int, voice: VoiceKey | None, kept: KeptRows) -> int:
        """The last token is always read: the reply begins after it."""
        length, numbers = kept.find(voice, self._prompts[row][:-1])
        if numbers is not None:
            self._keys.put(row, numbers, length)
        return length

    def _like_another(self, row: int, voices: Sequence[VoiceKey | None]) -> _Waiting | None:
        alike = [one for one in range(row) if voices[row] is not None and voices[one] == voices[row]]
        shared = [(common(self._prompts[one], self._prompts[row][:-1]), one) for one in alike]
        length, source = max(shared, default=(0, 0), key=lambda pair: pair[0])
        return _Waiting(source=source, length=length) if length > self._keys.lengths[row] else None

    def _hand_on(self) -> bool:
        """Give waiting rows what has been read by now; say whether there was anything."""
        before = len(self._waiting)
        for row, one in list(self._waiting.items()):
            if one.source not in self._waiting and self._keys.lengths[one.source] >= one.length:
                self._keys.share(one.source, row, one.length)
                del self._waiting[row]
        return len(self._waiting) < before
