"""The contract of a check: how it finds, what it tells, which repairs it offers. One file per check in this room.

A check looks at each turn by itself (``in_turn``) or watches all conversations go by and decides at the end
(``over_all``). A repair changes one conversation at a time; one that acts on what only shows over all data
(``needs_report``) is told by the report which turns are meant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from studio.checks._look import Look, TurnLook
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation
from studio.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a check may know beside the conversations.

    ``greetings`` are the card's; ``other_personas`` the names of the library's other personas; ``long_rows`` maps a
    conversation's key to its tokens, where the engine counted more than the window holds.
    """

    persona_name: str = ""
    user_name: str = ""
    greetings: tuple[str, ...] = ()
    other_personas: tuple[str, ...] = ()
    heldout_fraction: float = 0.1
    long_rows: Mapping[str, int] = field(default_factory=dict)
    window: int = 0


@dataclass(frozen=True, kw_only=True)
class RepairContext:
    """What a repair may know. ``turns`` are the places (conversation key to turns) that the report names for it;
    ``removals`` are conversations that the report wants out."""

    context: Context
    turns: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    removals: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Split:
    """What a repair made of one conversation: several, in this order."""

    parts: tuple[Conversation, ...]


Repaired = Conversation | Split | None
"""The very same object when there was nothing to do; ``None`` when the conversation is to be removed."""


Apply = Callable[[str, Conversation, RepairContext], Repaired]
"""The act of a repair on the conversation of a key."""


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One way to set right what a check finds. ``name`` is unique over all checks; label and summary are for ``tr``."""

    name: str
    label: str
    summary: str
    apply: Apply
    needs_report: bool = False


class Ledger(Protocol):
    """Where a check that looks over all data writes down what it found, at the end."""

    def flag(self, key: str, turn: int = -1, excerpt: str = "", *, surplus: bool = False, remove: bool = False) -> None:
        """Note a place. ``surplus`` marks what a repair should act on; ``remove`` a conversation to take out."""

    def count(self, number: int) -> None:
        """Say how many there are, where that is not the number of places."""

    def graver(self, severity: Severity) -> None:
        """Take this severity instead of the check's own."""


class Watch(Protocol):
    """One check over all conversations of one run. It keeps hashes and figures, never texts."""

    def see(self, look: Look) -> None:
        """Look at the next conversation."""

    def close(self, ledger: Ledger) -> None:
        """Tell what was found."""


class Scope(StrEnum):
    """Which turns ``in_turn`` is asked about: all, the persona's, or those of the persona that are learned."""

    ANY = "any"
    PERSONA = "persona"
    LEARNED = "learned"


@dataclass(frozen=True, kw_only=True)
class Check:
    """What to look for. ``code`` has its title and its reason in ``texts/findings.py``.

    ``in_turn`` returns the words that show what is wrong in a turn, or nothing. Only checks that are ``at_once`` are
    made while files are read; the others need all data of a persona, or time.
    """

    code: str
    severity: Severity
    order: int = 0
    repairs: tuple[Repair, ...] = ()
    in_turn: Callable[[TurnLook, Look], str] | None = None
    scope: Scope = Scope.LEARNED
    over_all: Callable[[Context], Watch] | None = None
    at_once: bool = False

    @property
    def name(self) -> str:
        """Its name in the registry."""
        return self.code


CHECKS: Registry[Check] = Registry("studio.checks", Check)
"""Every check of this room, in the order in which their findings stand within one severity."""
