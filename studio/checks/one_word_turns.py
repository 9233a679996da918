"""Turns of the persona that are a single word."""

from studio.checks._look import Look, TurnLook, folded_words
from studio.checks._surgery import switch_off_where
from studio.checks.check import Check, Repair, RepairContext
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Turn

_SHORT = 40


def _is_one_word(text: str) -> bool:
    return len(text) < _SHORT and len(text.split()) == 1 and len(folded_words(text)) < 3


def _find(turn: TurnLook, look: Look) -> str:
    del look
    return turn.text.strip() if _is_one_word(turn.text) else ""


def _found(turn: Turn, conversation: Conversation, given: RepairContext) -> bool:
    del conversation, given
    return _is_one_word(turn.text)


ENTRY = Check(
    code="one_word_turns",
    severity=Severity.NOTE,
    order=200,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="one_word_turns_off",
            label="Switch those turns off",
            summary="They stay in the conversation, but are not learned.",
            apply=switch_off_where(_found),
        ),
    ),
)
