"""What came out of reading files: drafts and conversations that a person can look at before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.domain.errors import StudioError


@dataclass(frozen=True, kw_only=True)
class PersonaDraft:
    """What a card says about a persona. ``card`` is the card as it was, with unknown keys; ``colour`` may be empty."""

    name: str
    tagline: str = ""
    description: str = ""
    greeting: str = ""
    alternate_greetings: tuple[str, ...] = ()
    system_prompt: str = ""
    tags: tuple[str, ...] = ()
    colour: str = ""
    card: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ImportItem:
    """One file that was read. ``speakers`` are all names in it, most lines first; ``speaker`` is the persona's.

    ``path`` of a file in an archive goes on below the archive's own (``chats.zip/logs/one.jsonl``). ``date_order``,
    ``columns`` and ``mapping`` as in ``Reading``. ``real_people`` says that the format is one of chats between people;
    ``names_hidden`` and ``details_hidden`` whether names, and mail addresses, phone numbers and the like were replaced.
    ``lorebook`` as in ``Reading``. ``original`` is the file to be kept with the persona as it was: its path, its bytes
    when it is in an archive, or nothing.
    """

    path: Path
    format: str
    format_label: str
    persona_name: str
    card: PersonaDraft | None = None
    conversations: tuple[Conversation, ...] = ()
    speakers: tuple[str, ...] = ()
    speaker: str = ""
    persona_turns: int = 0
    findings: tuple[Finding, ...] = ()
    portrait: bytes = b""
    date_order: str = ""
    columns: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    real_people: bool = False
    names_hidden: bool = False
    details_hidden: bool = False
    lorebook: Mapping[str, object] = field(default_factory=dict)
    original: Path | bytes = b""


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """All files that could be read, and the troubles of those that could not."""

    items: tuple[ImportItem, ...] = ()
    problems: tuple[tuple[Path, StudioError], ...] = ()
