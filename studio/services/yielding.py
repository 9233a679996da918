"""Making room for another program: how much memory is free on the device that trains, and when that is too little."""

import logging
from dataclasses import dataclass

import psutil

_log = logging.getLogger(__name__)
GROWTH = 256 * 2**20
"""Others must have taken so much since the run began: what a run takes itself is no reason to rest."""
LOOKS_TO_YIELD, LOOKS_TO_RETURN = 2, 6


@dataclass(frozen=True, kw_only=True)
class MemoryLook:
    """Bytes on the device that trains: free, in all, and those that our engine holds."""

    free: int
    total: int
    ours: int

    @property
    def others(self) -> int:
        """What other programs hold."""
        return max(0, self.total - self.free - self.ours)


class Yielding:
    """Remembers what others held when the run began and what it needed, so that it does not come back too soon."""

    def __init__(self) -> None:
        self._others_at_start: int | None = None
        self._needed = 0
        self._short = 0
        self._roomy = 0

    def begun(self, look: MemoryLook | None) -> None:
        """A run begins."""
        self._others_at_start = look.others if look else None
        self._short = 0

    def must_yield(self, look: MemoryLook, bound: int) -> bool:
        """True when, for some looks in a row, less than ``bound`` was free because of others."""
        if self._others_at_start is None:
            return False
        grown = look.others - self._others_at_start >= GROWTH
        self._short = self._short + 1 if grown and look.free < bound else 0
        if self._short < LOOKS_TO_YIELD:
            return False
        self._needed, self._short, self._roomy = look.ours, 0, 0
        return True

    def may_return(self, look: MemoryLook, bound: int, needed: int = 0) -> bool:
        """True when, for some looks in a row, the run would fit in again and leave ``bound`` free."""
        at_peace = self._others_at_start is not None and look.others < self._others_at_start + GROWTH // 2
        room = at_peace or not self.has_no_room(look, bound, needed)
        self._roomy = self._roomy + 1 if room else 0
        return self._roomy >= LOOKS_TO_RETURN

    def has_no_room(self, look: MemoryLook, bound: int, needed: int = 0) -> bool:
        """True when a run that needs so many bytes would leave less than ``bound`` free."""
        return look.free + look.ours - max(self._needed, needed) < bound


def look_at_memory(device: str, device_name: str, ours: int) -> MemoryLook | None:
    """The memory of the device that trains; None: nobody can tell. ``device`` is empty before the engine has told."""
    card = _card_memory(device_name) if device != "cpu" else None
    if card is not None:
        return MemoryLook(free=card[0], total=card[1], ours=ours)
    if device == "cuda":
        return None
    memory = psutil.virtual_memory()
    return MemoryLook(free=int(memory.available), total=int(memory.total), ours=ours)


def _card_memory(name: str) -> tuple[int, int] | None:
    """Free and all bytes of the card with this name, as NVIDIA's driver tells; it comes without torch."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        cards = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        named = [card for card in cards if _text(pynvml.nvmlDeviceGetName(card)) == name]
        memory = pynvml.nvmlDeviceGetMemoryInfo((named or cards)[0])
        return int(memory.free), int(memory.total)
    except (pynvml.NVMLError, IndexError) as error:
        _log.info("the card's memory could not be read: %r", error)
        return None


def _text(words: str | bytes) -> str:
    return words.decode() if isinstance(words, bytes) else words
