"""The contract of a dataset format: how a version's conversations leave the library.

Growth: one new file in this room with an ``ENTRY``. ``write`` streams into one file, or fills an empty folder; the
service moves it into place when it is whole. What is written, the importers read back as the same conversations.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.domain.conversation import Conversation
from studio.domain.persona import Persona
from studio.registry import Registry

SIDES = ("all", "train", "heldout")


@dataclass(frozen=True, kw_only=True)
class ExportedConversation:
    """A conversation of a version; ``key`` is its id, ``heldout`` its side of the split."""

    key: str
    heldout: bool
    conversation: Conversation


@dataclass(frozen=True, kw_only=True)
class DatasetExportRequest:
    """What is to be written. ``conversations`` begins a new pass over the version each time it is called.

    ``fill_macros`` puts the names in for ``{{char}}`` and ``{{user}}``. ``system_prompt`` is put before conversations
    that have no system turn, as training does; empty for none. ``side`` is one of ``SIDES``.
    """

    conversations: Callable[[], Iterator[ExportedConversation]]
    persona: Persona
    user_name: str = "User"
    fill_macros: bool = False
    system_prompt: str = ""
    side: str = "all"


@dataclass(frozen=True, kw_only=True)
class ExportCount:
    """What was written: from how many conversations, and how many rows (conversations, turns or pairs)."""

    conversations: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class DatasetExporter:
    """A format. ``write(request, path)`` writes the file ``path``, or fills the empty folder ``path`` if ``folder``."""

    name: str
    label: str
    summary: str
    suffix: str
    write: Callable[[DatasetExportRequest, Path], ExportCount]
    folder: bool = False
    order: int = 0


DATASET_EXPORTERS: Registry[DatasetExporter] = Registry("studio.exporters.datasets", DatasetExporter)
