"""How far a job is, on stderr: a bar on a terminal, a line now and then otherwise."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from studio.services.job import Progress
from studio.texts import tr

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

SECONDS_BETWEEN_LINES = 5.0
WORDS = {
    "starter": "getting the starter base",
    "adding": "adding the base",
    "downloading": "downloading",
    "unpacking": "unpacking",
    "converting": "converting",
    "inspecting": "looking at the model",
    "loading": "loading the base",
    "checking": "checking the data",
    "reading": "reading files",
    "training": "training",
    "evaluating": "measuring held-out lines",
    "sampling": "answering the probes",
    "explaining": "who explains whose lines",
    "proving": "looking what the adapter changes",
    "baking": "baking the adapter",
    "scene": "playing the scene",
    "measuring": "timing the rack",
    "timing": "timing the rack",
    "masking": "looking at the tokens",
    "measuring_lengths": "counting tokens",
    "exporting": "exporting",
    "importing": "storing conversations",
    "looking": "looking through the data",
    "changing": "changing conversations",
    "versioning": "keeping a version",
    "undoing": "undoing",
    "redoing": "doing it again",
    "replying": "answering",
    "checkpoint": "making the checkpoint ready",
    "arranging": "copying conversations",
    "writing_drafts": "writing drafts",
}


def words_of(what: str) -> str:
    """The words of a kind of progress."""
    return tr(WORDS.get(what, what))


class View(Protocol):
    """Shows progress; ``detail`` is a short remark such as speed and time left."""

    def show(self, progress: Progress, detail: str = "") -> None:
        """Show how far it is."""


class BarView:
    """A bar for each thing that happens, drawn with rich."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._current = ""

    def show(self, progress: Progress, detail: str = "") -> None:
        """Show how far it is."""
        if progress.what not in self._tasks:
            self._tasks[progress.what] = self._bars.add_task(words_of(progress.what), total=None, detail="")
        if self._current not in ("", progress.what):
            self._complete(self._current)
        self._current = progress.what
        self._bars.update(
            self._tasks[progress.what], completed=progress.done, total=progress.total or None, detail=detail
        )

    def _complete(self, what: str) -> None:
        task = next(one for one in self._bars.tasks if one.id == self._tasks[what])
        self._bars.update(task.id, total=task.total or 1, completed=task.total or 1, detail="")


class LineView:
    """A line when something else begins, and every few seconds while it goes on."""

    def __init__(self) -> None:
        self._told = ("", False)
        self._told_at = 0.0

    def show(self, progress: Progress, detail: str = "") -> None:
        """Show how far it is, if it is time."""
        known = (progress.what, bool(detail)) == self._told
        if known and time.monotonic() - self._told_at < SECONDS_BETWEEN_LINES:
            return
        self._told, self._told_at = (progress.what, bool(detail)), time.monotonic()
        share = f" {progress.done / progress.total:.0%}" if progress.total else ""
        print(f"{words_of(progress.what)}{share}{'  ' if detail else ''}{detail}", file=sys.stderr, flush=True)


@contextmanager
def progress_view() -> Iterator[View]:
    """The view that fits where stderr goes."""
    if not sys.stderr.isatty():
        yield LineView()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[detail]}"))
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield BarView(bars)
