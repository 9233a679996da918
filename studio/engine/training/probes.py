"""Probes: fixed prompts answered as one batch while a run rests between two steps, a token a unit.

Whoever answers is a ``Voice``: the base alone, or what the run has learned so far.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.replies import MAX_ROWS
from studio.engine.chat.text_stream import TextStream
from studio.protocol.commands import Probe, Sampling


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Who answers: ``enter(rows)`` sets the stage of ``base``, anew for each token: others may have used it between."""

    base: LoadedBase
    enter: Callable[[int], AbstractContextManager[object]]
    own_layers: bool = False
    """Through the layers that the training hung into the base, not on its rack."""


class EncodedProbe:
    """A probe as the base reads it."""

    def __init__(self, probe: Probe, base: LoadedBase, sampling: Sampling) -> None:
        self.key = probe.key
        self.seed = probe.seed
        self.prompt = next((one.text for one in reversed(probe.messages) if one.role == "user"), "")
        self.ids = base.template.prompt_ids(probe.messages)
        if len(self.ids) + sampling.max_tokens > base.context_length:
            raise StudioError("prompt_too_long", tokens=len(self.ids), limit=base.context_length)


def answers(probes: Sequence[EncodedProbe], sampling: Sampling, voice: Voice) -> Generator[None, None, list[str]]:
    """Return what the voice answers to each probe; the same for the same weights and seeds, whatever else goes on."""
    said: list[str] = []
    for start in range(0, len(probes), MAX_ROWS):
        said += yield from _batch(probes[start : start + MAX_ROWS], sampling, voice)
    return said


def _batch(probes: Sequence[EncodedProbe], sampling: Sampling, voice: Voice) -> Generator[None, None, list[str]]:
    base = voice.base
    ids, seeds = [probe.ids for probe in probes], [probe.seed for probe in probes]
    batch = DecodingBatch(base, ids, [sampling] * len(probes), seeds, own_layers=voice.own_layers)
    streams = [TextStream(base.tokenizer) for _ in probes]
    left = [sampling.max_tokens] * len(probes)
    while batch.alive:
        with voice.enter(len(batch.alive)):
            tokens = batch.advance()
            finished = [
                row
                for row, token in zip(list(batch.alive), tokens, strict=True)
                if _ends(row, token, base, streams, left)
            ]
            if finished:
                batch.leave(finished)
        yield
    return [stream.finish().strip() for stream in streams]


def _ends(row: int, token: int, base: LoadedBase, streams: Sequence[TextStream], left: list[int]) -> bool:
    """Add a token to a row; True when it was the last."""
    if token in base.template.stop_ids:
        return True
    streams[row].add(token)
    left[row] -= 1
    return left[row] == 0
