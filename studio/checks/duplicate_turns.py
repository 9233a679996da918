"""Lines of the persona that are said again and again, to the word."""

from collections import Counter

from studio.checks._look import Look
from studio.checks._places import Places
from studio.checks._surgery import switch_off_named
from studio.checks.check import Check, Context, Ledger, Repair
from studio.domain.checks import Severity

ALLOWED = 2


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._lines = Places()

    def see(self, look: Look) -> None:
        """Remember every learned line of more than one word."""
        for turn in look.turns:
            if turn.learned and len(turn.folded) > 1:
                self._lines.add(look.key, turn.index, turn.line)

    def close(self, ledger: Ledger) -> None:
        """Lines from the third on are too many."""
        counts = {line: count for line, count in Counter(self._lines.figures).items() if count > ALLOWED}
        seen: Counter[int] = Counter()
        for key, turn, line in self._lines if counts else ():
            if line in counts:
                seen[line] += 1
                ledger.flag(key, turn, surplus=seen[line] > ALLOWED)


ENTRY = Check(
    code="duplicate_turns",
    severity=Severity.WARN,
    order=100,
    over_all=_Watch,
    at_once=True,
    repairs=(
        Repair(
            name="duplicate_turns_keep_two",
            label="Learn each line twice at most",
            summary="Switches the third and every later one off; they stay in their conversations.",
            apply=switch_off_named,
            needs_report=True,
        ),
    ),
)
