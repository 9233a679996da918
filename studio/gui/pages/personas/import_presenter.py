"""What the import dialog shows and takes, decided without Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.gui import figures
from studio.gui.pages.personas.import_rows import Answers, ImportRow, Known, RowGroup, groups_of
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.imports import ImportItem, ImportPlan
    from studio.services.job import Job
    from studio.services.studio import Studio

GROUP_FROM = 3
"""As many files that are alike are shown as one."""


class ImportPresenter:
    """Holds the rows and says what Import would do."""

    def __init__(self) -> None:
        self.rows: list[ImportRow] = []
        self.opened: set[tuple[int, ...]] = set()

    def show_plan(self, plan: ImportPlan) -> None:
        """Take over what was read: first what asks for an answer, then cards, then other files, then what failed."""
        rows = [ImportRow(path=item.path, item=item) for item in plan.items]
        troubled = [ImportRow(path=path, error=error, taken=False) for path, error in plan.problems]
        asking = [row for row in troubled if row.asks]
        rows.sort(key=lambda row: (not row.asks_for_dates, row.item is None or row.item.card is None))
        self.rows = [*asking, *rows, *(row for row in troubled if not row.asks)]
        self.opened.clear()

    def show_error(self, paths: Sequence[Path], error: StudioError) -> None:
        """Nothing at all could be read."""
        named = error.details.get("path")
        path = Path(str(named)) if named else paths[0]
        self.rows = [ImportRow(path=path, error=error, taken=False)]
        self.opened.clear()

    # -- groups -------------------------------------------------------------------------------------------------

    def groups(self) -> list[RowGroup]:
        """What is shown: single files, and files that are alike as one unless the user has opened them."""
        found: list[RowGroup] = []
        for group in groups_of(self.rows, GROUP_FROM):
            if group.indexes in self.opened:
                found += [RowGroup(indexes=(index,), rows=(self.rows[index],)) for index in group.indexes]
            else:
                found.append(group)
        return found

    def open(self, group: RowGroup) -> None:
        """Show the files of a group one by one."""
        self.opened.add(group.indexes)

    # -- answers ------------------------------------------------------------------------------------------------

    def answer(self, index: int, answers: Answers) -> list[int]:
        """Take an answer; return every row that must be read again with it.

        Who is the persona is meant for all files that still ask the same and have the same speaker.
        """
        row, meant = self.rows[index], [index]
        if row.asks == "speaker" and answers.speaker:
            meant += [
                other
                for other, one in enumerate(self.rows)
                if other != index and one.asks == "speaker" and answers.speaker in one.speakers and not one.reading
            ]
        for one in meant:
            told = replace(answers, day_first=self.rows[one].answers.day_first) if one != index else answers
            self.rows[one] = replace(self.rows[one], reading=True, answers=told)
        return meant

    def read_again(self, index: int, plan: ImportPlan) -> None:
        """A row was read again."""
        row = self.rows[index]
        item = next((one for one in plan.items if one.path == row.path), plan.items[0] if plan.items else None)
        error = plan.problems[0][1] if item is None and plan.problems else None
        self.rows[index] = replace(row, item=item, error=error, taken=item is not None, reading=False, known=None)

    def failed_again(self, index: int, error: StudioError) -> None:
        """A row could still not be read."""
        self.rows[index] = replace(self.rows[index], item=None, error=error, taken=False, reading=False, known=None)

    def tell_known(self, index: int, item: ImportItem, known: Known) -> bool:
        """What the library has of a row already; False when the row was read again meanwhile."""
        if self.rows[index].item is not item:
            return False
        self.rows[index] = replace(self.rows[index], known=known)
        return True

    # -- what Import does ---------------------------------------------------------------------------------------

    def take(self, indexes: Sequence[int], taken: bool) -> None:
        """Tick or untick rows."""
        for index in indexes:
            if self.rows[index].item is not None:
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
        count = self._count()
        if not count:
            return tr("Import {personas}", personas=personas)
        return tr("Import {personas}, {conversations}", personas=personas, conversations=figures.conversations(count))

    def _count(self) -> int:
        """Conversations that Import would touch: those that the library has already are not counted, once known."""
        rows = [row for row in self.rows if row.item is not None and row.taken]
        return sum(
            row.known.new + row.known.grown if row.known else len(row.item.conversations) for row in rows if row.item
        )

    def headline(self) -> str:
        """One line over the rows."""
        understood = sum(row.item is not None for row in self.rows)
        failed = sum(row.error is not None and not row.asks for row in self.rows)
        asking = sum(bool(row.asks) or row.asks_for_dates for row in self.rows)
        parts = [tr_plural("{count} file understood", "{count} files understood", understood)] if understood else []
        if asking:
            parts.append(tr_plural("{count} needs an answer", "{count} need an answer", asking))
        if failed:
            parts.append(tr_plural("{count} could not be read", "{count} could not be read", failed))
        return " · ".join(parts)

    def formats(self) -> tuple[str, ...]:
        """How many files of each format: one chip each."""
        counts = Counter(tr(row.item.format_label) for row in self.rows if row.item is not None)
        return tuple(f"{figures.whole(count)} × {label}" for label, count in counts.most_common())


def known_of(studio: Studio, item: ImportItem) -> Job[tuple[int, int, int]]:
    """Ask the library how much of a file is new, there already, and grown."""
    from studio.services.imports import ImportPlan

    return studio.imports.known_job(ImportPlan(items=(item,)), 0)
