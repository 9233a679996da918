"""What the page does when something is wished in the queue: dialogs first where something must be asked."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.run import RunGroup
from studio.gui.navigator import Navigator
from studio.gui.pages.train.comparison_dialog import ComparisonDialog
from studio.gui.pages.train.comparison_results import ResultsDialog
from studio.gui.pages.train.presenter import Presenter
from studio.gui.pages.train.queue_duplicate import DuplicateDialog
from studio.gui.pages.train.queue_schedule import ScheduleDialog
from studio.gui.pages.train.sweep_dialog import SweepDialog
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.run import Run


class PageActs:
    """``changed`` shows the queue again; ``queued`` hears of new runs."""

    def __init__(
        self, presenter: Presenter, navigator: Navigator, changed: Callable[[], None],
        continue_from: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._presenter, self._navigator = presenter, navigator
        self._changed, self._continue_from = changed, continue_from
        self.results: ResultsDialog | None = None
        self._results_of: RunGroup | None = None

    def do(self, name: str, row_id: str) -> None:
        """An act of the queue on a row."""
        asking: dict[str, Callable[[str], object]] = {
            "delete": self._delete, "duplicate": self.duplicate, "schedule": self.schedule,
            "results": self.show_results,
            "continue": lambda one: self._continue_from(self._presenter.run(one).adapter_id),
        }  # fmt: skip
        act = asking.get(name) or (lambda one: self._presenter.act(name, one))
        self.try_(lambda: act(row_id))

    def try_(self, act: Callable[[], object]) -> bool:
        """Do something; a user's trouble is told."""
        try:
            act()
        except StudioError as error:
            self._navigator.show_error(error)
            return False
        finally:
            self._changed()
        return True

    def wish(self, name: str) -> None:
        """What was asked for from anywhere: ``sweep``, ``compare``, ``pause`` or ``resume``."""
        if name == "sweep":
            self.sweep()
        elif name == "compare":
            self.compare()
        else:
            said: list[str] = []
            self.try_(lambda: said.append(self._presenter.wish(name)))
            if said and said[0]:
                self._navigator.toast(said[0])

    def drop(self, row_id: str, before: str) -> None:
        """Something was dragged."""
        self.try_(lambda: self._presenter.desk.drop(row_id, before))

    def _delete(self, row_id: str) -> None:
        words, undo = self._presenter.delete(row_id)

        def take_back() -> None:
            self.try_(undo)

        self._navigator.toast(words, take_back)

    def duplicate(self, run_id: str) -> QDialog:
        """Ask for the one change."""
        title, options, values, methods = self._presenter.duplicable(run_id)

        def then(name: str, value: object) -> bool:
            return self.try_(lambda: self._presenter.duplicate(run_id, name, value))

        return self._open(DuplicateDialog(title, options, values, methods, then, self._navigator.window_widget()))

    def schedule(self, run_id: str) -> QDialog:
        """Ask for the moment."""
        run = self._presenter.run(run_id)

        def then(moment: str) -> None:
            self.try_(lambda: self._presenter.schedule(run_id, moment))

        here = datetime.fromisoformat(now())
        title = self._presenter.title(run)
        return self._open(ScheduleDialog(title, run.starts_at, here, then, self._navigator.window_widget()))

    def sweep(self) -> QDialog | None:
        """Ask for the grid."""
        if not self._can():
            return None
        state, chosen = self._presenter.sweep(), self._presenter.new_run.persona()
        colour = chosen.colour if chosen else ""
        words, parent = self._presenter.form_words(), self._navigator.window_widget()
        return self._open(SweepDialog(state, words, colour, lambda: self._grouped(state.start), parent))

    def compare(self) -> QDialog | None:
        """Ask for the methods."""
        if not self._can():
            return None
        state = self._presenter.comparison()
        words, parent = self._presenter.form_words(), self._navigator.window_widget()
        return self._open(ComparisonDialog(state, words, lambda: self._grouped(state.start), parent))

    def show_results(self, group_id: str) -> QDialog | None:
        """The table of a sweep or a comparison."""
        group = self._presenter.group(group_id)
        if group is None:
            return None
        self._results_of = group
        self.results = ResultsDialog(
            self._presenter.group_title(group), self._presenter.group_words(group),
            lambda: self._presenter.results(group), self._navigator.toast, self._navigator.window_widget(),
        )  # fmt: skip
        self.results.finished.connect(lambda _: self._forget_results())
        return self._open(self.results)

    def refresh_results(self) -> None:
        """Runs went on: the open table too."""
        if self.results is not None and self._results_of is not None:
            self.results.refresh(self._presenter.group_words(self._results_of))

    def _forget_results(self) -> None:
        self.results = self._results_of = None

    def _grouped(self, start: Callable[[], RunGroup]) -> RunGroup | None:
        made: list[RunGroup] = []
        if not self.try_(lambda: made.append(start())):
            return None
        self._navigator.toast(tr("{title} is in the queue.", title=self._presenter.group_title(made[0])))
        return made[0]

    def _can(self) -> bool:
        found = self._presenter.new_run.obstacle()
        if found is not None:
            self._navigator.toast(found.reason)
        return found is None

    def _open(self, dialog: QDialog) -> QDialog:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog


def started_words(run: "Run", active: "Run | None") -> str:
    """What is said when a run was queued and does not begin at once."""
    if run.starts_at:
        return tr("It waits in the queue until its time.")
    return tr("Queued: it starts when those before it have ended.") if active and active.id != run.id else ""
