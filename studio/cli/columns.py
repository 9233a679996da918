"""Replies as they grow: side by side on a terminal, one after another in a pipe, JSON lines with ``--json``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from studio.cli.output import Output
from studio.cli.progress import View, words_of
from studio.services.job import Progress

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from studio.services.replies import ReplyRow


class ReplyView(Protocol):
    """Hears the pieces and the ends of replies, by column. ``progress``: who shows progress instead of stderr."""

    @property
    def progress(self) -> View | None:
        """None where stderr is free for it."""

    def piece(self, column: int, text: str) -> None:
        """More text."""

    def row(self, row: "ReplyRow") -> None:
        """A reply is whole."""


class JsonView:
    """A line for each piece."""

    progress = None

    def __init__(self, output: Output, titles: Sequence[str]) -> None:
        self._output = output
        self._titles = titles

    def piece(self, column: int, text: str) -> None:
        """More text."""
        self._output.json_line({"column": column, "contestant": self._titles[column], "delta": text})

    def row(self, row: "ReplyRow") -> None:
        """The result's line has it."""


class LineView:
    """Whole replies, in the order of the columns."""

    progress = None

    def __init__(self, output: Output, titles: Sequence[str]) -> None:
        self._output = output
        self._titles = titles
        self._waiting: dict[int, ReplyRow] = {}
        self._next = 0

    def piece(self, column: int, text: str) -> None:
        """Wait for the whole."""

    def row(self, row: "ReplyRow") -> None:
        """Print what is next, as far as it is there."""
        self._waiting[row.column] = row
        while self._next in self._waiting:
            if self._next:
                self._output.line("")
            self._output.line(f"[{self._titles[self._next]}]\n{self._waiting[self._next].text}")
            self._next += 1


class ColumnView:
    """Columns that grow, drawn with rich; a bar on stderr would be drawn over them."""

    @property
    def progress(self) -> View:
        """This one."""
        return self

    def __init__(self, live: "Live", titles: Sequence[str]) -> None:
        self._live = live
        self._titles = titles
        self._texts = [""] * len(titles)

    def show(self, progress: Progress, detail: str = "") -> None:
        """The base is on its way: there is nothing to read yet."""
        if not any(self._texts):
            self._live.update(f"{words_of(progress.what)} {detail}")

    def piece(self, column: int, text: str) -> None:
        """More text."""
        self._texts[column] += text
        self._live.update(side_by_side(self._titles, self._texts))

    def row(self, row: "ReplyRow") -> None:
        """The whole text stands in for the pieces."""
        self._texts[row.column] = row.text
        self._live.update(side_by_side(self._titles, self._texts))


def side_by_side(titles: Sequence[str], texts: Sequence[str]) -> "Table":
    """One column for each contestant."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, expand=True, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(Text(title, style="bold"), ratio=1, overflow="fold")
    table.add_row(*(Text(text.strip()) for text in texts))
    return table


@contextmanager
def reply_view(output: Output, titles: Sequence[str]) -> Iterator[ReplyView]:
    """The view that fits where stdout goes."""
    if output.as_json:
        yield JsonView(output, titles)
    elif not output.terminal:
        yield LineView(output, titles)
    else:
        from rich.console import Console
        from rich.live import Live

        with Live(side_by_side(titles, [""] * len(titles)), console=Console(), refresh_per_second=15) as live:
            yield ColumnView(live, titles)
