"""Who is the better voice: strengths from votes, with how sure that is.

The model is that of R. A. Bradley and M. E. Terry, "Rank Analysis of Incomplete Block Designs" (Biometrika 39, 1952):
a beats b with the chance 1 / (1 + exp(b - a)). The strengths are those that make the votes likeliest, found by Newton's
method; that there is exactly one such set wherever everybody is connected by wins both ways is shown by D. R. Hunter,
"MM algorithms for generalized Bradley-Terry models" (Annals of Statistics 32, 2004). Few votes break that condition, so
each pair that has met is given a tie in thought, one for each contestant in all at most: two contestants then come out
at (wins + 1/2) / (votes + 1), Jeffreys' estimate, and whoever won everything stays finite.

Intervals are normal ones of 95 % from the observed information. A choice of one among k says less than the k - 1
duels that it is counted as, which share a winner; each of those weighs 2 / k (4 / k² in a tie), which gives back the
information of one choice exactly where all are equally strong (Luce's choice model). Looking again after each vote
until a claim holds makes wrong claims likelier than 5 %, as with every interval.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SURE = 1.959963984540054
"""Half of a 95 % interval in standard errors."""
POINTS = 400 / math.log(10)
"""Of Elo's scale in one unit of strength: 100 points more are 64 wins in 100."""
_STEPS = 100
_STILL = 1e-10
_Matrix = list[list[float]]


@dataclass(frozen=True, kw_only=True)
class Duel:
    """Two contestants on one vote: ``share`` is 1 where ``one`` won, 0 where ``other`` did, 1/2 in a tie."""

    one: str
    other: str
    share: float
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A difference of strengths with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """True when the interval does not hold 0: one of the two is better."""
        return self.low > 0 or self.high < 0


class Standing:
    """Contestants that have met, directly or by way of others."""

    def __init__(self, duels: Sequence[Duel]) -> None:
        self.keys = sorted({key for duel in duels for key in (duel.one, duel.other)})
        self._place = {key: at for at, key in enumerate(self.keys)}
        terms = [(self._place[one.one], self._place[one.other], one) for one in _summed(_with_prior(duels))]
        self._strengths = _fitted(terms, len(self.keys))
        information = _information(terms, self._strengths)
        # Only differences are known: with the first one's strength held at 0, the rest is a covariance of differences.
        self._covariance = _inverse([row[1:] for row in information[1:]])

    def __contains__(self, key: object) -> bool:
        return key in self._place

    @property
    def best_first(self) -> list[str]:
        """Everybody by strength."""
        return sorted(self.keys, key=lambda key: -self._strengths[self._place[key]])

    def difference(self, one: str, other: str) -> Estimate:
        """How much stronger ``one`` is than ``other``."""
        return self._contrast({one: 1.0, other: -1.0} if one != other else {})

    def against_field(self, one: str) -> Estimate:
        """How much stronger ``one`` is than the mean of all others."""
        others = len(self.keys) - 1
        return self._contrast({key: 1.0 if key == one else -1.0 / others for key in self.keys})

    def _contrast(self, parts: Mapping[str, float]) -> Estimate:
        value = sum(part * self._strengths[self._place[key]] for key, part in parts.items())
        placed = [(self._place[key] - 1, part) for key, part in parts.items() if self._place[key]]
        variance = sum(a * b * self._covariance[i][j] for i, a in placed for j, b in placed)
        half = SURE * math.sqrt(max(0.0, variance))
        return Estimate(value=value, low=value - half, high=value + half)


def standings(duels: Iterable[Duel]) -> list[Standing]:
    """Return a standing for each group of contestants that have met; between groups nothing can be said."""
    counted = [duel for duel in duels if duel.one != duel.other]
    groups: dict[str, set[str]] = {}
    for duel in counted:
        joined = groups.get(duel.one, {duel.one}) | groups.get(duel.other, {duel.other})
        groups.update(dict.fromkeys(joined, joined))
    found = {id(group): group for group in groups.values()}.values()
    made = [Standing([duel for duel in counted if duel.one in group]) for group in found]
    return sorted(made, key=lambda one: -len(one.keys))


def chance(difference: float) -> float:
    """Return the chance to win with so much more strength."""
    return 1 / (1 + math.exp(-difference)) if difference >= 0 else 1 - chance(-difference)


def votes_until_sure(estimate: Estimate, votes: int) -> float:
    """Return how many votes it would take in all, if they went on like these; infinite for a difference of 0."""
    half = (estimate.high - estimate.low) / 2
    return votes * (half / estimate.value) ** 2 if estimate.value else math.inf


