"""Turns without a word."""

from studio.checks._look import Look, TurnLook
from studio.checks._surgery import take_out
from studio.checks.check import Check, Repair, RepairContext, Repaired, Scope
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation


def _find(turn: TurnLook, look: Look) -> str:
    del look
    return "" if turn.text and not turn.text.isspace() else "\u2026"


def _delete(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key, given
    return take_out(conversation, [index for index, turn in enumerate(conversation.turns) if not turn.text.strip()])


ENTRY = Check(
    code="empty_turns",
    severity=Severity.WARN,
    order=40,
    scope=Scope.ANY,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="empty_turns_delete",
            label="Delete the empty turns",
            summary="Takes them out. Two turns of the same side that then follow each other become one.",
            apply=_delete,
        ),
    ),
)
