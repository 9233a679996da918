"""What stands on both sides of the split between learning and measuring."""

from array import array

from studio.checks._look import Look
from studio.checks._places import Places
from studio.checks._similar import Signatures
from studio.checks._surgery import switch_off_named
from studio.checks.check import Check, Context, Ledger, Repair, RepairContext, Repaired
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Role
from studio.domain.dataset import is_held_out

_LEAST_WORDS = 20
_LEAST_REPLY = 6
"""Shorter replies to the same words are said by chance."""


class _Watch:
    def __init__(self, context: Context) -> None:
        self._fraction = context.heldout_fraction
        self._talks, self._signatures = Places(), Signatures()
        self._held_pairs = Places()
        self._learned_pairs = array("q")

    def see(self, look: Look) -> None:
        """Remember the side, what the conversation looks like, and each reply with the words before it."""
        held = is_held_out(look.conversation, self._fraction)
        if len(look.words) >= _LEAST_WORDS:
            self._talks.add(look.key, -1, held)
            self._signatures.add(look.signature)
        for before, turn in zip(look.turns, look.turns[1:], strict=False):
            if turn.learned and before.turn.role is Role.USER and len(turn.folded) >= _LEAST_REPLY:
                pair = hash((before.line, turn.line))
                if held:
                    self._held_pairs.add(look.key, turn.index, pair)
                else:
                    self._learned_pairs.append(pair)

    def close(self, ledger: Ledger) -> None:
        """Whole copies are taken off the held-out side; of the others, single replies are."""
        gone: set[str] = set()
        for group in self._signatures.groups():
            sides = {self._talks.figures[number] for number in group}
            for number in group if len(sides) == 2 else ():
                key, _ = self._talks.place(number)
                if self._talks.figures[number]:
                    ledger.flag(key, remove=True)
                    gone.add(key)
        learned = set(self._learned_pairs) if len(self._held_pairs) else set()
        for key, turn, pair in self._held_pairs:
            if pair in learned and key not in gone:
                ledger.flag(key, turn, surplus=True)


def _off_the_held_out_side(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    return None if key in given.removals else switch_off_named(key, conversation, given)


ENTRY = Check(
    code="split_leak",
    severity=Severity.WARN,
    order=105,
    over_all=_Watch,
    repairs=(
        Repair(
            name="split_leak_close",
            label="Take them off the held-out side",
            summary=(
                "Removes held-out copies of conversations that are learned, and switches single replies off there. "
                "What is learned stays as it is."
            ),
            apply=_off_the_held_out_side,
            needs_report=True,
        ),
    ),
)