def _with_prior(duels: Sequence[Duel]) -> list[Duel]:
    """Add a tie in thought to each pair that has met, one for each contestant in all at most."""
    pairs = {(min(one.one, one.other), max(one.one, one.other)) for one in duels}
    met = {key: sum(key in pair for pair in pairs) for pair in pairs for key in pair}
    prior = [
        Duel(one=one, other=other, share=0.5, weight=1 / max(met[one], met[other])) for one, other in sorted(pairs)
    ]
    return [*duels, *prior]


def _summed(duels: Iterable[Duel]) -> list[Duel]:
    """One duel a pair, with all its weight: the same likelihood, the quicker the more votes there are."""
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for duel in duels:
        turned = duel.one > duel.other
        pair = (duel.other, duel.one) if turned else (duel.one, duel.other)
        won, weight = sums.get(pair, (0.0, 0.0))
        sums[pair] = won + duel.weight * (1 - duel.share if turned else duel.share), weight + duel.weight
    return [
        Duel(one=one, other=other, share=won / weight, weight=weight) for (one, other), (won, weight) in sums.items()
    ]


_Placed = Sequence[tuple[int, int, Duel]]


def _fitted(terms: _Placed, count: int) -> list[float]:
    """Newton's method on strengths that add up to 0; a step that overshoots is halved."""
    strengths = [0.0] * count
    reached = _likelihood(terms, strengths)
    for _ in range(_STEPS):
        step = _newton_step(terms, strengths)
        scale = 1.0
        while True:
            tried = [now + scale * by for now, by in zip(strengths, step, strict=True)]
            likelihood = _likelihood(terms, tried)
            if likelihood >= reached or scale < _STILL:
                break
            scale /= 2
        moved = max(abs(scale * by) for by in step)
        strengths, reached = tried, likelihood
        if moved < _STILL:
            break
    mean = sum(strengths) / count
    return [strength - mean for strength in strengths]


def _newton_step(terms: _Placed, strengths: Sequence[float]) -> list[float]:
    slope = [0.0] * len(strengths)
    for i, j, duel in terms:
        surprise = duel.weight * (duel.share - chance(strengths[i] - strengths[j]))
        slope[i] += surprise
        slope[j] -= surprise
    information = _information(terms, strengths)
    return [0.0, *_solved(_factor([row[1:] for row in information[1:]]), slope[1:])]


def _likelihood(terms: _Placed, strengths: Sequence[float]) -> float:
    return sum(
        duel.weight * (duel.share * _log_chance(by) + (1 - duel.share) * _log_chance(-by))
        for duel, by in ((duel, strengths[i] - strengths[j]) for i, j, duel in terms)
    )


def _log_chance(difference: float) -> float:
    return -math.log1p(math.exp(-difference)) if difference >= 0 else difference - math.log1p(math.exp(difference))


def _information(terms: _Placed, strengths: Sequence[float]) -> _Matrix:
    found = [[0.0] * len(strengths) for _ in strengths]
    for i, j, duel in terms:
        sure = chance(strengths[i] - strengths[j])
        part = duel.weight * sure * (1 - sure)
        found[i][i] += part
        found[j][j] += part
        found[i][j] -= part
        found[j][i] -= part
    return found


def _inverse(matrix: _Matrix) -> _Matrix:
    lower, units = _factor(matrix), range(len(matrix))
    return [_solved(lower, [1.0 if at == unit else 0.0 for at in units]) for unit in units]  # symmetric


def _factor(matrix: _Matrix) -> _Matrix:
    """Cholesky's factor of a symmetric, positive definite matrix."""
    lower = [[0.0] * len(matrix) for _ in matrix]
    for i, row in enumerate(matrix):
        for j in range(i + 1):
            rest = row[j] - sum(a * b for a, b in zip(lower[i][:j], lower[j][:j], strict=True))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    return lower


def _solved(lower: _Matrix, right: Sequence[float]) -> list[float]:
    """Solve for ``right`` with a factor: forwards, then back."""
    half: list[float] = []
    for i, row in enumerate(lower):
        half.append((right[i] - sum(a * b for a, b in zip(row[:i], half, strict=True))) / row[i])
    found = [0.0] * len(lower)
    for i in reversed(range(len(lower))):
        found[i] = (half[i] - sum(lower[k][i] * found[k] for k in range(i + 1, len(lower)))) / lower[i][i]
    return found
