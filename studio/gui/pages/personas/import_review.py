"""What an import was understood as: a card a file or a group of files, with questions that read a file again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.gui.background import run_in_background
from studio.gui.pages.personas.import_presenter import ImportPresenter, known_of
from studio.gui.pages.personas.import_row import ImportGroupCard, ImportRowCard
from studio.gui.pages.personas.import_rows import Answers, Known, RowGroup
from studio.gui.widgets.basic import button, chip, label, scrolling
from studio.gui.widgets.layouts import FlowLayout, clear, column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.imports import ImportItem, ImportPlan
    from studio.services.job import Job
    from studio.services.studio import Studio

MOST_CARDS, CARDS_AT_ONCE = 100, 5


class ImportReview(QWidget):
    """Shows the presenter's rows. Nothing is written here."""

    store_requested = Signal()
    other_files_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, studio: Studio, presenter: ImportPresenter) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._studio, self.presenter = studio, presenter
        self._rows = column(spacing=10)
        self._groups: list[RowGroup] = []
        self._unknown: list[int] = []
        self._looking: Job[tuple[int, int, int]] | None = None
        self._adding = QTimer(self)
        self._adding.timeout.connect(self._add_cards)
        self._build()

    def _build(self) -> None:
        self._headline = label("", "muted")
        self._formats = FlowLayout(spacing=6)
        self._import = button(tr("Import"), "mdi6.import", primary=True, on_click=self.store_requested.emit)
        more = button(tr("Other files"), quiet=True, on_click=self.other_files_requested.emit)
        cancel = button(tr("Cancel"), on_click=self.cancel_requested.emit)
        self._rows.setContentsMargins(0, 0, 8, 0)
        area = scrolling(holder(column(self._rows, None)))
        whole = column(
            label(tr("This is what was understood"), "h1"), self._headline, holder(self._formats), 2, area, 4
        )
        whole.addLayout(row(more, None, cancel, self._import))
        whole.setStretch(4, 1)
        self.setLayout(whole)

    def show_rows(self) -> None:
        """Show what was read, from the beginning."""
        clear(self._rows)
        self._groups = self.presenter.groups()
        self._adding.start(0)
        self._add_cards()
        self._show_summary()
        self._import.setFocus()

    def _add_cards(self) -> None:
        """Some at a time, so that a folder of a hundred chats does not make the window wait."""
        there, wanted = self._rows.count(), min(len(self._groups), MOST_CARDS)
        for group in self._groups[there : min(there + CARDS_AT_ONCE, wanted)]:
            self._rows.addWidget(self._card(group))
        if there + CARDS_AT_ONCE < wanted:
            return
        self._adding.stop()
        if len(self._groups) > wanted:
            words = tr("and {count} more files", count=len(self._groups) - wanted)
            self._rows.addWidget(label(words, "muted"))
        self._look_up()

    def _card(self, group: RowGroup) -> ImportRowCard | ImportGroupCard:
        take = partial(self._take, group.indexes)
        if len(group.rows) > 1:
            return ImportGroupCard(group, take, partial(self._open, group))
        index = group.indexes[0]
        return ImportRowCard(self.presenter.rows[index], take, partial(self._answer, index))

    def _open(self, group: RowGroup) -> None:
        self.presenter.open(group)
        self.show_rows()

    def cards(self) -> list[ImportRowCard]:
        """The cards of single files on the screen."""
        widgets = [self._rows.itemAt(place).widget() for place in range(self._rows.count())]  # type: ignore[union-attr]
        return [widget for widget in widgets if isinstance(widget, ImportRowCard)]

    def _show_summary(self) -> None:
        self._headline.setText(self.presenter.headline())
        clear(self._formats)
        for words in self.presenter.formats():
            self._formats.addWidget(chip(words))
        self._show_button()

    def _show_button(self) -> None:
        self._import.setText(self.presenter.button_words())
        self._import.setAccessibleName(self.presenter.button_words())
        self._import.setEnabled(self.presenter.can_import())

    def _take(self, indexes: Sequence[int], taken: bool) -> None:
        self.presenter.take(indexes, taken)
        self._show_summary()

    # -- what is new in it --------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Ask the library what it has already, one file after another, in slices."""
        rows = enumerate(self.presenter.rows)
        self._unknown = [index for index, row in rows if row.item is not None and row.known is None]
        if self._looking is None:
            self._look_up_next()

    def _look_up_next(self) -> None:
        self._looking = None
        while self._unknown and self.presenter.rows[self._unknown[0]].item is None:
            self._unknown.pop(0)
        if self._unknown:
            index = self._unknown.pop(0)
            item = self.presenter.rows[index].item
            assert item is not None
            self._looking = known_of(self._studio, item)
            self._looking.on_end(partial(self._looked_up, index, item))

    def _looked_up(self, index: int, item: ImportItem, job: Job[tuple[int, int, int]]) -> None:
        if not shiboken6.isValid(self):
            return
        if job.result is not None and self.presenter.tell_known(index, item, Known(*job.result)):
            self._show_news(index)
        self._look_up_next()

    def _show_news(self, index: int) -> None:
        place = next((place for place, group in enumerate(self._groups) if index in group.indexes), -1)
        item = self._rows.itemAt(place) if place >= 0 else None
        if item is not None and isinstance(widget := item.widget(), ImportRowCard | ImportGroupCard):
            indexes = self._groups[place].indexes
            group = RowGroup(indexes=indexes, rows=tuple(self.presenter.rows[one] for one in indexes))
            widget.show_news(group.news)
        self._show_button()

    # -- answers ------------------------------------------------------------------------------------------------

    def _answer(self, index: int, answers: Answers) -> None:
        """Read files again, now that something is known about them."""
        if self.presenter.rows[index].reading:
            return
        for meant in self.presenter.answer(index, answers):
            self._show_row(meant)
            run_in_background(
                partial(self._read_with, self.presenter.rows[meant].path, self.presenter.rows[meant].answers),
                owner=self,
                on_result=partial(self._read_again, meant),
                on_error=partial(self._failed_again, meant),
            )

    def _read_with(self, path: Path, said: Answers) -> ImportPlan:
        """On the thread."""
        return self._studio.imports.read(
            [path], persona=said.name, speaker=said.speaker, day_first=said.day_first, columns=said.columns,
            hide_names=said.hide_names, hide_details=said.hide_details,
        )  # fmt: skip

    def _read_again(self, index: int, plan: ImportPlan) -> None:
        self.presenter.read_again(index, plan)
        self._show_row(index)
        self._look_up()

    def _failed_again(self, index: int, error: StudioError) -> None:
        self.presenter.failed_again(index, error)
        self._show_row(index)

    def _show_row(self, index: int) -> None:
        place = next((place for place, group in enumerate(self._groups) if group.indexes == (index,)), -1)
        item = self._rows.itemAt(place) if place >= 0 else None
        if item is not None and isinstance(old := item.widget(), ImportRowCard):
            group = RowGroup(indexes=(index,), rows=(self.presenter.rows[index],))
            self._groups[place] = group
            self._rows.replaceWidget(old, self._card(group))
            old.hide()
            old.deleteLater()
        self._show_summary()
