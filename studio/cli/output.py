"""What a command says: results on stdout, everything else on stderr, and with ``--json`` nothing but JSON on stdout."""

import io
import json
import sys
from collections.abc import Sequence
from typing import Any, TextIO

Document = dict[str, Any] | list[Any]


class Output:
    """``as_json`` decides once; commands hand over both forms and never ask."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            _never_refuse(stream)

    @property
    def terminal(self) -> bool:
        """True when a person looks at stdout."""
        return not self.as_json and sys.stdout.isatty()

    def result(self, document: Document, *lines: str) -> None:
        """The outcome of a command: the document with ``--json``, the lines without."""
        if self.as_json:
            self.json_line(document)
        else:
            for line in lines:
                self._write(sys.stdout, line)

    def table(self, document: Document, heads: Sequence[str], rows: Sequence[Sequence[str]], empty: str = "") -> None:
        """A list: a table on a terminal, tab-separated lines in a pipe; ``empty`` is said when there is nothing."""
        if self.as_json:
            self.json_line(document)
        elif not rows:
            self.note(empty)
        elif self.terminal:
            _print_table(heads, rows)
        else:
            for row in rows:
                self._write(sys.stdout, "\t".join(row))

    def json_line(self, document: Document) -> None:
        """One document on one line, so that the last line of a stream is its result."""
        self._write(sys.stdout, json.dumps(document, ensure_ascii=False, allow_nan=False))

    def line(self, text: str) -> None:
        """A line of a result that grows; nothing with ``--json``."""
        if not self.as_json:
            self._write(sys.stdout, text)

    def note(self, text: str) -> None:
        """Something to know that is no result: on stderr."""
        if text:
            self._write(sys.stderr, text)

    def _write(self, stream: TextIO, text: str) -> None:
        stream.write(text + "\n")
        stream.flush()


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    Console().print(table)


def _plain(words: str) -> str:
    from rich.markup import escape

    return escape(words)


def _never_refuse(stream: TextIO) -> None:
    """UTF-8 into pipes on every system; a terminal that lacks a character shows a question mark instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="replace")
