"""Rows of a table that hold a line or a round each: those with the same word in one column are one conversation."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation, Role, Turn
from studio.importers._cells import Cells, is_yes, texts_of
from studio.importers._chat_records import dressed, persona_name_of
from studio.importers._gathered import Gathered
from studio.importers._messages import MessageReader
from studio.importers._pairs import pair_of
from studio.importers._people import Cast
from studio.importers._sides import SpokenLine, fold
from studio.importers._table_rows import pair_record
from studio.importers._tables import Row
from studio.importers._wording import clean_name, note


@dataclass
class _Thread:
    record: dict[str, object]
    turns: list[Turn] = field(default_factory=list)
    lines: list[SpokenLine] = field(default_factory=list)


class _Threads:
    """Conversations by the word that their rows have in common; without such a column all rows are one."""

    def __init__(self, cells: Cells, messages: MessageReader, source: str) -> None:
        self.cells = cells
        self.messages = messages
        self.source = source
        self.threads: dict[str, _Thread] = {}

    def thread(self, row: Row) -> _Thread:
        """Return the row's conversation, begun with its first row."""
        word = self.cells.words(row, "conversation")
        found = self.threads.get(word)
        if found is None:
            found = self.threads[word] = _Thread(record=self.cells.record(row))
        return found

    def finish(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Hand over the conversations in the order of their first rows."""
        for thread in self.threads.values():
            gathered.add(dressed(tuple(thread.turns), thread.record, self.source), persona_name_of(thread.record))
        return ()


class RoleRows(_Threads):
    """A turn a row, with its role."""

    def add(self, row: Row, line: int) -> bool:
        """Take up a row."""
        cells = self.cells
        message: dict[str, object] = {
            "role": cells.words(row, "role"),
            "content": cells.words(row, "text"),
            "name": cells.words(row, "speaker"),
            "train": is_yes(cells.cell(row, "train")),
            "alternatives": texts_of(cells.cell(row, "alternatives")),
            "marks": texts_of(cells.cell(row, "marks")),
        }
        if not message["role"]:
            return False
        self.thread(row).turns += self.messages.turns([message], line)
        return True


class RoundRows(_Threads):
    """A question and its answer a row; rows of the same conversation are its rounds."""

    def add(self, row: Row, line: int) -> bool:
        """Take up a row; a system text stands before the first round only."""
        pair = pair_of(pair_record(self.cells, row), self.messages, line)
        if not pair.answer:
            return False
        thread = self.thread(row)
        first, *rest = pair.answer
        before = [turn for turn in pair.before if turn.role is not Role.SYSTEM or not thread.turns]
        thread.turns += [*before, replace(first, alternatives=pair.bad), *rest]
        return True


class SpeakerRows(_Threads):
    """A line a row, with the name of who says it. ``choose`` picks the persona among all who speak."""

    def __init__(self, cells: Cells, messages: MessageReader, source: str, choose: Callable[[Cast], str]) -> None:
        super().__init__(cells, messages, source)
        self._choose = choose
        self.cast = Cast(())
        self.persona = ""

    def add(self, row: Row, line: int) -> bool:
        """Take up a row; lines that nobody says, or in which nothing is said, are left out."""
        speaker, text = clean_name(self.cells.words(row, "speaker")), self.cells.words(row, "text")
        if speaker and text:
            self.thread(row).lines.append(SpokenLine(speaker=speaker, text=text))
        return bool(speaker and text)

    def finish(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Fold the lines into the persona's side and the others'."""
        self.cast = Cast(line.speaker for thread in self.threads.values() for line in thread.lines)
        self.persona = self._choose(self.cast) if self.cast.names else ""
        without = 0
        for thread in self.threads.values():
            conversation = self._folded(thread)
            if conversation.persona_turns:
                gathered.add(conversation)
            else:
                without += 1
        return note("scenes_left_out", without)

    def _folded(self, thread: _Thread) -> Conversation:
        turns = fold(thread.lines, self.persona, joint="\n\n")
        return dressed(turns, thread.record, self.source)
