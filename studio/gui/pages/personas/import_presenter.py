"""What the import dialog shows and takes, decided without Qt."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.checks import Finding, Severity
from studio.domain.errors import StudioError
from studio.gui import figures
from studio.texts import FINDINGS, sentence, tr, tr_plural

if TYPE_CHECKING:
    from studio.services.imports import ImportItem, ImportPlan

ASKED = {"speaker_needed": "speaker", "speaker_unknown": "speaker", "persona_name_needed": "name"}


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """One file: what was understood, or why not. ``reading`` while it is read again after an answer."""

    path: Path
    item: ImportItem | None = None
    error: StudioError | None = None
    taken: bool = True
    reading: bool = False

    @property
    def asks(self) -> str:
        """What must be answered before it can be taken: ``speaker``, ``name`` or nothing."""
        return ASKED.get(self.error.code, "") if self.error else ""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everybody who speaks in the file, if more than one could be the persona."""
        if self.item is not None:
            return self.item.speakers if len(self.item.speakers) > 1 else ()
        names = self.error.details.get("names", ()) if self.error else ()
        return tuple(str(name) for name in names) if isinstance(names, (tuple, list)) else ()

    @property
    def speaker(self) -> str:
        """Who is the persona, as far as is known."""
        return self.item.speaker if self.item else ""

    @property
    def persona_name(self) -> str:
        """What the persona will be called, as far as is known."""
        return self.item.persona_name if self.item else ""

    @property
    def trouble(self) -> str:
        """The sentence of the error, or nothing. A question is asked in its own words."""
        if self.error is None:
            return ""
        asked = {
            "speaker": tr("Who of these is the persona?"),
            "name": tr("The file does not say whose lines these are. What is the persona called?"),
        }
        return asked.get(self.asks) or sentence(self.error)

    @property
    def facts(self) -> tuple[str, ...]:
        """Format, number of conversations, number of the persona's lines: one chip each."""
        if self.item is None:
            return ()
        found = [self.item.format_label]
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
    def remarks(self) -> tuple[tuple[str, str, str], ...]:
        """(theme role, sentence, why it matters) of every finding."""
        return tuple(_remark(finding) for finding in self.item.findings) if self.item else ()


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 160, placeholder=" …")


def _remark(finding: Finding) -> tuple[str, str, str]:
    title, why = FINDINGS[finding.code]
    roles = {Severity.BLOCK: "bad", Severity.WARN: "warn", Severity.NOTE: "muted"}
    words = f"{tr(title)} ({figures.whole(finding.count)})" if finding.count > 1 else tr(title)
    return roles[finding.severity], words, tr(why)


class ImportPresenter:
    """Holds the rows and says what Import would do."""

    def __init__(self) -> None:
        self.rows: list[ImportRow] = []

    def show_plan(self, plan: ImportPlan) -> None:
        """Take over what was read: first what asks for an answer, then what was understood, then what failed."""
        rows = [ImportRow(path=item.path, item=item) for item in plan.items]
        troubled = [ImportRow(path=path, error=error, taken=False) for path, error in plan.problems]
        asking = [row for row in troubled if row.asks]
        self.rows = [*asking, *rows, *(row for row in troubled if not row.asks)]

    def show_error(self, paths: Sequence[Path], error: StudioError) -> None:
        """Nothing at all could be read."""
        named = error.details.get("path")
        path = Path(str(named)) if named else paths[0]
        self.rows = [ImportRow(path=path, error=error, taken=False)]

    def reading_again(self, index: int) -> None:
        """A row is being read again after an answer."""
        self.rows[index] = replace(self.rows[index], reading=True)

    def read_again(self, index: int, plan: ImportPlan) -> None:
        """A row was read again."""
        path = self.rows[index].path
        item = next((one for one in plan.items if one.path == path), plan.items[0] if plan.items else None)
        error = plan.problems[0][1] if item is None and plan.problems else None
        self.rows[index] = ImportRow(path=path, item=item, error=error, taken=item is not None)

    def failed_again(self, index: int, error: StudioError) -> None:
        """A row could still not be read."""
        self.rows[index] = ImportRow(path=self.rows[index].path, error=error, taken=False)

    def take(self, index: int, taken: bool) -> None:
        """Tick or untick a row."""
        self.rows[index] = replace(self.rows[index], taken=taken)

    def chosen(self) -> tuple[ImportItem, ...]:
        """What Import would store."""
        return tuple(row.item for row in self.rows if row.item is not None and row.taken and not row.reading)

    def can_import(self) -> bool:
        """True when something is ticked and nothing is being read."""
        return bool(self.chosen()) and not any(row.reading for row in self.rows)

    def button_words(self) -> str:
        """What the Import button says: how much."""
        chosen = self.chosen()
        if not chosen:
            return tr("Import")
        names = {item.persona_name for item in chosen}
        personas = tr_plural("{count} persona", "{count} personas", len(names))
        count = sum(len(item.conversations) for item in chosen)
        return (
            tr("Import {personas}, {conversations}", personas=personas, conversations=figures.conversations(count))
            if count
            else tr("Import {personas}", personas=personas)
        )

    def headline(self) -> str:
        """One line over the rows."""
        understood = sum(row.item is not None for row in self.rows)
        failed = sum(row.error is not None and not row.asks for row in self.rows)
        asking = sum(bool(row.asks) for row in self.rows)
        parts = [tr_plural("{count} file understood", "{count} files understood", understood)] if understood else []
        if asking:
            parts.append(tr_plural("{count} needs an answer", "{count} need an answer", asking))
        if failed:
            parts.append(tr_plural("{count} could not be read", "{count} could not be read", failed))
        return " · ".join(parts)


def read_each(read: Callable[[Sequence[Path]], ImportPlan], paths: Sequence[Path]) -> ImportPlan:
    """Read each path alone, so that each tells its own trouble; for when nothing could be read of them together."""
    from studio.services.imports import ImportPlan

    problems: list[tuple[Path, StudioError]] = []
    for path in paths:
        try:
            read([path])
        except StudioError as error:
            problems.append((path, error))
    return ImportPlan(problems=tuple(problems))
