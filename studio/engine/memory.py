"""How much memory the engine uses: GPU memory on CUDA, the process's resident memory otherwise."""

import gc
import sys
from pathlib import Path

import psutil
import torch

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


class MemoryMeter:
    """``peak`` counts from the last ``restart``, where the system allows that; from the process's start elsewhere."""

    def __init__(self, device_kind: str) -> None:
        self._cuda = device_kind == "cuda"
        self._process = psutil.Process()

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


def release() -> None:
    """Give back what nobody holds any more, after a base or a training left."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif sys.platform.startswith("linux"):
        _trim_heap()


def _trim_heap() -> None:
    """glibc keeps freed memory in its arenas; ``malloc_trim`` returns it. Other C libraries do not have it."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
