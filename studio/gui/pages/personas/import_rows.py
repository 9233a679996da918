"""One file of an import as the dialog shows it: facts, questions, remarks; and files that are alike as one."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.checks import Finding, Severity
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.gui import figures
from studio.texts import FINDINGS, sentence, tr, tr_plural

if TYPE_CHECKING:
    from studio.services.imports import ImportItem

ASKED = {
    "speaker_needed": "speaker",
    "speaker_unknown": "speaker",
    "persona_name_needed": "name",
    "lorebook_needs_persona": "name",
    "columns_needed": "columns",
}
UNCLEAR = "unclear"
PREVIEW_TURNS = 6


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the user said about a file; ``None`` and empty: nothing yet."""

    name: str = ""
    speaker: str = ""
    day_first: bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    hide_names: bool | None = None
    hide_details: bool | None = None


@dataclass(frozen=True)
class Known:
    """How much of a file the library has already: new, there already, and longer than what is there."""

    new: int = 0
    already: int = 0
    grown: int = 0

    @property
    def words(self) -> str:
        """What is new and what is not; nothing when all of it is new."""
        if not (self.already or self.grown):
            return ""
        if not (self.new or self.grown):
            return tr("All of this is in the library already.")
        parts = [tr_plural("{count} new conversation", "{count} new conversations", self.new)]
        if self.grown:
            parts.append(tr_plural("{count} that has grown", "{count} that have grown", self.grown))
        if self.already:
            parts.append(tr_plural("{count} there already", "{count} there already", self.already))
        return " · ".join(parts)

    def __add__(self, other: Known) -> Known:
        return Known(self.new + other.new, self.already + other.already, self.grown + other.grown)


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """One file: what was understood, or why not. ``reading`` while it is read again after an answer."""

    path: Path
    item: ImportItem | None = None
    error: StudioError | None = None
    taken: bool = True
    reading: bool = False
    answers: Answers = Answers()
    known: Known | None = None

    @property
    def asks(self) -> str:
        """What must be answered before it can be taken: ``speaker``, ``name``, ``columns`` or nothing."""
        return ASKED.get(self.error.code, "") if self.error else ""

    @property
    def asks_for_dates(self) -> bool:
        """True when the dates can be read both ways and nobody has said which."""
        return self.item is not None and self.item.date_order == UNCLEAR

    @property
    def has_dates(self) -> bool:
        """True when the order of day and month matters in this file."""
        return self.item is not None and bool(self.item.date_order)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everybody who speaks in the file, if more than one could be the persona."""
        if self.item is not None:
            return self.item.speakers if len(self.item.speakers) > 1 else ()
        return _named(self.error, "names")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table."""
        return self.item.columns if self.item is not None else _named(self.error, "columns")

    @property
    def mapping(self) -> Mapping[str, str]:
        """What the columns were taken for."""
        return self.item.mapping if self.item is not None else self.answers.columns

    @property
    def speaker(self) -> str:
        """Who is the persona, as far as is known."""
        return self.item.speaker if self.item else self.answers.speaker

    @property
    def persona_name(self) -> str:
        """What the persona will be called, as far as is known."""
        return self.item.persona_name if self.item else self.answers.name

    @property
    def trouble(self) -> str:
        """The sentence of the error, or nothing. A question is asked in its own words."""
        if self.error is None:
            return ""
        if self.error.code == "lorebook_needs_persona":
            return tr("A lorebook belongs to the card of a persona. What is the persona called?")
        asked = {
            "speaker": tr("Who of these is the persona?"),
            "name": tr("The file does not say whose lines these are. What is the persona called?"),
            "columns": tr("Which column holds what?"),
        }
        return asked.get(self.asks) or sentence(self.error)

    @property
    def facts(self) -> tuple[str, ...]:
        """Format, number of conversations, number of the persona's lines, what is new: one chip each."""
        if self.item is None:
            return ()
        found = [tr(self.item.format_label)]
        if self.item.card is not None:
            found.append(tr("card with portrait") if self.item.portrait else tr("card"))
        if self.item.conversations:
            found.append(figures.conversations(len(self.item.conversations)))
            found.append(tr_plural("{count} line of theirs", "{count} lines of theirs", self.item.persona_turns))
        return tuple(found)

    @property
    def excerpt(self) -> str:
        """Something the persona says in the file, so that one sees whether it was understood."""
        if self.item is None:
            return ""
        for conversation in self.item.conversations:
            for turn in conversation.persona_turns:
                if turn.text.strip():
                    return _shortened(turn.text)
        return _shortened(self.item.card.tagline or self.item.card.description) if self.item.card else ""

    @property
    def preview(self) -> tuple[tuple[str, str, bool], ...]:
        """The first turns of the first conversation: (who, words, whether it is the persona)."""
        if self.item is None or not self.item.conversations:
            return ()
        turns = self.item.conversations[0].turns[:PREVIEW_TURNS]
        return tuple(
            (turn.speaker or _ROLES[turn.role], _shortened(turn.text, 400), turn.role is Role.PERSONA) for turn in turns
        )

    @property
    def remarks(self) -> tuple[tuple[str, str, str], ...]:
        """(theme role, sentence, why it matters) of every finding."""
        return tuple(remark(finding) for finding in self.item.findings) if self.item else ()

    @property
    def news(self) -> str:
        """What of it the library does not have yet; empty while that is not known, or when all of it is new."""
        return self.known.words if self.known else ""


