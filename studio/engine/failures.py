"""Whatever a job raises becomes a code with details: the user's trouble where it is one, a bug report otherwise."""

import errno
import traceback
from collections.abc import Generator

import torch

from studio.domain.errors import StudioError
from studio.engine.scheduler import Cancelled, Work
from studio.protocol.events import JobFailed

MEMORY, DISK = "memory", "disk"


def want_of(work: Work) -> Generator[None, None, str]:
    """Do ``work``; return what was wanting where it broke off (``memory`` or ``disk``), empty when it came to its end.

    The error is let go before that: what its frames hold is memory too.
    """
    try:
        yield from work
    except Exception as error:
        if is_out_of_memory(error):
            return MEMORY
        if not is_disk_full(error):
            raise
        return DISK
    return ""


def failure_event(job: str, error: BaseException) -> JobFailed:
    """Return the event that tells of ``error``. Only bugs carry a trace."""
    told = as_studio_error(error)
    trace = "".join(traceback.format_exception(error)) if told.code == "bug" else ""
    return JobFailed(job=job, code=told.code, details=plain_details(told.details), trace=trace)


def as_studio_error(error: BaseException) -> StudioError:
    """Recognise the troubles that have a sentence: memory, disk, cancelling; the rest is a bug."""
    if isinstance(error, StudioError):
        return error
    if isinstance(error, Cancelled):
        return StudioError("cancelled")
    if is_out_of_memory(error):
        return StudioError("out_of_memory", what="go on", advice=_memory_advice())
    if is_disk_full(error):
        return StudioError("disk_full", path=str(getattr(error, "filename", None) or "the library"))
    summary = f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
    return StudioError("bug", summary=summary, log="engine.log")


_NO_MEMORY = ("can't allocate memory", "out of memory", "not enough memory", "bad_alloc", "STATUS_ALLOC_FAILED")
"""How torch's allocators (of Linux, of Windows), C++ and the libraries of CUDA say it."""

_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def is_out_of_memory(error: BaseException) -> bool:
    """Recognise lack of memory in torch's several ways of telling it, the CPU allocator's plain RuntimeError too."""
    said = str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and any(words in said for words in _NO_MEMORY)
    )


def is_disk_full(error: BaseException) -> bool:
    """No room or no quota left, also where safetensors hides it in the words of its own error."""
    if isinstance(error, StudioError):
        return error.code == "disk_full"
    return (isinstance(error, OSError) and error.errno in _NO_ROOM) or "os error 28" in str(error)


def _memory_advice() -> str:
    return (
        "Lower the batch size or the window, choose QLoRA, or close other programs; a run resumes from its checkpoint."
    )


def plain_details(details: dict[str, object]) -> dict[str, object]:
    """Details as they can travel."""
    return {key: value if isinstance(value, int | float | str | bool) else str(value) for key, value in details.items()}
