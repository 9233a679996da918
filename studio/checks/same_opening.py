"""Too many turns of the persona that begin with the same words."""

from array import array
from collections import Counter
from collections.abc import Iterable

from studio.checks._look import Look
from studio.checks._places import Places
from studio.checks._surgery import switch_off_named
from studio.checks.check import Check, Context, Ledger, Repair
from studio.domain.checks import Severity

ALLOWED = {6: 0.1, 5: 0.1, 4: 0.15, 3: 0.2, 2: 0.35}
"""Words of an opening, longest first, and the share of all learned turns that may begin with it."""
LEAST_TURNS = 10
_ROUNDS = 40
_NONE = 0


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._places = Places()
        self._openings = {length: array("q") for length in ALLOWED}

    def see(self, look: Look) -> None:
        """Remember how every learned turn of more than two words begins."""
        for turn in look.turns:
            if turn.learned:
                words = turn.folded[:6]
                self._places.add(look.key, turn.index, 0)
                for length, openings in self._openings.items():
                    openings.append(hash(tuple(words[:length])) if len(words) > max(2, length - 1) else _NONE)

    def close(self, ledger: Ledger) -> None:
        """Flag all that begin alike; the surplus is what must go so that no opening is too frequent among the rest."""
        learned = bytearray(b"\1") * len(self._places)
        flagged: set[int] = set()
        for _ in range(_ROUNDS):
            share, found = self._too_many(learned)
            flagged.update(found)
            if not found or not _thin_out(found, learned, share):
                break
        thinned = learned.count(1) >= len(learned) / 2
        for number in sorted(flagged):
            key, turn = self._places.place(number)
            ledger.flag(key, turn, surplus=thinned and not learned[number])

    def _too_many(self, learned: bytearray) -> tuple[float, list[int]]:
        """The turns with the longest opening that is too frequent, in order, and how frequent it may be."""
        turns = learned.count(1)
        if turns < LEAST_TURNS:
            return 0, []
        for length, share in ALLOWED.items():
            openings = self._openings[length]
            counts = Counter(_of(openings, learned))
            del counts[_NONE]
            for opening, count in counts.most_common(1):
                if count > share * turns and count > 2:
                    return share, [at for at, one in enumerate(openings) if one == opening and learned[at]]
        return 0, []


def _thin_out(found: list[int], learned: bytearray, share: float) -> bool:
    """Take so many of them out, evenly, that the rest are not too many. Not possible where all are alike."""
    others = learned.count(1) - len(found)
    keep = int(share * others / (1 - share))
    for place, number in enumerate(found):
        learned[number] = (place + 1) * keep // len(found) > place * keep // len(found)
    return others > 0


def _of(openings: Iterable[int], learned: bytearray) -> Iterable[int]:
    return (opening for opening, on in zip(openings, learned, strict=True) if on)


ENTRY = Check(
    code="same_opening",
    severity=Severity.WARN,
    order=90,
    over_all=_Watch,
    at_once=True,
    repairs=(
        Repair(
            name="same_opening_thin_out",
            label="Switch the surplus off",
            summary="So many are no longer learned that the rest are no habit; none where most turns begin alike.",
            apply=switch_off_named,
            needs_report=True,
        ),
    ),
)
