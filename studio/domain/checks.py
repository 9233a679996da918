"""What is wrong with a dataset, in a form that a window can show and a run can be blocked by."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``BLOCK`` stops a run, ``WARN`` is worth a look, ``NOTE`` is good to know."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a finding was made: a conversation id (or its index in a file) and a turn index."""

    conversation: str
    turn: int = -1
    excerpt: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One kind of problem with all its places; ``code`` has its sentence in ``texts/findings.py``.

    ``repairs`` are the names of what can be done about it (``studio.checks.repairs``).
    """

    code: str
    severity: Severity
    count: int
    places: tuple[Place, ...] = ()
    repairs: tuple[str, ...] = ()
