"""Changes to all of the data: repairs, find and replace, and taking any of it back, with their dialogs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from studio.domain.data_changes import Replacing
from studio.domain.data_filter import Filter
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.data.findings import Mending
from studio.gui.pages.persona.data.presenter import DataPresenter
from studio.gui.pages.persona.data.repair_dialog import RepairDialog
from studio.gui.pages.persona.data.replace_dialog import ReplaceDialog
from studio.gui.pages.persona.data.work_line import WorkLine
from studio.services.job import Job
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.acts import Act
    from studio.services.studio import Studio

T = TypeVar("T")
SLICED_FROM = 200
"""Acts that touched so many conversations are undone in slices, with progress."""


class ChangeDesk(QObject):
    """``done`` tells that there is something else to undo now; ``place_opened`` a place that was clicked."""

    done = Signal()
    place_opened = Signal(str, int)

    def __init__(
        self, studio: Studio, navigator: Navigator, presenter: DataPresenter, work: WorkLine, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._studio, self._navigator, self._presenter, self._work = studio, navigator, presenter, work
        self._last_replacing = Replacing(find="")

    # -- repairs and replacing ----------------------------------------------------------------------------------

    def mend(self, mending: Mending) -> RepairDialog:
        """Show what a repair would do, and do it when that is wanted."""
        parent, persona_id = self._navigator.window_widget(), self._presenter.persona_id
        dialog = RepairDialog(self._studio, persona_id, mending, self._presenter.where, parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.apply_requested.connect(self._repair)
        dialog.place_opened.connect(self.place_opened)
        dialog.open()
        return dialog

    def _repair(self, name: str, where: Filter) -> None:
        data, persona_id = self._studio.data, self._presenter.persona_id
        self._start(lambda: data.repair(persona_id, name, where), tr("Mending"), self.acted)

    def replace(self, chosen: Sequence[str] = ()) -> ReplaceDialog:
        """Open find and replace, on the chosen conversations if there are several."""
        scopes = [(tr("In all conversations"), Filter())]
        if not self._presenter.where.is_empty:
            scopes.append((tr("In what the filter shows"), self._presenter.where))
        if len(chosen) > 1:
            scopes.append((tr("In the {count} chosen", count=len(chosen)), Filter(ids=tuple(chosen))))
        parent, persona_id = self._navigator.window_widget(), self._presenter.persona_id
        dialog = ReplaceDialog(self._studio, persona_id, scopes, self._last_replacing, parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _: self._keep(dialog.wanted()))
        dialog.apply_requested.connect(self._replace)
        dialog.place_opened.connect(self.place_opened)
        dialog.open()
        return dialog

    def _keep(self, wanted: Replacing) -> None:
        self._last_replacing = wanted

    def _replace(self, wanted: Replacing, where: Filter) -> None:
        data, persona_id = self._studio.data, self._presenter.persona_id
        self._start(lambda: data.replace_all(persona_id, wanted, where), tr("Replacing"), self.acted)

    def _start(self, begin: Callable[[], Job[T]], words: str, then: Callable[[T], None]) -> None:
        self.told(lambda: self._work.follow(begin(), words, then))

    def follow(self, job: Job[Act]) -> None:
        """Show work that was begun elsewhere."""
        self._start(lambda: job, tr("Changing"), self.acted)

    # -- taking back --------------------------------------------------------------------------------------------

    def acted(self, act: Act) -> None:
        """Say what was done, with a way back."""
        self._navigator.toast(tr("{done}.", done=act.label), lambda: self._take_back(act))
        self.done.emit()

    def undo(self) -> None:
        """Undo the newest act that stands."""
        act = self._presenter.newest_standing()
        if act is not None and not self._work.busy:
            self._take_back(act)

    def redo(self) -> None:
        """Do again what was undone last."""
        act, data = self._presenter.newest_undone(), self._studio.data
        if act is None or self._work.busy:
            return
        if act.conversations >= SLICED_FROM:
            self._start(lambda: data.redo_job(act.token), tr("Doing it again"), self._was_taken)
        else:
            self.told(lambda: data.redo_last(self._presenter.persona_id))
            self.done.emit()

    def _take_back(self, act: Act) -> None:
        data = self._studio.data
        if act.conversations >= SLICED_FROM:
            self._start(lambda: data.undo_job(act.token), tr("Undoing"), self._was_taken)
        else:
            self.told(lambda: data.undo(act.token))
            self.done.emit()

    def _was_taken(self, act: Act | None) -> None:
        self.done.emit()

    def told(self, act: Callable[[], object]) -> None:
        """Do something; a trouble is told."""
        try:
            act()
        except StudioError as error:
            self._navigator.show_error(error)
