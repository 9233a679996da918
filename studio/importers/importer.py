"""The contract of a file format that comes in.

Growth: one new file in this room with an ``ENTRY``. ``sniff`` says from the head alone how sure it is (0 to 1);
``read`` returns everything the file holds, or raises a ``StudioError``. Any other exception is a bug.
"""

from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.importers._plan import PersonaDraft
from studio.importers._source import Source
from studio.registry import Registry


def _go_on() -> None:
    """Nobody wants to cancel."""


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What is known before a file is read: ``persona`` and ``speaker`` from the user, ``lent`` from a card beside it.

    ``checkpoint`` is called between records and raises when the user cancelled.
    """

    persona: str = ""
    lent: str = ""
    speaker: str = ""
    checkpoint: Callable[[], None] = _go_on

    @property
    def expected(self) -> str:
        """The persona's name as far as anybody knows it."""
        return self.persona or self.lent


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one file holds. ``persona_name`` is empty when the file does not say; ``notes`` tell what was left out."""

    persona_name: str = ""
    card: PersonaDraft | None = None
    conversations: tuple[Conversation, ...] = ()
    speakers: tuple[str, ...] = ()
    speaker: str = ""
    portrait: bytes = b""
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Importer:
    """A format. Files of one that ``introduces`` a persona are read first and name it for the files beside them."""

    name: str
    label: str
    suffixes: tuple[str, ...]
    summary: str
    sniff: Callable[[Source], float]
    read: Callable[[Source, ReadOptions], Reading]
    introduces: bool = False
    order: int = 0


IMPORTERS: Registry[Importer] = Registry("studio.importers", Importer)
