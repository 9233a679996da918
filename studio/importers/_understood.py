"""What one file gave, as an item of the plan: whose it is, what was hidden in it, what is to be said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.checks import check_conversations
from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.domain.errors import StudioError
from studio.importers._people import match_name
from studio.importers._plan import ImportItem
from studio.importers._privacy import protect
from studio.importers._source import Source
from studio.importers._wording import note
from studio.importers.importer import Importer, Reading, ReadOptions

_ABOUT_THE_WHOLE = ("few_turns", "no_persona_turns")
"""Findings that only make sense for all data of a persona, not for one file of it."""
_ORIGINAL_LIMIT_MB = 256


@dataclass(frozen=True, kw_only=True)
class Hiding:
    """What to hide of the people in a file; None leaves it to the format."""

    names: bool | None = None
    details: bool | None = None

    def of(self, format: Importer) -> tuple[bool, bool]:
        """(names, details) for files of a format."""
        names, details = self.names, self.details
        return format.real_people if names is None else names, format.real_people if details is None else details


def understood(source: Source, format: Importer, reading: Reading, options: ReadOptions, hiding: Hiding) -> ImportItem:
    """Return the item of a file; ``StudioError`` when it holds nothing, or nobody knows whose it is."""
    name = _persona_name(source.path, format, reading, options)
    if reading.card is None and not reading.conversations and not reading.lorebook:
        raise StudioError("nothing_to_import", path=source.path)
    hide_names, hide_details = hiding.of(format)
    conversations, hidden = _protected(reading, name, options, names=hide_names, details=hide_details)
    return ImportItem(
        path=source.path,
        format=format.name,
        format_label=format.label,
        persona_name=name,
        card=reading.card,
        conversations=conversations,
        speakers=reading.speakers,
        speaker=reading.speaker,
        persona_turns=sum(len(conversation.persona_turns) for conversation in conversations),
        findings=(
            *_findings(conversations, name),
            *reading.notes,
            *hidden,
            *note("encoding_guessed", source.guessed_lines),
        ),
        portrait=reading.portrait,
        date_order=reading.date_order,
        columns=reading.columns,
        mapping=reading.mapping,
        real_people=format.real_people,
        names_hidden=hide_names and bool(conversations),
        details_hidden=hide_details and bool(conversations),
        lorebook=reading.lorebook,
        original=_original(source) if reading.keep_original else b"",
    )


def _persona_name(path: Path, format: Importer, reading: Reading, options: ReadOptions) -> str:
    """The user's word first; a card beside the file wins over the file's own name only for the same somebody."""
    own, lent = reading.persona_name, "" if format.introduces else options.lent
    same = not own or bool(match_name(lent, [own]))
    name = options.persona or (lent if lent and same else own)
    if not name:
        raise StudioError("persona_name_needed", path=path)
    return name


def _protected(
    reading: Reading, name: str, options: ReadOptions, *, names: bool, details: bool
) -> tuple[tuple[Conversation, ...], tuple[Finding, ...]]:
    if not reading.conversations or not (names or details):
        return reading.conversations, ()
    who = reading.speaker or name
    return protect(
        reading.conversations, reading.speakers, who, names=names, details=details, checkpoint=options.checkpoint
    )


def _findings(conversations: Sequence[Conversation], persona_name: str) -> tuple[Finding, ...]:
    numbered = [(str(number), conversation) for number, conversation in enumerate(conversations)]
    found = check_conversations(numbered, persona_name)
    return tuple(finding for finding in found if finding.code not in _ABOUT_THE_WHOLE)


def _original(source: Source) -> Path | bytes:
    return source.path if source.is_file else source.whole(limit_mb=_ORIGINAL_LIMIT_MB)
