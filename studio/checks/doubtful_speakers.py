"""Turns of the persona whose speaker was guessed while a file was read."""

from collections.abc import Iterable
from dataclasses import replace

from studio.checks._look import Look, TurnLook
from studio.checks._surgery import switch_off_where, with_turns, without_doubt
from studio.checks.check import Check, Repair, RepairContext, Repaired
from studio.domain.checks import Severity
from studio.domain.conversation import DOUBTFUL, Conversation, Turn


def _find(turn: TurnLook, look: Look) -> str:
    del look
    return (" ".join(turn.text[:80].split()) or "\u2026") if DOUBTFUL in turn.turn.marks else ""


def _confirm(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key, given
    sure: Iterable[Turn] = (
        replace(turn, marks=without_doubt(turn.marks)) if DOUBTFUL in turn.marks else turn
        for turn in conversation.turns
    )
    return with_turns(conversation, sure)


def _found(turn: Turn, conversation: Conversation, given: RepairContext) -> bool:
    del conversation, given
    return DOUBTFUL in turn.marks


ENTRY = Check(
    code="doubtful_speakers",
    severity=Severity.WARN,
    order=45,
    in_turn=_find,
    repairs=(
        Repair(
            name="doubtful_confirm",
            label="All of them are right",
            summary="Takes the doubt away from every turn, also from those of the other side.",
            apply=_confirm,
        ),
        Repair(
            name="doubtful_off",
            label="Switch those turns off",
            summary="They stay in the conversation, but are not learned. The doubt stays with them.",
            apply=switch_off_where(_found),
        ),
    ),
)
