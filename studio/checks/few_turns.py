"""Whether there is enough to learn from at all."""

from studio.checks._look import Look
from studio.checks._meter import GOOD_FROM, VOICE_FROM
from studio.checks.check import Check, Context, Ledger
from studio.domain.checks import Severity


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._turns = 0

    def see(self, look: Look) -> None:
        """Count what is learned."""
        self._turns += sum(turn.learned for turn in look.turns)

    def close(self, ledger: Ledger) -> None:
        """Tell the number where it is small."""
        if self._turns < GOOD_FROM:
            ledger.count(self._turns)
        if self._turns < VOICE_FROM:
            ledger.graver(Severity.WARN)


ENTRY = Check(code="few_turns", severity=Severity.NOTE, order=190, over_all=_Watch, at_once=True)
