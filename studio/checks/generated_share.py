"""How much of what is learned was written by a model."""

from studio.checks._look import Look, TurnLook
from studio.checks._surgery import switch_off_where
from studio.checks.check import Check, Repair, RepairContext
from studio.domain.checks import Severity
from studio.domain.conversation import GENERATED, Conversation, Turn


def _find(turn: TurnLook, look: Look) -> str:
    del look
    return (" ".join(turn.text[:80].split()) or "\u2026") if GENERATED in turn.turn.marks else ""


def _found(turn: Turn, conversation: Conversation, given: RepairContext) -> bool:
    del conversation, given
    return GENERATED in turn.marks


ENTRY = Check(
    code="generated_share",
    severity=Severity.NOTE,
    order=220,
    in_turn=_find,
    repairs=(
        Repair(
            name="generated_off",
            label="Switch those turns off",
            summary="They stay in the conversation, but only turns that people wrote are learned.",
            apply=switch_off_where(_found),
        ),
    ),
)
