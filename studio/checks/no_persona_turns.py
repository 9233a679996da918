"""Conversations in which the persona says nothing."""

from studio.checks._look import Look
from studio.checks.check import Check, Context, Ledger, Repair, RepairContext, Repaired
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._silent: list[str] = []
        self._conversations = 0

    def see(self, look: Look) -> None:
        """Remember those without a word of the persona."""
        self._conversations += 1
        if not any(turn.persona for turn in look.turns):
            self._silent.append(look.key)

    def close(self, ledger: Ledger) -> None:
        """Some are a warning; when all are silent, or there is nothing, a run is of no use."""
        for key in self._silent:
            ledger.flag(key)
        if not self._conversations:
            ledger.count(0)
        if len(self._silent) == self._conversations:
            ledger.graver(Severity.BLOCK)


def _remove(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key, given
    return conversation if conversation.persona_turns else None


ENTRY = Check(
    code="no_persona_turns",
    severity=Severity.WARN,
    order=0,
    over_all=_Watch,
    at_once=True,
    repairs=(
        Repair(
            name="no_persona_turns_remove",
            label="Remove those conversations",
            summary="Takes out every conversation without a turn of the persona.",
            apply=_remove,
        ),
    ),
)
