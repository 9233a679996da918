"""Conversations that the chosen base cannot read in one go."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from studio.checks._look import Look
from studio.checks.check import Check, Context, Ledger, Repair, RepairContext, Repaired, Split
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Role, Turn


class _Watch:
    def __init__(self, context: Context) -> None:
        self._long = context.long_rows
        self._here: list[str] = []

    def see(self, look: Look) -> None:
        """Remember which of those counted are here."""
        if look.key in self._long:
            self._here.append(look.key)

    def close(self, ledger: Ledger) -> None:
        """The longest first."""
        for key in sorted(self._here, key=lambda one: -self._long[one]):
            ledger.flag(key, surplus=True)


def _split(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    """Cut before turns of the user, at about equal words; the parts overlap in nothing but the system prompt."""
    if key not in given.turns:
        return conversation
    head = [turn for turn in conversation.turns if turn.role is Role.SYSTEM]
    spoken = [turn for turn in conversation.turns if turn.role is not Role.SYSTEM]
    parts = _parts(spoken, _wanted(given.context.long_rows.get(key, 0), given.context.window))
    if len(parts) < 2:
        return conversation
    return Split(
        parts=tuple(
            replace(conversation, turns=(*head, *part), title=_title(conversation.title, number + 1, len(parts)))
            for number, part in enumerate(parts)
        )
    )


def _wanted(tokens: int, window: int) -> int:
    return max(2, ceil(tokens / window)) if window else 2


def _title(title: str, number: int, parts: int) -> str:
    return f"{title} ({number}/{parts})".lstrip()


def _parts(turns: Sequence[Turn], wanted: int) -> list[list[Turn]]:
    """Pieces of about the same length, each with a turn of the persona."""
    share = sum(_length(turn) for turn in turns) / wanted
    parts: list[list[Turn]] = [[]]
    length = 0.0
    for turn in turns:
        answered = any(one.role is Role.PERSONA for one in parts[-1])
        if answered and turn.role is Role.USER and length + _length(turn) / 2 >= share * len(parts):
            parts.append([])
        parts[-1].append(turn)
        length += _length(turn)
    if len(parts) > 1 and not any(turn.role is Role.PERSONA for turn in parts[-1]):
        parts[-2].extend(parts.pop())
    return parts


def _length(turn: Turn) -> int:
    return len(turn.text) + 10


ENTRY = Check(
    code="rows_too_long",
    severity=Severity.WARN,
    order=120,
    over_all=_Watch,
    repairs=(
        Repair(
            name="rows_split",
            label="Split them",
            summary="Cuts each before turns of the user into parts of about the same length that overlap in nothing.",
            apply=_split,
            needs_report=True,
        ),
    ),
)
