"""The contract of a file format that comes in.

Growth: one new file in this room with an ``ENTRY``. ``sniff`` says from the head alone how sure it is (0 to 1);
``read`` returns everything the file holds, or raises a ``StudioError``. Any other exception is a bug.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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

    ``day_first`` is the user's answer where dates can be read both ways (None: not answered). ``columns`` says which
    column of a table is what (``{"persona": "reply", "user": "prompt"}``). ``checkpoint`` is called between records and
    raises when the user cancelled.
    """

    persona: str = ""
    lent: str = ""
    speaker: str = ""
    day_first: bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    checkpoint: Callable[[], None] = _go_on

    @property
    def expected(self) -> str:
        """The persona's name as far as anybody knows it."""
        return self.persona or self.lent


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one file holds. ``persona_name`` is empty when the file does not say; ``notes`` tell what was left out.

    ``date_order`` is ``day_first``, ``month_first`` or ``unclear`` where the file has dates in figures, else empty.
    ``columns`` are a table's columns and ``mapping`` what they were taken for, as in ``ReadOptions.columns``.
    ``lorebook`` is a ``character_book`` that came without a card. ``keep_original``: the file holds more than card and
    portrait say (an archive with further pictures), and is kept as it was.
    """

    persona_name: str = ""
    card: PersonaDraft | None = None
    conversations: tuple[Conversation, ...] = ()
    speakers: tuple[str, ...] = ()
    speaker: str = ""
    portrait: bytes = b""
    notes: tuple[Finding, ...] = ()
    date_order: str = ""
    columns: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    lorebook: Mapping[str, object] = field(default_factory=dict)
    keep_original: bool = False


@dataclass(frozen=True, kw_only=True)
class Importer:
    """A format. Files of one that ``introduces`` a persona are read first and name it for the files beside them.

    ``real_people`` is for chats between people: names and personal details are hidden unless the user says otherwise.
    ``order`` decides between formats that are equally sure.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    summary: str
    sniff: Callable[[Source], float]
    read: Callable[[Source, ReadOptions], Reading]
    introduces: bool = False
    real_people: bool = False
    order: int = 0


IMPORTERS: Registry[Importer] = Registry("studio.importers", Importer)
