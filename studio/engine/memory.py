"""How much memory the engine uses: GPU memory on CUDA, the process's resident memory otherwise."""

import gc
import sys
from collections.abc import Generator
from pathlib import Path

import psutil
import torch

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_GROUPS = Path("/sys/fs/cgroup")
_CONTAINERS = (
    (_GROUPS / "memory.max", _GROUPS / "memory.current", _GROUPS / "memory.stat"),
    tuple(_GROUPS / "memory" / f"memory.{name}" for name in ("limit_in_bytes", "usage_in_bytes", "stat")),
)
"""Limits of control groups, version 2 and 1: what a container may use; the system's own figures do not know them."""


class MemoryMeter:
    """``peak`` counts from the last ``restart``, where the system allows that; from the process's start elsewhere."""

    def __init__(self, device_kind: str) -> None:
        self._cuda = device_kind == "cuda"
        self._process = psutil.Process()

    @property
    def on_card(self) -> bool:
        """True where GPU memory is counted."""
        return self._cuda

    @property
    def forgets(self) -> bool:
        """True where ``restart`` works."""
        return self._cuda or _CLEAR.exists()

    def restart(self) -> None:
        """Forget the peak so far. On Linux writing 5 to clear_refs resets VmHWM (proc(5))."""
        if self._cuda:
            torch.cuda.reset_peak_memory_stats()
        elif _CLEAR.exists():
            _CLEAR.write_text("5")

    @property
    def used(self) -> int:
        """Bytes in use now."""
        return torch.cuda.memory_reserved() if self._cuda else int(self._process.memory_info().rss)

    @property
    def peak(self) -> int:
        """Most bytes in use since ``restart``."""
        if self._cuda:
            return torch.cuda.max_memory_reserved()
        if _STATUS.exists():
            line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
            return int(line.split()[1]) * 1024
        return self._peak_elsewhere()

    def _peak_elsewhere(self) -> int:
        if sys.platform == "win32":
            return int(self._process.memory_info().peak_wset)
        import resource

        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # bytes on macOS


FRAGMENTS = 0.02
"""Share of what a step takes that lies idle between what is in use, after batches of all lengths have come and gone."""

OTHER_SHAPES = 96 * 2**20
"""What a processor's kernel library and the heap keep once a run has read batches of all shapes and held-out lines too.

Both are measured by ``tests/benchmarks/memory_estimate.py``; after some ten steps nothing is added any more. Trimming
the heap after each step lowered the peak by 3 %, for a tenth more time.
"""


class LimitPassed(MemoryError):
    """More memory was used than a training may have; treated like an allocation that failed."""


class Room:
    """The memory that a training may fill: ``limit`` bytes if that is set, else all that is free beside the engine.

    On a card the limit is the allocator's own, so that passing it fails at once; on a processor it is looked at after
    each micro-step, because there an allocation does not fail until the system ends the process.
    """

    def __init__(self, meter: MemoryMeter, limit: int = 0) -> None:
        self._meter = meter
        self._limit = limit
        self._cuda = meter.on_card
        self._feared = self._dares = False
        self._at_first = meter.used
        if self._cuda and limit:
            whole = torch.cuda.get_device_properties(0).total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, limit / whole))

    @property
    def whole(self) -> int:
        """Bytes that the engine may use, those that it uses already among them."""
        free = torch.cuda.mem_get_info()[0] if self._cuda else free_memory()
        found = free + self._meter.used
        return min(self._limit, found) if self._limit else found

    @property
    def used(self) -> int:
        """Bytes that the engine uses now."""
        return self._meter.used

    def expected(self, peak: int) -> int:
        """What a whole run needs whose dry steps needed ``peak``: later batches find the free memory in pieces."""
        shapes = 0 if self._cuda else OTHER_SHAPES
        return peak + shapes + int(FRAGMENTS * max(0, peak - self._at_first))

    def restart(self) -> None:
        """Forget how much was needed so far."""
        self._meter.restart()

    def check(self) -> None:
        """Raise ``LimitPassed`` where the next micro-step, if it takes what the largest so far took, would not fit."""
        needed = self._meter.peak if self._meter.forgets else self._meter.used
        if not self._cuda and not self._dares and needed > self.whole:
            self._feared = True
            raise LimitPassed(f"{needed} bytes are needed, {self.whole} are there")

    def dare(self) -> bool:
        """Look no more, where no limit is set and nothing has failed yet: a training that cannot become leaner."""
        self._dares = self._feared and not self._limit and not self._dares
        return self._dares

    def watched(self, work: Generator[None, None, None]) -> Generator[None, None, None]:
        """Do ``work``, with a ``check`` after each unit."""
        for _ in work:
            self.check()
            yield

    def leave(self) -> None:
        """Take the limit away again."""
        if self._cuda and self._limit:
            torch.cuda.set_per_process_memory_fraction(1.0)


def free_memory() -> int:
    """Bytes of main memory that programs may still take: the system's, or the container's where that is less."""
    free = int(psutil.virtual_memory().available)
    return max(0, min([free, *(_container_left(*files) for files in _CONTAINERS if all(map(Path.exists, files)))]))


def _container_left(most: Path, now: Path, statistics: Path) -> int:
    """What a control group may still take; cached files in it count as free, as they do in the system's figure."""
    limit = most.read_text().strip()
    cached = [line.split()[1] for line in statistics.read_text().splitlines() if "inactive_file " in line]
    return int(limit) - int(now.read_text()) + int(cached[-1] if cached else 0) if limit.isdecimal() else sys.maxsize


def release() -> None:
    """Give back what nobody holds any more, after a base or a training left."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif sys.platform.startswith("linux"):
        _trim_heap()


def keep_freed_pages() -> None:
    """Let glibc keep what is freed for what is needed next, until ``release``; other C libraries are left alone.

    By itself it gives memory back as soon as 64 MB lie free at the heap's end, and a training step frees and takes
    hundreds: two thirds of all page faults of a step went into that, and a tenth of its time.
    """
    import ctypes

    if not sys.platform.startswith("linux"):
        return
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_TRIM_THRESHOLD, 2**31 - 1)
        tune(_MMAP_THRESHOLD, 32 * 2**20)  # the largest that it takes, and where it ends up by itself


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h


def _trim_heap() -> None:
    """glibc keeps freed memory in its arenas; ``malloc_trim`` returns it. Other C libraries do not have it."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
