"""Pairs of question and answer into conversations; bad answers find the good one to the same question."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation, Role, Turn
from studio.importers._chat_records import dressed, persona_name_of
from studio.importers._gathered import Gathered
from studio.importers._json_text import records
from studio.importers._messages import MessageReader
from studio.importers._pairs import Pair, pair_of
from studio.importers._source import Source
from studio.importers._wording import note
from studio.importers.importer import Reading, ReadOptions


@dataclass
class _Draft:
    """A conversation whose passed-over answers may still come."""

    pair: Pair
    record: Mapping[str, object]
    others: list[str] = field(default_factory=list)

    def conversation(self, source: str) -> Conversation:
        """What was asked, then the answer with the others as its alternatives."""
        first, *rest = self.pair.answer
        if first.role is Role.PERSONA:
            others = dict.fromkeys((*first.alternatives, *self.others))
            first = replace(first, alternatives=tuple(text for text in others if text and text != first.text))
        return dressed((*self.pair.before, first, *rest), self.record, source)


class PairRecords:
    """Takes records up one after another, then hands over the conversations in the order of their first answers."""

    def __init__(self, messages: MessageReader, source: str) -> None:
        self._messages = messages
        self._source = source
        self._drafts: list[_Draft | None] = []
        self._same: dict[bytes, _Draft] = {}
        self._answered: dict[bytes, _Draft] = {}
        self._waiting: list[tuple[bytes, str]] = []

    def add(self, record: object, line: int) -> None:
        """Take up a record; ``dataset_invalid`` when it is none."""
        if not isinstance(record, dict):
            raise self._messages.invalid(line, "it is no JSON object")
        pair = pair_of(record, self._messages, line)
        if pair.answer:
            self._keep(_Draft(pair=pair, record=record, others=list(pair.bad)))
        elif pair.bad:
            asked = _digest(pair.before)
            self._waiting += [(asked, bad) for bad in pair.bad]
        else:
            self._drafts.append(None)

    def into(self, gathered: Gathered) -> tuple[Finding, ...]:
        """Hand everything over; return a note about bad answers to questions that have no good one."""
        left_out = 0
        for asked, bad in self._waiting:
            if asked in self._answered:
                self._answered[asked].others.append(bad)
            else:
                left_out += 1
        for draft in self._drafts:
            if draft is None:
                gathered.add(None)
            else:
                gathered.add(draft.conversation(self._source), persona_name_of(draft.record))
        return note("bad_answers_left_out", left_out)

    def _keep(self, draft: _Draft) -> None:
        """The same answer preferred to several others is one conversation with several alternatives."""
        if not draft.pair.compared:
            self._drafts.append(draft)
            return
        whole = _digest((*draft.pair.before, *draft.pair.answer))
        if whole in self._same:
            self._same[whole].others += draft.others
            return
        self._drafts.append(draft)
        self._same[whole] = draft
        self._answered.setdefault(_digest(draft.pair.before), draft)


def read_pairs(source: Source, options: ReadOptions, *, limit_mb: int) -> Reading:
    """Read a JSON file of pairs."""
    messages, gathered = MessageReader(source.path, options), Gathered(source.path, options)
    pairs = PairRecords(messages, source.name)
    for line, record in records(source, limit_mb=limit_mb):
        options.checkpoint()
        pairs.add(record, line)
    notes = pairs.into(gathered)
    return gathered.reading(messages, *notes)


def _digest(turns: Iterable[Turn]) -> bytes:
    said = json.dumps([(turn.role.value, turn.text) for turn in turns])
    return hashlib.sha256(said.encode()).digest()
