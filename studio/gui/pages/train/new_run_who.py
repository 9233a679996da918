"""The form's first part: who learns, from which data, on which base, beginning with what."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.new_run_fields import fill, named, picker
from studio.gui.pages.train.new_run_words import Choice, PersonaChoice
from studio.gui.widgets.basic import label
from studio.gui.widgets.layouts import column, holder
from studio.gui.widgets.portrait import portrait_pixmap
from studio.texts import tr


class WhoPart(QWidget):
    """``changed`` after every choice."""

    changed = Signal()

    def __init__(self, state: NewRun, portrait_of: Callable[[str], Path | None]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._state, self._portrait_of = state, portrait_of
        self.persona, self.line = picker(tr("Persona"), 28), label("", "small")
        self.data, self.base = picker(tr("Data")), picker(tr("Base"))
        self.start_from = picker(tr("Start from"))
        self._start_row = holder(named(tr("Start from"), self.start_from))
        self.setLayout(
            column(
                self.persona, self.line, named(tr("Data"), self.data), named(tr("Base"), self.base), self._start_row,
                spacing=7,
            )
        )  # fmt: skip
        self.persona.activated.connect(lambda _: self._choose(persona_id=self.persona.currentData()))
        self.data.activated.connect(lambda _: self._choose(version_id=self.data.currentData()))
        self.base.activated.connect(lambda _: self._choose(base_id=self.base.currentData()))
        self.start_from.activated.connect(lambda _: self._continue(self.start_from.currentData()))

    def show_state(self) -> None:
        """Show what is chosen and what there is to choose from."""
        state, people = self._state, self._state.personas()
        faces = [self._icon(one) for one in people]
        fill(self.persona, [Choice(id=one.id, label=one.name) for one in people], state.persona_id, faces)
        fill(self.data, state.versions(), state.version_id)
        fill(self.base, [Choice(id=one.id, label=one.name) for one in state.bases()], state.base_id)
        points = state.starting_points()
        fill(self.start_from, points, state.continues)
        self._start_row.setVisible(len(points) > 1)
        for combo in (self.persona, self.base):
            combo.setPlaceholderText(tr("none yet"))
        chosen = state.persona()
        self.line.setText(chosen.line if chosen else "")
        self.line.setVisible(chosen is not None)

    def _choose(self, **wanted: str) -> None:
        self._state.choose(**wanted)  # type: ignore[arg-type]
        self.changed.emit()

    def _continue(self, adapter_id: str) -> None:
        self._state.continue_from(adapter_id)
        self.changed.emit()

    def _icon(self, one: PersonaChoice) -> QIcon:
        return QIcon(portrait_pixmap(one.name, one.colour, self._portrait_of(one.id), 28, self.devicePixelRatioF()))
