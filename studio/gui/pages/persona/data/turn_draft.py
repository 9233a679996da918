"""A turn that is being written and is not stored yet."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from studio.domain.conversation import Role, Turn
from studio.gui.pages.persona.data.turn_acts import role_names
from studio.gui.pages.persona.data.turn_editor import TurnEditor
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.segmented import Segmented
from studio.texts import tr


class TurnDraft(QFrame):
    """Who speaks, and a field."""

    kept = Signal(object)
    """The ``Turn``."""
    cancelled = Signal()

    def __init__(self, role: Role) -> None:
        super().__init__()
        self.setObjectName("raised")
        self._role = role
        names = role_names()
        self.speaker = Segmented([(one.value, names[one], "") for one in (Role.USER, Role.PERSONA)], tr("Who speaks"))
        self.speaker.show_choice(role.value)
        self.speaker.setMaximumWidth(220)
        self.speaker.chosen.connect(self._chosen)
        self.editor_box = TurnEditor("", can_split=False)
        self.editor_box.kept.connect(self._keep)
        self.editor_box.cancelled.connect(self.cancelled)
        self.setLayout(column(row(self.speaker, None), self.editor_box, spacing=6, margins=(12, 10, 12, 10)))

    def begin(self) -> None:
        """Take the keyboard."""
        self.editor_box.begin()

    def _chosen(self, name: str) -> None:
        self._role = Role(name)

    def turn(self) -> Turn | None:
        """What is written so far; None while there are no words."""
        text = self.editor_box.text()
        return Turn(role=self._role, text=text) if text.strip() else None

    def _keep(self, text: str) -> None:
        turn = self.turn()
        if turn is not None:
            self.kept.emit(turn)
        else:
            self.cancelled.emit()
