"""Whatever a job raises becomes a code with details: the user's trouble where it is one, a bug report otherwise."""

import errno
import traceback

import torch

from studio.domain.errors import StudioError
from studio.engine.scheduler import Cancelled
from studio.protocol.events import JobFailed


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
    if _is_disk_full(error):
        return StudioError("disk_full", path=str(getattr(error, "filename", None) or "the library"))
    summary = f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
    return StudioError("bug", summary=summary, log="engine.log")


def is_out_of_memory(error: BaseException) -> bool:
    """Recognise lack of memory in torch's several ways of telling it, the CPU allocator's plain RuntimeError too."""
    said = str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and ("can't allocate memory" in said or "out of memory" in said)
    )


def _is_disk_full(error: BaseException) -> bool:
    """ENOSPC, also where safetensors hides it in the words of its own error."""
    return (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "os error 28" in str(error)


def _memory_advice() -> str:
    return (
        "Lower the batch size or the window, choose QLoRA, or close other programs; a run resumes from its checkpoint."
    )


def plain_details(details: dict[str, object]) -> dict[str, object]:
    """Details as they can travel."""
    return {key: value if isinstance(value, int | float | str | bool) else str(value) for key, value in details.items()}
