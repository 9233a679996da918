"""Conversations that come in, held against those that are there: new, known already, or a log that has grown.

A log is known by the words it came in with, so that edits since then make it neither new nor lose their place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.domain.conversation import Conversation, Turn, content_hash
from studio.library.conversation_facts import chains
from studio.library.journal import Step
from studio.library.library import Library

_SURE = 2
"""With so many turns alike at their beginning one log is the longer one; with fewer, the file must be the same too."""


class Fate(StrEnum):
    """What becomes of a conversation that comes in."""

    NEW = "new"
    KNOWN = "known"
    GROWN = "grown"


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A conversation and the hashes it is known by; ``marks`` are of its first turn, its first two, and so on."""

    conversation: Conversation
    hashed: str
    marks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """What becomes of one; ``shorter`` is the stored conversation that it carries on, after ``turns`` of its turns."""

    incoming: Incoming
    fate: Fate
    shorter: str = ""
    turns: int = 0


def incoming(conversation: Conversation) -> Incoming:
    """Work out what a conversation is known by."""
    return Incoming(
        conversation=conversation, hashed=content_hash(conversation), marks=tuple(chains(conversation.turns))
    )


class Intake:
    """One import into one persona; batches in any number, in the order of the files."""

    def __init__(self, library: Library, persona_id: str, everything: Sequence[Incoming]) -> None:
        self._library = library
        self._persona_id = persona_id
        self._whole = {one.marks[-1] for one in everything if one.marks}
        self._seen: set[str] = set()
        self._carried_on: set[str] = set()

    def sort(self, batch: Sequence[Incoming]) -> Iterator[Sorted]:
        """Say what becomes of each; nothing is written."""
        talks = self._library.conversations
        known = talks.known(self._persona_id, [one.hashed for one in batch])
        there = talks.imported(self._persona_id, [mark for one in batch for mark in one.marks])
        for one in batch:
            yield self._sorted(one, known, there)

    def store(self, act: str, batch: Sequence[Incoming]) -> dict[Fate, int]:
        """Write what is new and carry on what has grown; return how many were of each kind."""
        fates = dict.fromkeys(Fate, 0)
        fresh: list[Incoming] = []
        for one in self.sort(batch):
            fates[one.fate] += 1
            if one.fate is Fate.NEW:
                fresh.append(one.incoming)
            elif one.fate is Fate.GROWN:
                fresh += self._carry_on(act, one)
        if fresh:
            added = self._library.conversations.insert(
                self._persona_id,
                [one.conversation for one in fresh],
                hashes=[one.hashed for one in fresh],
                imported=[one.marks[-1] if one.marks else 0 for one in fresh],
            )
            self._library.journal.note_all(act, Step.ADDED, added)
        return fates

    def _sorted(self, one: Incoming, known: set[str], there: dict[int, str]) -> Sorted:
        if one.hashed in known or one.hashed in self._seen or (one.marks and one.marks[-1] in there):
            return Sorted(incoming=one, fate=Fate.KNOWN)
        self._seen.add(one.hashed)
        for turns in range(len(one.marks) - 1, 0, -1):
            mark = one.marks[turns - 1]
            if mark in there and mark not in self._whole and self._carries_on(one, there[mark], turns):
                self._carried_on.add(there[mark])
                return Sorted(incoming=one, fate=Fate.GROWN, shorter=there[mark], turns=turns)
        return Sorted(incoming=one, fate=Fate.NEW)

    def _carries_on(self, one: Incoming, shorter: str, turns: int) -> bool:
        if shorter in self._carried_on:
            return False
        if turns >= _SURE:
            return True
        stored = self._library.conversations.get(shorter)
        return stored is not None and stored.conversation.source == one.conversation.source

    def _carry_on(self, act: str, one: Sorted) -> list[Incoming]:
        """Append the turns that are new; where the end was split off meanwhile, return them as a conversation."""
        talks, journal = self._library.conversations, self._library.journal
        before = talks.get(one.shorter)
        assert before is not None, "it was found a moment ago"
        turns, whole = one.incoming.conversation.turns, one.incoming.marks[-1]
        journal.note(act, Step.GROWN, [(before.id, talks.set_imported(before.id, whole), whole)])
        if not _ends_with(before.conversation, turns[one.turns - 1], one.turns):
            journal.note(act, Step.CHANGED, [(before.id, before.revision, before.revision)])
            return [incoming(replace(one.incoming.conversation, turns=turns[one.turns :]))]
        longer = (*_with_swipes(before.conversation.turns, turns), *turns[one.turns :])
        stored = talks.update(before.id, replace(before.conversation, turns=longer))
        journal.note(act, Step.CHANGED, [(before.id, before.revision, stored.revision)])
        return []


def _ends_with(stored: Conversation, last: Turn, turns: int) -> bool:
    """True when a stored conversation still goes to where the longer one goes on; words of it may have been edited."""
    return len(stored.turns) >= turns or (bool(stored.turns) and stored.turns[-1].text == last.text)


def _with_swipes(stored: Sequence[Turn], longer: Sequence[Turn]) -> Iterator[Turn]:
    """Yield the stored turns; where the words are still the same, with the alternatives that came since."""
    for at, turn in enumerate(stored):
        same = at < len(longer) and (longer[at].role, longer[at].text) == (turn.role, turn.text)
        if same and longer[at].alternatives != turn.alternatives:
            others = dict.fromkeys([*turn.alternatives, *longer[at].alternatives])
            yield replace(turn, alternatives=tuple(others))
        else:
            yield turn
