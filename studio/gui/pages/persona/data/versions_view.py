"""The versions of a persona's data: keep one, name it, compare two, export one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QMenu, QStackedWidget, QWidget

from studio.domain.dataset import USUAL_FRACTION
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.data.version_card import VersionCard
from studio.gui.pages.persona.data.version_diff_view import VersionDiffView
from studio.gui.pages.persona.data.version_words import NOW, diff_lines, diff_words, version_rows, version_title
from studio.gui.pages.persona.data.work_line import WorkLine
from studio.gui.widgets.basic import button, card, empty_state, icon_button, scrolling
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.line_dialog import ask_line
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.data import ExportFormatInfo
    from studio.services.studio import Studio

WIDTH = 348


class VersionsView(QWidget):
    """List left, the comparison right."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._studio, self._navigator = studio, navigator
        self._persona_id = ""
        self._cards = column(spacing=8)
        self.work = WorkLine(navigator.show_error)
        keep = button(tr("Keep a version now"), "mdi6.content-save-outline", primary=True, on_click=self.ask_to_keep)
        left = column(
            row(keep, None), self.work, self._done_line(),
            scrolling(holder(column(self._cards, None, margins=(0, 0, 8, 0)))), spacing=10,
        )  # fmt: skip
        left.setStretch(3, 1)
        side = holder(left)
        side.setFixedWidth(WIDTH)
        self.diff = VersionDiffView()
        self.diff.asked.connect(self.compare)
        body = row(side, card(column(self.diff)), spacing=14)
        body.setStretch(1, 1)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(holder(body))
        self._stack.addWidget(self._empty_view())
        self.setLayout(column(self._stack))

    def _done_line(self) -> QFrame:
        self._done = ElidedLabel("", "small", middle=True)
        show = button(tr("Show in folder"), quiet=True, on_click=self._show_in_folder)
        away = icon_button("mdi6.close", tr("Close this notice"), lambda: self._done_card.hide(), size=24)
        line = row(self._done, show, away, spacing=4, margins=(10, 4, 6, 4))
        line.setStretch(0, 1)
        self._done_card = card(line, "raised")
        self._done_card.hide()
        self._exported = Path()
        return self._done_card

    def _empty_view(self) -> QWidget:
        keep = button(tr("Keep a version now"), "mdi6.content-save-outline", primary=True, on_click=self.ask_to_keep)
        words = tr(
            "A version is the data as it was, for good. Each training run keeps one by itself; keep one by hand before "
            "a large change, and compare later what it did."
        )
        return empty_state("mdi6.source-branch", tr("No version yet"), words, [keep])

    # -- showing ------------------------------------------------------------------------------------------------

    def show_persona(self, persona_id: str) -> None:
        """Show another persona's versions."""
        self._persona_id = persona_id
        self._done_card.hide()

    def refresh(self) -> None:
        """Show the versions as they are now."""
        self.diff.name = self._studio.personas.get(self._persona_id).name
        versions = self._studio.data.versions(self._persona_id)
        rows = version_rows(versions, self._studio.training.runs(self._persona_id))
        self._stack.setCurrentIndex(0 if rows else 1)
        clear(self._cards)
        for shown in rows:
            made = VersionCard(shown)
            made.compare_requested.connect(lambda key: self.compare(key, NOW))
            made.name_requested.connect(self._ask_name)
            made.export_requested.connect(self._pop_formats)
            self._cards.addWidget(made)
        titles = [(version.id, version_title(version)) for version in versions]
        before, after = self.diff.pair()
        self.diff.offer(titles, before, after)
        if versions:
            self.compare(*self.diff.pair())

    def compare(self, before: str, after: str) -> None:
        """Show what differs between two versions, or one and now."""
        self.diff.before.setCurrentIndex(max(self.diff.before.findData(before), 0))
        self.diff.after.setCurrentIndex(max(self.diff.after.findData(after), 0))
        self._told(lambda: self._compare(before, after))

    def _compare(self, before: str, after: str) -> None:
        found = self._studio.data.compare(before, after)
        self.diff.show_lines(diff_lines(found), diff_words(found))

    # -- acts ---------------------------------------------------------------------------------------------------

    def ask_to_keep(self) -> None:
        """Ask for a name; none is fine."""
        ask_line(self, tr("Keep a version"), tr("Name (may be empty)"), "", self.keep)

    def keep(self, name: str) -> None:
        """Keep the data as it is now."""

        def begin() -> None:
            job = self._studio.data.snapshot_job(self._persona_id, USUAL_FRACTION, name.strip())
            self.work.follow(job, tr("Keeping a version"), lambda _: self.refresh())

        self._told(begin)

    def _ask_name(self, version_id: str) -> None:
        now = self._studio.data.version(version_id).name
        ask_line(self, tr("Name of the version"), tr("Name"), now, lambda name: self._name(version_id, name))

    def _name(self, version_id: str, name: str) -> None:
        self._told(lambda: self._studio.data.name_version(version_id, name.strip()))
        self.refresh()

    def _pop_formats(self, version_id: str) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in self._studio.data.export_formats():
            action = menu.addAction(tr(one.label))
            action.setToolTip(tr(one.summary))
            action.triggered.connect(partial(self._ask_path, version_id, one))
        menu.popup(self.cursor().pos())

    def _ask_path(self, version_id: str, format: ExportFormatInfo, *_: object) -> None:
        number = self._studio.data.version(version_id).number
        name = f"{self._studio.personas.get(self._persona_id).name} {number}{format.suffix}"
        said, _filter = QFileDialog.getSaveFileName(self, tr("Export to"), name)
        if said:
            self.export_to(version_id, format.name, Path(said))

    def export_to(self, version_id: str, format: str, path: Path) -> None:
        """Write a version to a path, and say where it is."""

        def begin() -> None:
            job = self._studio.data.export_version(version_id, format, path)
            self.work.follow(job, tr("Exporting"), self._was_exported)

        self._told(begin)

    def _was_exported(self, path: Path) -> None:
        self._exported = path
        self._done.setText(tr("Exported to {path}", path=path))
        self._done_card.show()

    def _show_in_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._exported.parent)))

    def _told(self, act: Callable[[], object]) -> None:
        try:
            act()
        except StudioError as error:
            self._navigator.show_error(error)
