"""Why the engine is gone, in plain words: from its exit code or signal, and the end of its log."""

import re
from dataclasses import dataclass

from studio.texts import tr

_NO_MEMORY_WORDS = re.compile(r"MemoryError|out of memory|DefaultCPUAllocator|Cannot allocate memory", re.IGNORECASE)
_MISSING_PACKAGE = re.compile(r"No module named '([A-Za-z0-9_]+)")

# Signals by number: the names differ between platforms, and Windows lacks most of them.
_SIGNALS = {
    1: "its terminal was closed",
    2: "it was interrupted from the keyboard",
    4: "it ran an instruction that this processor does not have",
    6: "it aborted itself",
    7: "it touched memory that is not there",
    8: "it made a forbidden calculation",
    9: "the system ended it, most likely for lack of memory",
    10: "it touched memory that is not there",
    11: "it crashed in compiled code (segmentation fault)",
    15: "another program asked it to end",
}
_WINDOWS = {
    0xC0000005: "it crashed in compiled code (access violation)",
    0xC0000017: "the system ended it for lack of memory",
    0xC000001D: "it ran an instruction that this processor does not have",
    0xC00000FD: "its stack overflowed",
    0xC000012D: "the system ended it for lack of memory",
    0xC0000135: "a library file (DLL) that it needs is missing",
    0xC000013A: "it was interrupted from the keyboard",
    0xC0000409: "it crashed in compiled code (stack check)",
}
LACK_OF_MEMORY = "it ran out of memory"


@dataclass(frozen=True, kw_only=True)
class Death:
    """An engine that ended by itself. ``garbled`` says that it sent something that is not of the protocol."""

    returncode: int
    log_tail: str
    garbled: str = ""

    @property
    def reason(self) -> str:
        """Half a sentence for the user, in the user's language."""
        if self.garbled:
            return tr("it sent a message that is not of the protocol")
        return tr(_reason(self.returncode, self.log_tail))

    @property
    def missing_package(self) -> str:
        """The package whose import ended it, if that was the reason."""
        found = _MISSING_PACKAGE.findall(self.log_tail[-4000:]) if self.returncode == 1 else []
        return found[-1] if found else ""


def _reason(returncode: int, log_tail: str) -> str:
    unsigned = returncode & 0xFFFFFFFF
    if unsigned in _WINDOWS:
        return _WINDOWS[unsigned]
    signal = -returncode if returncode < 0 else returncode - 128
    if signal in _SIGNALS:
        return _SIGNALS[signal]
    if returncode and _NO_MEMORY_WORDS.search(log_tail[-4000:]):
        return LACK_OF_MEMORY
    return _exit_words(returncode, log_tail)


def _exit_words(returncode: int, log_tail: str) -> str:
    if returncode == 0:
        return "it left without being asked"
    last = next((line for line in reversed(log_tail.splitlines()) if line.strip()), "")
    return f"exit code {returncode}: {last.strip()[:160]}" if last else f"exit code {returncode}"
