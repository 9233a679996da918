"""Cells of tables: words, lists written down as JSON or as Python prints them, yes and no."""

import ast
import json
import warnings
from collections.abc import Mapping

from studio.importers._headings import is_title_heading
from studio.importers._tables import Row
from studio.importers._wording import clean

Record = dict[str, object]

_NO = ("no", "false", "0", "n", "off")
_LIST_LIMIT = 4_000_000
"""Characters of a list in one cell."""


def words_of(cell: object) -> str:
    """Return a cell as text."""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    return "" if cell is None else str(cell)


def list_of(cell: object) -> list[object] | None:
    """Return a cell that is a list, or text that writes one down; ``None`` for anything else."""
    if isinstance(cell, list):
        return list(cell)
    text = cell.strip() if isinstance(cell, str) else ""
    if not (text.startswith("[") and text.endswith("]") and len(text) <= _LIST_LIMIT):
        return None
    value = _json(text)
    value = _python(text) if value is None else value
    return value if isinstance(value, list) else None


def texts_of(cell: object) -> list[object]:
    """Return a cell's words as a list: one word, if it is none."""
    listed = list_of(cell)
    return [cell] if listed is None and isinstance(cell, str) and cell.strip() else listed or []


def tags_of(cell: object) -> list[object]:
    """Return tags; plain text has them between commas."""
    listed = list_of(cell)
    return listed if listed is not None else [tag for tag in words_of(cell).split(",") if tag.strip()]


def is_yes(cell: object) -> bool:
    """True unless the cell says no."""
    return words_of(cell).strip().casefold() not in _NO


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _python(text: str) -> object:
    """What ``str`` makes of a list of dictionaries; pandas writes such cells. Only literals are read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


class Cells:
    """The cells of a row, by what their columns are taken for."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping

    def cell(self, row: Row, role: str) -> object:
        """Return what stands in the column for ``role``; ``None`` without one."""
        return row.get(self._mapping[role]) if role in self._mapping else None

    def words(self, row: Row, role: str) -> str:
        """Return a cell's words."""
        return clean(words_of(self.cell(row, role))).strip()

    def column(self, role: str) -> str:
        """Return the heading of the column for ``role``, empty without one."""
        return self._mapping.get(role, "")

    def said(self, row: Row, role: str) -> object:
        """Return words, or the messages that stand in the cell instead."""
        cell = self.cell(row, role)
        if isinstance(cell, dict):
            return cell
        listed = list_of(cell)
        worded = listed is not None and all(isinstance(one, dict) for one in listed)
        return listed if worded else words_of(cell)

    def record(self, row: Row) -> Record:
        """Return what stands beside the turns."""
        titled = self.words(row, "title")
        if not titled and is_title_heading(self.column("conversation")):
            titled = self.words(row, "conversation")
        return {
            "title": titled,
            "tags": tags_of(self.cell(row, "tags")),
            "system": self.words(row, "system"),
            "persona_name": self.words(row, "persona_name"),
        }
