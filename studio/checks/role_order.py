"""Two turns of one side in a row, and conversations that end before the persona answers."""

from dataclasses import replace

from studio.checks._look import Look, TurnLook
from studio.checks._surgery import joinable, joined, with_turns
from studio.checks.check import Check, Repair, RepairContext, Repaired, Scope
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Role, Turn


def _find(turn: TurnLook, look: Look) -> str:
    """A turn that another of its side goes before, and the first of those at the end that nobody answers."""
    before = look.turns[turn.index - 1].turn if turn.index else None
    if before is not None and _in_a_row(before, turn.turn):
        return _shown(turn.text)
    unanswered = before is None or before.role is not Role.USER
    if turn.turn.role is Role.USER and unanswered and turn.index == len(look.turns) - 1:
        return _shown(turn.text) if any(one.persona for one in look.turns) else ""
    return ""


def _in_a_row(first: Turn, second: Turn) -> bool:
    return second.role is not Role.SYSTEM and joinable(first, second)


def _shown(text: str) -> str:
    return " ".join(text[:80].split()) or "\u2026"


def _merge(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key, given
    turns: list[Turn] = []
    for turn in conversation.turns:
        if turns and _in_a_row(turns[-1], turn):
            turns[-1] = joined(turns[-1], turn)
        else:
            turns.append(turn)
    return with_turns(conversation, turns)


def _cut(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key, given
    end = len(conversation.turns)
    while end and conversation.turns[end - 1].role is Role.USER:
        end -= 1
    if not conversation.persona_turns or end == len(conversation.turns):
        return conversation
    return replace(conversation, turns=conversation.turns[:end])


ENTRY = Check(
    code="role_order",
    severity=Severity.NOTE,
    order=150,
    scope=Scope.ANY,
    in_turn=_find,
    repairs=(
        Repair(
            name="role_order_merge",
            label="Join turns that follow each other",
            summary="Turns of the same speaker in a row become one; it is learned only if all of them were.",
            apply=_merge,
        ),
        Repair(
            name="role_order_cut",
            label="Cut off unanswered ends",
            summary="Deletes what the user says at the end where the persona never answers.",
            apply=_cut,
        ),
    ),
)
