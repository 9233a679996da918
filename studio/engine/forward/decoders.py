"""Which forward of the studio's own a base can be read by: found by trying it against the base's own."""

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Protocol

import torch
from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.failures import is_out_of_memory
from studio.engine.forward.decoder_parts import DecoderParts, find_parts
from studio.engine.forward.plain_decoder import PlainDecoder
from studio.engine.memory import release
from studio.engine.rack.rack import Rack
from studio.engine.rack.row_factors import Groups

TOLERANCE = {torch.bfloat16: 0.1, torch.float16: 2e-2, torch.float32: 1e-3}
"""Mean difference (root of squares) from the model's own logits, relative to how much these vary.

The starter's own forward in bf16 is 0.04 to 0.06 away from the same in fp32, and so is this one, in other places.
"""

TRIED = (37, 5, 21)
"""Lengths of the rows that are tried, random tokens."""

_log = logging.getLogger(__name__)


class RowMemory(Protocol):
    """What rows have read. ``lengths``: tokens of each."""

    lengths: list[int]

    def reserve(self, tokens: int) -> None:
        """Have memory for that many tokens a row."""

    def put(self, row: int, numbers: Tensor, length: int) -> None:
        """A row begins with the first tokens of what was ``copied``."""

    def share(self, source: int, row: int, length: int) -> None:
        """A row begins with the first tokens of another."""

    def keep_rows(self, rows: Sequence[int]) -> None:
        """Drop all rows but these."""

    def copied(self, row: int, length: int) -> Tensor:
        """What a row has read first, apart from this batch."""

    def size(self, length: int) -> int:
        """Bytes of such a copy."""


class Decoder(Protocol):
    """A forward of the studio's own; what ``factors`` and ``stepping`` give is for the same decoder's ears alone."""

    @property
    def dtype(self) -> torch.dtype:
        """What the base's numbers are."""

    @property
    def embedding(self) -> Tensor:
        """[vocabulary, width]."""

    @property
    def groups(self) -> Groups:
        """Names of the linear layers that are computed together."""

    def factors(self, rack: Rack) -> Any:
        """What the adapters of the rows that the rack shows do, if it can be said ``in_groups``."""

    def new_rows(self, rows: int) -> Any:
        """Room for what these rows will have read, a ``RowMemory``."""

    def read(
        self, ids: Sequence[int], parts: Sequence[tuple[int, int, int]], keys: Any, factors: Any, wanted: Sequence[int]
    ) -> Tensor:
        """Read tokens; ``parts`` are (row, start, stop) in ``ids``. Return the logits after those at ``wanted``."""

    def stepping(self, keys: Any) -> Any:
        """What goes on from token to token while the rows stay the same."""

    def step(self, ids: Tensor, stepping: Any, factors: Any) -> Tensor:
        """One token of every row; returns the logits after it, which need not hold longer than until the next."""


def tried(base: LoadedBase) -> Decoder | None:
    """The fastest decoder that says what the base's own forward says. No rows may be shown on the rack."""
    parts = find_parts(base.model, base.linears, base.context_length)
    if parts is None:
        return None
    return next((one for kind in _kinds(parts, base) if (one := _tried(kind, parts, base))), None)


Kind = Callable[[DecoderParts, LoadedBase], Decoder]


def _kinds(parts: DecoderParts, base: LoadedBase) -> Iterator[Kind]:
    """What may fit, the fastest first."""
    if base.device.kind == "cpu":
        from studio.engine.forward.processor import decoder  # its compiler is not needed beside a card

        if decoder.fits(parts, base):
            yield decoder.ProcessorDecoder
    yield PlainDecoder


def _tried(kind: Kind, parts: DecoderParts, base: LoadedBase) -> Decoder | None:
    try:
        decoder = kind(parts, base)
        apart = _apart(decoder, base)
    except (RuntimeError, MemoryError) as error:
        _log.warning("this base is not read by the studio's own %s", kind, exc_info=error)
        if is_out_of_memory(error):
            release()
        return None
    if apart <= TOLERANCE.get(decoder.dtype, 0.0):
        return decoder
    _log.info("this base computes something of its own (%.3g apart from %s)", apart, kind)
    return None


@torch.inference_mode()
def _apart(decoder: Decoder, base: LoadedBase) -> float:
    """How far the logits of some rows, read and then gone on with, are from the model's own."""
    chance, place = torch.Generator().manual_seed(0), base.device.torch_device
    rows = [torch.randint(0, len(decoder.embedding), (length + 2,), generator=chance) for length in TRIED]
    expected = [base.model(input_ids=row.unsqueeze(0).to(place)).logits[0, -3:].float() for row in rows]
    keys = decoder.new_rows(len(rows))
    read = [row[:-2].tolist() for row in rows]
    stops = list(accumulate(map(len, read)))
    parts = [(row, stop - len(ids), stop) for row, (ids, stop) in enumerate(zip(read, stops, strict=True))]
    found = [decoder.read([token for ids in read for token in ids], parts, keys, None, [stop - 1 for stop in stops])]
    stepping = decoder.stepping(keys)
    found += [decoder.step(torch.stack([row[at] for row in rows]).to(place), stepping, None).clone() for at in (-2, -1)]
    ours, theirs = torch.stack(found, dim=1).float(), torch.stack(expected)
    return float((ours - theirs).square().mean().sqrt() / theirs.std().clamp(min=1e-6))