@dataclass(frozen=True, kw_only=True)
class RowGroup:
    """Files that were understood alike, by their places in the presenter's rows."""

    indexes: tuple[int, ...]
    rows: tuple[ImportRow, ...]

    @property
    def title(self) -> str:
        """How many files of what, and whose."""
        first = self.rows[0].item
        assert first is not None, "only files that were understood are put together"
        return tr(
            "{count} files · {format} · {persona}",
            count=len(self.rows), format=tr(first.format_label), persona=first.persona_name,
        )  # fmt: skip

    @property
    def facts(self) -> tuple[str, ...]:
        """Totals: one chip each."""
        items = [row.item for row in self.rows if row.item is not None]
        talks, lines = sum(len(item.conversations) for item in items), sum(item.persona_turns for item in items)
        return (
            figures.conversations(talks),
            tr_plural("{count} line of theirs", "{count} lines of theirs", lines),
        )

    @property
    def news(self) -> str:
        """What of them the library has already, once that is known of all."""
        known = [row.known for row in self.rows if row.known is not None]
        return sum(known, start=Known()).words if len(known) == len(self.rows) else ""

    @property
    def taken(self) -> bool:
        """True when every file of it is ticked."""
        return all(row.taken for row in self.rows)

    @property
    def excerpt(self) -> str:
        """Something the persona says in the first of them."""
        return next((row.excerpt for row in self.rows if row.excerpt), "")

    @property
    def remarks(self) -> tuple[tuple[str, str, str], ...]:
        """The findings of all files added up."""
        counts: dict[str, int] = {}
        severities: dict[str, Severity] = {}
        for row in self.rows:
            for finding in row.item.findings if row.item else ():
                counts[finding.code] = counts.get(finding.code, 0) + finding.count
                severities[finding.code] = finding.severity
        return tuple(
            remark(Finding(code=code, severity=severities[code], count=count)) for code, count in counts.items()
        )


_ROLES = {Role.SYSTEM: "System", Role.USER: "User", Role.PERSONA: "Persona"}


def remark(finding: Finding) -> tuple[str, str, str]:
    """(theme role, sentence, why it matters) of a finding."""
    title, why = FINDINGS[finding.code]
    roles = {Severity.BLOCK: "bad", Severity.WARN: "warn", Severity.NOTE: "muted"}
    words = f"{tr(title)} ({figures.whole(finding.count)})" if finding.count > 1 else tr(title)
    return roles[finding.severity], words, tr(why)


def alike(row: ImportRow) -> tuple[object, ...]:
    """What files must share to be shown as one; empty for those that stand alone (questions, cards, troubles)."""
    item = row.item
    if item is None or item.card is not None or row.reading or row.asks_for_dates or item.columns:
        return ()
    speakers = tuple(sorted(item.speakers))
    return (item.format, item.persona_name, item.speaker, speakers, item.names_hidden, item.details_hidden)


def groups_of(rows: Sequence[ImportRow], least: int) -> list[RowGroup]:
    """Put ``least`` or more files that are alike together, where the first of them stands; the others stay alone."""
    found: dict[object, list[int]] = {}
    for index, row in enumerate(rows):
        found.setdefault(alike(row) or index, []).append(index)
    lists = [[index] for many in found.values() if len(many) < least for index in many]
    lists += [many for many in found.values() if len(many) >= least]
    return [RowGroup(indexes=tuple(many), rows=tuple(rows[index] for index in many)) for many in sorted(lists)]


def _shortened(text: str, width: int = 160) -> str:
    return textwrap.shorten(text, width, placeholder=" …")


def _named(error: StudioError | None, detail: str) -> tuple[str, ...]:
    names = error.details.get(detail, ()) if error else ()
    return tuple(str(name) for name in names) if isinstance(names, (tuple, list)) else ()
