"""Tables in text files: commas or other delimiters, with quotation marks or without."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from studio.domain.errors import StudioError
from studio.importers._headings import is_text_heading
from studio.importers._source import HEAD_BYTES, LINE_LIMIT, Source
from studio.importers._tables import SAMPLE_ROWS, Row, Table
from studio.importers._wording import clean_name

_HEADING_LIMIT = 48
"""Characters; a longer first cell is no heading but words."""
_STEADY = 0.9
"""The share of rows as wide as the first from which lines with delimiters are a table."""
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class CsvForm:
    """How a text file writes its table. ``skipped`` lines stand before it; ``headed``: its first row names columns."""

    delimiter: str
    quoted: bool = True
    escape: str | None = None
    skipped: int = 0
    cells: tuple[str, ...] = ()
    headed: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, each once; numbers where the file has none."""
        named = self.cells if self.headed else ("",) * len(self.cells)
        names: list[str] = []
        for number, cell in enumerate(named, start=1):
            name = clean_name(cell) or str(number)
            names.append(name if name not in names else f"{name} ({number})")
        return tuple(names)

    @property
    def open_ended(self) -> bool:
        """True when the last column takes what unmarked delimiters in the words have split off."""
        return self.headed and is_text_heading(self.cells[-1])

    def fitted(self, cells: list[str]) -> list[str] | None:
        """Return a row as wide as the columns, ``None`` for one with too many cells."""
        width = len(self.cells)
        if len(cells) > width and self.open_ended:
            return [*cells[: width - 1], self.delimiter.join(cells[width - 1 :])]
        return cells if len(cells) <= width else None

    def parse(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, row) for rows that are not blank; ``csv.Error`` when quotation marks do not add up."""
        # The limit is one for the whole process, and by default too low for long posts.
        csv.field_size_limit(LINE_LIMIT)
        rows = csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            escapechar=self.escape,
            doublequote=self.escape is None,
            strict=True,
        )
        return ((rows.line_num + self.skipped, row) for row in rows if row)


def csv_form(source: Source) -> CsvForm | None:
    """Return the form in which the head is a steady table of at least two columns, ``None`` when there is none."""
    text = source.head_text
    if "\0" in text or text.lstrip()[:1] in ("{", "[", "<", ""):
        return None
    hint = _EXCEL_HINT.match(text)
    lines = _lines(text)[1 if hint else 0 :]
    whole = len(source.head) < HEAD_BYTES
    found = [
        (share, form)
        for form in _forms(lines, hint[1] if hint else "", skipped=1 if hint else 0)
        if (share := _steadiness(form, lines, whole)) >= _STEADY
    ]
    return max(found, key=lambda one: (one[0], len(one[1].cells)))[1] if found else None


def _lines(text: str) -> list[str]:
    """Lines as a file has them; ``splitlines`` would also break at marks that may stand in words."""
    return io.StringIO(text, newline=None).readlines()


def _forms(lines: list[str], hinted: str, skipped: int) -> Iterator[CsvForm]:
    first = next((line for line in lines if line.strip()), "")
    escaped = any('\\"' in line for line in lines)
    ways = ((True, None), *(((True, "\\"),) if escaped else ()), (False, None))
    for delimiter in (hinted,) if hinted else (",", ";", "\t", "|"):
        for quoted, escape in ways if delimiter in first else ():
            form = CsvForm(delimiter=delimiter, quoted=quoted, escape=escape, skipped=skipped)
            cells = _first_row(form, lines)
            if len(cells) > 1:
                yield replace(form, cells=cells, headed=_is_heading(cells))


def _first_row(form: CsvForm, lines: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(next((row for _, row in form.parse(lines)), ()))
    except csv.Error:
        return ()


def _is_heading(cells: tuple[str, ...]) -> bool:
    """Names of columns are short words, each another."""
    short = all(len(cell) <= _HEADING_LIMIT and len(cell.split()) <= 4 and "\n" not in cell for cell in cells)
    named = [cell.strip() for cell in cells if cell.strip()]
    worded = all(cell[0].isalpha() or cell[0] == "_" for cell in named)
    ended = any(cell.endswith((".", "!", "?", ":")) for cell in named)
    return bool(named) and short and worded and not ended and len(set(named)) == len(named)


def _steadiness(form: CsvForm, lines: list[str], whole: bool) -> float:
    """The share of rows that fit the columns; none where quotation marks break within the head."""
    widths: list[int] = []
    try:
        widths.extend(len(row) for _, row in form.parse(lines))
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return 0.0
    else:
        # Where the head ends, its last row may be cut.
        widths = widths if whole else widths[:-1]
    fitting = sum(width == len(form.cells) or (form.open_ended and width > len(form.cells)) for width in widths)
    return fitting / len(widths) if widths else 0.0


def csv_table(source: Source, form: CsvForm, *, limit_mb: int) -> Table:
    """Return the table of a text file."""
    head = _lines(source.head_text)
    first = (row for _, row in _dicts(form, _numbered(form, head, None)) if row is not None)

    def rows(columns: Collection[str]) -> Iterator[tuple[int, Row | None]]:
        lines = (f"{line}\n" for _, line in source.lines(limit_mb=limit_mb))
        return _dicts(form, _numbered(form, lines, source.path))

    return Table(columns=form.columns, sample=tuple(islice(first, SAMPLE_ROWS)), rows=rows)


def _numbered(form: CsvForm, lines: Iterable[str], path: Path | None) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) below the heading. Without a path the lines are only a beginning, and may break off."""
    numbered, line = form.parse(islice(lines, form.skipped, None)), 1
    try:
        for count, (line, row) in enumerate(numbered):
            if count or not form.headed:
                yield line, row
    except csv.Error as error:
        if path:
            raise _broken(path, line, error) from error


def _dicts(form: CsvForm, rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, Row | None]]:
    columns = form.columns
    for number, cells in rows:
        fitted = form.fitted(cells)
        yield number, None if fitted is None else dict(zip(columns, fitted, strict=False))


def _broken(path: Path, line: int, error: csv.Error) -> StudioError:
    if "field larger" in str(error):
        reason = f"a cell is longer than {LINE_LIMIT >> 20} MB; a quotation mark before it may be missing"
    else:
        reason = "after this line the quotation marks do not add up, or the file is cut off"
    return StudioError("dataset_invalid", path=path, line=line, reason=reason)
