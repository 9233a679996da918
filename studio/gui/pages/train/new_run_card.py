"""The card on the left: who learns, how, how much; and what it will take of this machine."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QWidget

from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.new_run_dials import DialsPart
from studio.gui.pages.train.new_run_foot import FootPart
from studio.gui.pages.train.new_run_how import MethodPart, PresetPart
from studio.gui.pages.train.new_run_who import WhoPart
from studio.gui.widgets.basic import label, scrolling
from studio.gui.widgets.layouts import column, holder
from studio.gui.widgets.steady import steady
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.pages.train.run.findings import Prefill


class NewRunCard(QFrame):
    """Shows a ``NewRun`` and changes it. ``on_start`` puts it into the queue."""

    def __init__(
        self, state: NewRun, navigator: Navigator, portrait_of: Callable[[str], Path | None],
        on_start: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("card")
        self._state = state
        self.who, self.presets, self.how = WhoPart(state, portrait_of), PresetPart(state), MethodPart(state)
        self.dials = DialsPart(state, self.how)
        self.foot = FootPart(state, navigator, on_start)
        self.who.changed.connect(self._show)
        self.presets.changed.connect(self._show)
        self.how.changed.connect(self._show)
        self.dials.changed.connect(self._values_changed)
        top = holder(column(self.who, 4, self.presets, 2, self.dials, None, spacing=6, margins=(0, 0, 8, 0)))
        self._area = scrolling(top)
        self.dials.unfolded.connect(self._reveal)
        self.title = label(tr("New run"), "h2")
        whole = column(self.title, self._area, 2, self.foot, margins=(18, 14, 14, 16), spacing=8)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        steady(self)
        self._show()

    @property
    def start(self) -> QWidget:
        """The button."""
        return self.foot.start

    def refresh(self) -> None:
        """Read again what can be chosen and show it."""
        self._state.refresh()
        self._show()

    def refresh_foot(self) -> None:
        """The queue changed: the button says something else."""
        self.foot.show_state()

    def choose_persona(self, persona_id: str) -> None:
        """Take a persona (asked for by another page)."""
        self._state.choose(persona_id=persona_id)
        self._show()

    def continue_from(self, adapter_id: str) -> None:
        """Go on from an adapter (asked for by another page, or in the queue)."""
        self._state.continue_from(adapter_id)
        self._show()

    def prefill(self, wanted: "Prefill") -> None:
        """Show a run as it was, with what is to be changed."""
        self._state.prefill(wanted)
        self._show()

    def _show(self) -> None:
        for part in (self.who, self.presets, self.how, self.dials, self.foot):
            part.show_state()

    def _values_changed(self) -> None:
        self.presets.show_reasons()
        self.how.show_advice()
        self.foot.show_state()

    def _reveal(self, part: QWidget) -> None:
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(part, 0, 0))


def trouble_of(act: Callable[[], object], navigator: Navigator) -> bool:
    """Do something; a user's trouble is told. True when there was none."""
    try:
        act()
    except StudioError as error:
        navigator.show_error(error)
        return False
    return True
