"""Find and replace in all of the data, with a preview that follows what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QGridLayout, QLineEdit, QWidget

from studio.domain.conversation import Role
from studio.domain.data_changes import Replacing
from studio.domain.data_filter import Filter
from studio.gui.pages.persona.data.change_preview import ChangePreviewPane
from studio.gui.pages.persona.data.turn_acts import role_names
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import Part, column, row
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

DELAY_MS = 250


class ReplaceDialog(QDialog):
    """``apply_requested`` tells ``Replacing`` and the filter. ``last`` are the words of the time before."""

    apply_requested = Signal(object, object)
    place_opened = Signal(str, int)

    def __init__(
        self, studio: Studio, persona_id: str, scopes: list[tuple[str, Filter]], last: Replacing, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._studio, self._persona_id, self._scopes = studio, persona_id, scopes
        self.setWindowTitle(tr("Find and replace"))
        self.setMinimumSize(800, 600)
        self._typed = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._typed.timeout.connect(self._ask)
        self.sought = self._field(tr("Find"), last.find)
        self.replacement = self._field(tr("Replace with"), last.replacement)
        self.switches = self._make_switches(last)
        self.roles = {role: self._switch(words, True) for role, words in role_names().items()}
        self.scope = self._scope_choice()
        self.preview = ChangePreviewPane(studio)
        self.preview.place_opened.connect(self._open_place)
        self.apply = button(tr("Replace all"), "mdi6.find-replace", primary=True, on_click=self._apply)
        self.preview.ready.connect(self.apply.setEnabled)
        self._build()
        self.finished.connect(lambda _: self.preview.give_up())
        self.sought.selectAll()
        self.sought.setFocus()
        self._ask()

    def _field(self, name: str, text: str) -> QLineEdit:
        made = QLineEdit(text)
        made.setAccessibleName(name)
        made.textChanged.connect(lambda: self._later())
        return made

    def _later(self) -> None:
        """What is typed is not what the preview shows, so it cannot be applied before that is worked out."""
        self.apply.setEnabled(False)
        self._typed.start()

    def _make_switches(self, last: Replacing) -> dict[str, QCheckBox]:
        made = {
            "match_case": self._switch(tr("Match case"), last.match_case),
            "whole_words": self._switch(tr("Whole words"), last.whole_words),
            "regex": self._switch(tr("Regular expression"), last.regex),
        }
        made["regex"].setToolTip(tr("Groups in brackets come back as \\1, \\2 in the replacement"))
        return made

    def _switch(self, words: str, on: bool) -> QCheckBox:
        made = QCheckBox(words)
        made.setChecked(on)
        made.toggled.connect(lambda _: self._ask())
        return made

    def _scope_choice(self) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(tr("Where"))
        made.addItems([words for words, _ in self._scopes])
        made.setCurrentIndex(len(self._scopes) - 1)
        made.currentIndexChanged.connect(lambda _: self._ask())
        return made

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for line, (words, field) in enumerate(((tr("Find"), self.sought), (tr("Replace with"), self.replacement))):
            grid.addWidget(label(words), line, 0)
            grid.addWidget(field, line, 1)
        turns: list[Part] = [label(tr("In turns of"), "small"), *self.roles.values()]
        cancel = button(tr("Close"), on_click=self.reject)
        undo = label(tr("Can be undone afterwards."), "small")
        whole = column(
            label(tr("Find and replace"), "h1"), grid, row(*self.switches.values(), None, spacing=14),
            row(*turns, None, self.scope, spacing=12), self.preview, row(undo, None, cancel, self.apply),
            spacing=10, margins=(24, 20, 24, 18),
        )  # fmt: skip
        whole.setStretch(4, 1)
        self.setLayout(whole)

    # -- what is wanted -----------------------------------------------------------------------------------------

    def wanted(self) -> Replacing:
        """What is typed and switched now."""
        chosen = frozenset(role for role, switch in self.roles.items() if switch.isChecked())
        return Replacing(
            find=self.sought.text(),
            replacement=self.replacement.text(),
            regex=self.switches["regex"].isChecked(),
            match_case=self.switches["match_case"].isChecked(),
            whole_words=self.switches["whole_words"].isChecked(),
            roles=frozenset() if len(chosen) == len(Role) else chosen,
        )

    def _where(self) -> Filter:
        return self._scopes[self.scope.currentIndex()][1]

    def _ask(self) -> None:
        wanted, where = self.wanted(), self._where()
        if not wanted.find:
            self.preview.clear(tr("Type what to look for; every place is shown before anything is changed."))
        elif not any(switch.isChecked() for switch in self.roles.values()):
            self.preview.clear(tr("Choose whose turns are meant."))
        else:
            self.preview.ask(lambda: self._studio.data.preview_replace(self._persona_id, wanted, where))

    def _apply(self) -> None:
        wanted, where = self.wanted(), self._where()
        self.accept()
        self.apply_requested.emit(wanted, where)

    def _open_place(self, conversation_id: str, turn: int) -> None:
        self.reject()
        self.place_opened.emit(conversation_id, turn)
