"""A repair before it is made: what it does, where, and every change in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from studio.domain.data_filter import Filter
from studio.gui.pages.persona.data.change_preview import ChangePreviewPane
from studio.gui.pages.persona.data.findings import Mending
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


class RepairDialog(QDialog):
    """``apply_requested`` tells the repair's name and the filter; the dialog is closed then."""

    apply_requested = Signal(str, object)
    place_opened = Signal(str, int)

    def __init__(self, studio: Studio, persona_id: str, mending: Mending, where: Filter, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio, self._persona_id, self._mending, self._where = studio, persona_id, mending, where
        self.setWindowTitle(mending.label)
        self.setMinimumSize(760, 560)
        self.preview = ChangePreviewPane(studio)
        self.preview.place_opened.connect(self._open_place)
        self._only = QCheckBox(tr("Only in what the filter shows"))
        self._only.setVisible(not where.is_empty)
        self._only.toggled.connect(lambda _: self._ask())
        self.apply = button(tr("Apply"), "mdi6.auto-fix", primary=True, on_click=self._apply)
        self.apply.setEnabled(False)
        self.preview.ready.connect(self.apply.setEnabled)
        undo = label(tr("Can be undone afterwards."), "small")
        cancel = button(tr("Cancel"), on_click=self.reject)
        whole = column(
            label(mending.label, "h1"), label(mending.summary, "muted", wrap=True), self._only, self.preview,
            row(undo, None, cancel, self.apply), spacing=10, margins=(24, 20, 24, 18),
        )  # fmt: skip
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self.finished.connect(lambda _: self.preview.give_up())
        self._ask()

    def _scope(self) -> Filter:
        return self._where if self._only.isChecked() else Filter()

    def _ask(self) -> None:
        name, scope = self._mending.name, self._scope()
        self.preview.ask(lambda: self._studio.data.preview_repair(self._persona_id, name, scope))

    def _apply(self) -> None:
        self.accept()
        self.apply_requested.emit(self._mending.name, self._scope())

    def _open_place(self, conversation_id: str, turn: int) -> None:
        self.reject()
        self.place_opened.emit(conversation_id, turn)
