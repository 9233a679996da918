"""Rows of a table that hold a whole conversation, or a question with its answer."""

from typing import Protocol

from studio.domain.checks import Finding
from studio.importers._cells import Cells, list_of
from studio.importers._chat_records import conversation_of, dressed, persona_name_of
from studio.importers._gathered import Gathered
from studio.importers._messages import MessageReader
from studio.importers._pair_records import PairRecords
from studio.importers._tables import Row
from studio.importers._told_text import told_conversations


class Way(Protocol):
    """One of the ways in which tables write conversations down."""

    def add(self, row: Row, line: int) -> bool:
        """Take up a row; False when it holds nothing."""

    def finish(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Hand over what is still held back; return notes about what was left out."""


class MessageRows:
    """A conversation a row: a list of messages in one cell."""

    def __init__(self, cells: Cells, messages: MessageReader, gathered: Gathered, source: str) -> None:
        self._cells = cells
        self._messages = messages
        self._gathered = gathered
        self._source = source

    def add(self, row: Row, line: int) -> bool:
        """Take up a row."""
        cell = self._cells.cell(row, "messages")
        if cell in (None, ""):
            return False
        record = self._cells.record(row) | {"messages": list_of(cell)}
        conversation = conversation_of(record, self._messages, line, self._source)
        self._gathered.add(conversation, persona_name_of(record))
        return True

    def finish(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Nothing is held back."""
        return ()


class MarkedRows:
    """Text with a chat template's marks in one cell."""

    def __init__(self, cells: Cells, messages: MessageReader, gathered: Gathered, source: str) -> None:
        self._cells = cells
        self._messages = messages
        self._gathered = gathered
        self._source = source

    def add(self, row: Row, line: int) -> bool:
        """Take up a row."""
        record = self._cells.record(row)
        told = list(told_conversations(self._cells.words(row, "text"), self._messages, line))
        for turns in told:
            self._gathered.add(dressed(turns, record, self._source), persona_name_of(record))
        return bool(told)

    def finish(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Nothing is held back."""
        return ()


class PairRows:
    """A question and its answer a row, with or without a rejected answer."""

    def __init__(self, cells: Cells, messages: MessageReader, source: str) -> None:
        self._cells = cells
        self._pairs = PairRecords(messages, source)

    def add(self, row: Row, line: int) -> bool:
        """Take up a row; one without an answer teaches nothing."""
        record = pair_record(self._cells, row)
        if not record["response"]:
            return False
        self._pairs.add(record, line)
        return True

    def finish(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Hand over all conversations, bad answers with the good ones to the same question."""
        return self._pairs.into(gathered)


def pair_record(cells: Cells, row: Row) -> dict[str, object]:
    """Return a row as a JSON record of the same would be."""
    return cells.record(row) | {
        "instruction": cells.said(row, "user"),
        "context": cells.words(row, "context"),
        "response": cells.said(row, "persona"),
        "rejected": cells.said(row, "rejected"),
    }
