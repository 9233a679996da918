"""Several manners of writing in one set of data: how actions and speech are marked, person, tense."""

from collections import Counter
from collections.abc import Callable
from operator import attrgetter

from studio.checks._look import Look
from studio.checks._places import Places
from studio.checks._restyle import to_asterisks, to_both, to_plain, to_quotes
from studio.checks._styles import TurnStyle, packed, unpacked
from studio.checks._surgery import change_texts
from studio.checks.check import Check, Context, Ledger, Repair
from studio.domain.checks import Severity
from studio.domain.conversation import Role, Turn

_SHARE = 0.1
_LEAST = 3


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._turns = Places()

    def see(self, look: Look) -> None:
        """Remember the style of every learned turn that shows one."""
        for turn in look.turns:
            if turn.learned and turn.style.manner != "plain":
                self._turns.add(look.key, turn.index, packed(turn.style))

    def close(self, ledger: Ledger) -> None:
        """Flag the turns that are not written as most are, where they are more than a slip."""
        counts = Counter(self._turns.figures)
        odd = {name: _minority(_sum(counts, attrgetter(name))) for name in ("manner", "person", "tense")}
        if odd["manner"]:
            ledger.graver(Severity.WARN)
        strange = {figure for figure in counts if any(getattr(unpacked(figure), name) in odd[name] for name in odd)}
        for key, turn, figure in self._turns if strange else ():
            if figure in strange:
                ledger.flag(key, turn)


def _sum(counts: Counter[int], part: Callable[[TurnStyle], str]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for figure, count in counts.items():
        summed[part(unpacked(figure))] += count
    return summed


def _minority(counts: Counter[str]) -> set[str]:
    """The kinds that are not the most frequent one, if together they are more than a slip."""
    del counts[""]
    usual = counts.most_common(1)
    others = {name: count for name, count in counts.items() if name != usual[0][0]}
    many = sum(others.values())
    return set(others) if many >= _LEAST and many > _SHARE * counts.total() else set()


def _is_persona(turn: Turn) -> bool:
    return turn.role is Role.PERSONA


ENTRY = Check(
    code="mixed_styles",
    severity=Severity.NOTE,
    order=140,
    over_all=_Watch,
    repairs=(
        Repair(
            name="style_to_asterisks",
            label="All to asterisks",
            summary="Actions between asterisks, speech without quotation marks. What cannot be told for sure stays.",
            apply=change_texts(to_asterisks, _is_persona),
        ),
        Repair(
            name="style_to_both",
            label="All to asterisks and quotes",
            summary="Actions between asterisks, speech in quotation marks. What cannot be told for sure stays.",
            apply=change_texts(to_both, _is_persona),
        ),
        Repair(
            name="style_to_quotes",
            label="All as in a novel",
            summary="Speech in quotation marks, actions become sentences. What cannot be told for sure stays.",
            apply=change_texts(to_quotes, _is_persona),
        ),
        Repair(
            name="style_to_plain",
            label="All to plain speech",
            summary="Only what is said stays; actions and narration are deleted. A turn without speech stays as it is.",
            apply=change_texts(to_plain, _is_persona),
        ),
    ),
)
