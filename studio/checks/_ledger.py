"""Where findings are written down during a run, and how they become a report: gravest first, places limited."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from studio.checks._amounts import Amounts
from studio.checks._report import CheckReport
from studio.checks.check import Check
from studio.domain.checks import Finding, Place, Severity
from studio.domain.conversation import Conversation

PLACE_LIMIT = 50
_GRAVEST_FIRST = (Severity.BLOCK, Severity.WARN, Severity.NOTE)
_SHOWN = 80
_Turns = dict[str, list[int]]


class CheckLedger:
    """What one check found."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.severity = check.severity
        self.total = 0
        self.said = False
        self.places: list[Place] = []
        self.keys: dict[str, None] = {}
        self.turns: _Turns = {}
        self.surplus: _Turns = {}
        self.removals: list[str] = []
        self._keeps_turns = check.over_all is not None

    def flag(self, key: str, turn: int = -1, excerpt: str = "", *, surplus: bool = False, remove: bool = False) -> None:
        """Note a place."""
        self.total, self.said = self.total + 1, True
        if len(self.places) < PLACE_LIMIT:
            self.places.append(Place(conversation=key, turn=turn, excerpt=excerpt))
        self.keys[key] = None
        if self._keeps_turns and turn >= 0:
            self.turns.setdefault(key, []).append(turn)
        if surplus:
            self.surplus.setdefault(key, []).append(turn)
        if remove:
            self.removals.append(key)

    def count(self, number: int) -> None:
        """Say how many there are, where that is not the number of places."""
        self.total, self.said = number, True

    def graver(self, severity: Severity) -> None:
        """Take this severity instead of the check's own."""
        self.severity = severity

    def show(self, look_up: Callable[[str], Conversation | None]) -> None:
        """Give the places the words that stand there, where they have none."""
        for number, place in enumerate(self.places):
            conversation = None if place.excerpt else look_up(place.conversation)
            if conversation is not None and conversation.turns:
                words = conversation.turns[max(0, place.turn)].text[:_SHOWN]
                self.places[number] = replace(place, excerpt=" ".join(words.split()))

    def finding(self) -> Finding:
        """The finding."""
        return Finding(
            code=self.check.code,
            severity=self.severity,
            count=self.total,
            places=tuple(self.places),
            repairs=tuple(repair.name for repair in self.check.repairs),
        )


class Ledgers:
    """The ledgers of all checks of a run."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._ledgers = {check.code: CheckLedger(check) for check in checks}

    def of(self, code: str) -> CheckLedger:
        """The ledger of one check."""
        return self._ledgers[code]

    def report(self, conversations: int, amounts: Amounts, prints: Mapping[str, int]) -> CheckReport:
        """Everything that was found."""
        told = [ledger for ledger in self._ledgers.values() if ledger.said]
        findings = sorted(
            (ledger.finding() for ledger in told),
            key=lambda finding: (_GRAVEST_FIRST.index(finding.severity), -finding.count),
        )
        meant = {key for ledger in told for key in (*ledger.turns, *ledger.surplus, *ledger.removals)}
        return CheckReport(
            findings=tuple(findings),
            flagged={ledger.check.code: tuple(ledger.keys) for ledger in told if ledger.keys},
            turns_flagged={ledger.check.code: _kept(ledger.turns) for ledger in told if ledger.turns},
            surplus={ledger.check.code: _kept(ledger.surplus) for ledger in told if ledger.surplus},
            removals={ledger.check.code: tuple(ledger.removals) for ledger in told if ledger.removals},
            prints={key: prints[key] for key in meant if key in prints},
            style=amounts.style(),
            meter=amounts.meter(),
            coverage=amounts.coverage(),
            conversations=conversations,
            persona_turns=amounts.persona_turns,
        )


def _kept(turns: _Turns) -> dict[str, tuple[int, ...]]:
    return {key: tuple(places) for key, places in turns.items()}
