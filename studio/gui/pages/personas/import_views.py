"""The import dialog's quieter views: choosing files, and waiting while they are read or stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget

from studio.gui.widgets.basic import IconLabel, button, card, label, scrolling
from studio.gui.widgets.layouts import column, holder, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.imports import FormatInfo

COLUMNS = 4


def choose_view(
    formats: Sequence[FormatInfo],
    choose_files: Callable[[], None],
    choose_folder: Callable[[], None],
    cancel: Callable[[], None],
) -> QWidget:
    """The place to drop things on, and what can be read."""
    files = button(tr("Choose files"), "mdi6.file-multiple-outline", primary=True, on_click=choose_files)
    folder = button(tr("Choose a folder"), "mdi6.folder-outline", on_click=choose_folder)
    hint = label(tr("Whole folders and zip files are one import. Nothing is written before you have seen it."), "muted")
    words = column(
        None,
        row(None, IconLabel("mdi6.tray-arrow-down", "accent", 48), None),
        row(None, label(tr("Drop files or folders here"), "h1"), None),
        row(None, hint, None),
        4,
        row(None, files, folder, None),
        None,
        spacing=10,
    )
    known = scrolling(holder(column(_known(formats), None, margins=(16, 12, 16, 12))))
    frame = card(column(label(tr("What can be read"), "h2"), known, spacing=6, margins=(16, 12, 4, 8)))
    whole = column(card(words, "drop"), frame, row(None, button(tr("Cancel"), on_click=cancel)), spacing=12)
    whole.setStretch(0, 3)
    whole.setStretch(1, 2)
    return holder(whole)


def _known(formats: Sequence[FormatInfo]) -> QGridLayout:
    """Columns of formats; the sentence about each is its tooltip and what a screen reader says."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(6)
    for number, one in enumerate(formats):
        name = label(tr(one.label), wrap=True)
        name.setToolTip(f"{tr(one.summary)}  {' '.join(one.suffixes)}")
        name.setAccessibleDescription(tr(one.summary))
        grid.addWidget(name, number // COLUMNS, number % COLUMNS, Qt.AlignmentFlag.AlignTop)
    return grid


class WaitingView(QWidget):
    """A title, a bar, what is at hand, and a way out."""

    def __init__(self, title: str, cancel: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._bar = QProgressBar()
        self._bar.setAccessibleName(title)
        self._bar.setFixedWidth(420)
        self._what = label("", "small")
        self._title = label(title, "h1")
        self._cancel = button(tr("Cancel"), on_click=cancel)
        self.setLayout(
            column(
                None,
                row(None, self._title, None),
                row(None, self._bar, None),
                row(None, self._what, None),
                8,
                row(None, self._cancel, None),
                None,
                spacing=12,
            )
        )

    def start(self, title: str) -> None:
        """Begin, with nothing known about the end."""
        self._title.setText(title)
        self._bar.setAccessibleName(title)
        self._bar.setRange(0, 0)
        self._what.setText("")
        self._cancel.setEnabled(True)

    def show_progress(self, done: float, total: float, what: str) -> None:
        """``done`` of ``total`` (0: unknown)."""
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        self._what.setText(what)

    def show_cancelling(self) -> None:
        """The wish was heard."""
        self._what.setText(tr("Cancelling…"))
        self._cancel.setEnabled(False)
