"""Conversations, and turns of the persona, that are nearly the same."""

from studio.checks._look import Look
from studio.checks._places import Places
from studio.checks._similar import Signatures, signature
from studio.checks._surgery import switch_off_named
from studio.checks.check import Check, Context, Ledger, Repair, RepairContext, Repaired
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation

_LEAST_WORDS = 20
"""A shorter conversation says too little to be called a copy of another."""
_LEAST_TURN = 10


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._talks, self._talk_signatures = Places(), Signatures()
        self._turns, self._turn_signatures = Places(), Signatures()

    def see(self, look: Look) -> None:
        """Remember what the conversation and its longer turns look like; the figure is their length."""
        words = look.words
        if len(words) >= _LEAST_WORDS:
            self._talks.add(look.key, -1, len(words))
            self._talk_signatures.add(look.signature)
        for turn in look.turns:
            if turn.learned and len(turn.folded) >= _LEAST_TURN:
                self._turns.add(look.key, turn.index, turn.line)
                self._turn_signatures.add(signature(turn.folded))

    def close(self, ledger: Ledger) -> None:
        """Conversations first; what is to go anyway does not count again by its turns."""
        gone: set[str] = set()
        for group in self._talk_signatures.groups():
            best = max(group, key=lambda number: (self._talks.figures[number], -number))
            for number in group:
                key, _ = self._talks.place(number)
                ledger.flag(key, remove=number != best)
                gone |= {key} if number != best else set()
        for group in self._turn_signatures.groups():
            self._judge_turns(group, gone, ledger)

    def _judge_turns(self, group: list[int], gone: set[str], ledger: Ledger) -> None:
        """The first of a group stays. Lines that are the same to the word are another check's."""
        left = [number for number in group if self._turns.place(number)[0] not in gone]
        if len({self._turns.figures[number] for number in left}) < 2:
            return
        for number in left:
            key, turn = self._turns.place(number)
            ledger.flag(key, turn, surplus=number != left[0])


def _keep_best(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    return None if key in given.removals else switch_off_named(key, conversation, given)


ENTRY = Check(
    code="near_duplicates",
    severity=Severity.WARN,
    order=110,
    over_all=_Watch,
    repairs=(
        Repair(
            name="near_duplicates_keep_best",
            label="Keep one of each",
            summary="Of conversations nearly the same the longest stays; of such turns the first is learned.",
            apply=_keep_best,
            needs_report=True,
        ),
    ),
)
