"""Two versions of a persona's data beside each other."""

from dataclasses import dataclass

from studio.domain.conversation import Conversation


@dataclass(frozen=True, kw_only=True)
class DiffEntry:
    """One conversation: ``before`` is None where it was added, ``after`` where it was removed."""

    conversation_id: str
    title: str = ""
    before: Conversation | None = None
    after: Conversation | None = None


@dataclass(frozen=True, kw_only=True)
class VersionDiff:
    """What the later version has that the earlier one has not, and the other way round."""

    added: tuple[DiffEntry, ...] = ()
    removed: tuple[DiffEntry, ...] = ()
    changed: tuple[DiffEntry, ...] = ()
