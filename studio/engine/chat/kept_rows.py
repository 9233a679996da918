"""What rows have read and said is kept, so that the next turn, a new try or another branch begins where it parts.

Kept is a row's keys and values with the tokens they came from and the voice that read them: base, template, and the
content and strength of every adapter. Only the same voice finds them, and only as far as the tokens are the same. A run
in training is another voice after every step, so nothing of it is kept.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.rack.adapter_files import WEIGHTS
from studio.protocol.commands import Gate

SHARE_OF_FREE = 0.25
"""Of the memory that is free or kept already, what may be kept."""


@dataclass(frozen=True, kw_only=True)
class VoiceKey:
    """Who reads: rows with the same key make the same numbers of the same tokens. ``lasting``: also later."""

    base: tuple[str, ...]
    adapters: tuple[tuple[str, float], ...]
    lasting: bool = True


def voice_key(gates: Sequence[Gate], base: LoadedBase) -> VoiceKey:
    """The voice of a row with these gates."""
    template = hashlib.sha256(str(base.tokenizer.chat_template).encode()).hexdigest()
    return VoiceKey(
        base=(base.fingerprint, base.quantization, str(base.device.compute_dtype), template),
        adapters=adapters_key(gates),
        lasting=all(gate.path for gate in gates if gate.strength),
    )


def adapters_key(gates: Sequence[Gate]) -> tuple[tuple[str, float], ...]:
    """Every adapter that is heard, by its content, with its strength."""
    return tuple(sorted((identity(gate), gate.strength) for gate in gates if gate.strength))


def identity(gate: Gate) -> str:
    """What an adapter is, whatever it is called: its content or, where nobody told that, the facts of its file."""
    if gate.content:
        return gate.content
    if not gate.path:
        return f"run {gate.adapter_id}"
    facts = (Path(gate.path) / WEIGHTS).stat()
    return f"{gate.path} {facts.st_mtime_ns} {facts.st_size}"


@dataclass(kw_only=True)
class _Kept:
    voice: VoiceKey
    ids: list[int]
    numbers: Tensor

    @property
    def size(self) -> int:
        return self.numbers.numel() * self.numbers.element_size()


class KeptRows:
    """The rows that were kept last, as many as the memory allows; the one that was not used longest goes first."""

    def __init__(self, free_bytes: Callable[[], int]) -> None:
        self._free_bytes = free_bytes
        self._rows: list[_Kept] = []

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(one.size for one in self._rows)

    def find(self, voice: VoiceKey | None, ids: Sequence[int]) -> tuple[int, Tensor | None]:
        """Return how many of the first tokens this voice has read before, and their numbers."""
        length, best = 0, None
        for one in self._rows:
            if one.voice == voice and (found := common(one.ids, ids)) > length:
                length, best = found, one
        if best is None:
            return 0, None
        self._rows.remove(best)
        self._rows.append(best)
        return length, best.numbers

    def keep(self, voice: VoiceKey | None, ids: list[int], size: int, numbers: Callable[[], Tensor]) -> None:
        """Keep what a row has read, ``size`` bytes; what was kept of its beginning alone is not needed any more."""
        if voice is None or not voice.lasting or not ids:
            return
        self._rows = [one for one in self._rows if one.voice != voice or common(one.ids, ids) < len(one.ids)]
        most = int(SHARE_OF_FREE * (self._free_bytes() + self.size))
        while self._rows and self.size + size > most:
            del self._rows[0]
        if size <= most:
            self._rows.append(_Kept(voice=voice, ids=ids, numbers=numbers()))


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens both begin with."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(place for place in range(length) if one[place] != other[place])
