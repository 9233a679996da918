"""The line under the strip: which view is shown, undo and redo with what they do, and what works on all of the data."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from studio.domain.errors import StudioError
from studio.gui.pages.persona.data.presenter import Undoable
from studio.gui.pages.persona.data.work_line import WorkLine
from studio.gui.widgets.basic import button
from studio.gui.widgets.keys import key_words
from studio.gui.widgets.layouts import row
from studio.gui.widgets.segmented import Segmented
from studio.texts import tr

ROOMY = 1000
"""From this width on the button itself says what would be undone."""
VIEWS = ("conversations", "findings", "coverage", "versions")


class DataToolbar(QWidget):
    """Wishes are signals; the tab acts."""

    view_requested = Signal(str)
    undo_requested = Signal()
    redo_requested = Signal()
    replace_requested = Signal()
    drafts_requested = Signal()
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        names = {
            "conversations": (tr("Conversations"), tr("Read, filter and edit")),
            "findings": (tr("Findings"), tr("What the checks found, and how it is mended")),
            "coverage": (tr("Coverage"), tr("What the data has, and what is missing")),
            "versions": (tr("Versions"), tr("What was kept for training, compared and exported")),
        }
        self.views = Segmented([(name, *names[name]) for name in VIEWS], tr("View of the data"))
        self.views.show_choice("conversations")
        self.views.chosen.connect(self.view_requested)
        self.work = WorkLine(self._failed)
        self.undo = self._tool("mdi6.undo", self.undo_requested.emit)
        self.redo = self._tool("mdi6.redo", self.redo_requested.emit)
        replace = button(tr("Replace"), "mdi6.find-replace", quiet=True, on_click=self.replace_requested.emit)
        replace.setToolTip(tr("Find and replace in all of the data ({key})", key=key_words("Ctrl+H")))
        write = button(tr("Write from the card"), "mdi6.creation-outline", quiet=True)
        write.clicked.connect(self.drafts_requested)
        write.setToolTip(tr("The base answers questions in the persona's name; you keep what is right."))
        self.setLayout(row(self.views, None, self.work, self.undo, self.redo, replace, write, spacing=4))
        self.show_undoable(Undoable())

    def _failed(self, error: StudioError) -> None:
        self.failed.emit(error)

    def _tool(self, icon: str, act: object) -> QPushButton:
        made = button("", icon, quiet=True, on_click=act)  # type: ignore[arg-type]
        made.setProperty("iconOnly", True)
        made.setFixedHeight(30)
        made.setMinimumWidth(30)
        return made

    def show_undoable(self, now: Undoable) -> None:
        """Say what Undo and Redo would do."""
        undo = tr("Undo: {what}", what=now.undo) if now.undo else tr("Nothing to undo")
        redo = tr("Redo: {what}", what=now.redo) if now.redo else tr("Nothing to redo")
        for made, words, there, keys in (
            (self.undo, undo, now.undo, "Ctrl+Z"), (self.redo, redo, now.redo, "Ctrl+Shift+Z")
        ):  # fmt: skip
            made.setEnabled(bool(there))
            made.setToolTip(f"{words} ({key_words(keys)})")
            made.setAccessibleName(words)
        shown = undo if now.undo and self.width() >= ROOMY else ""
        self.undo.setText(self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, 220))

    def show_findings(self, count: int) -> None:
        """Say on the switch how many there are."""
        self.views.part("findings").setText(tr("Findings · {count}", count=count) if count else tr("Findings"))
