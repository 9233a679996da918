"""Strengths from votes: closed forms, what was simulated found again, intervals that hold what they say."""

import math
import random
from collections.abc import Iterable

import pytest

from studio.domain.ranking import Duel, Estimate, Standing, chance, standings, votes_until_sure


def duels(one: str, other: str, wins: int, losses: int = 0, ties: int = 0) -> list[Duel]:
    shares = [1.0] * wins + [0.0] * losses + [0.5] * ties
    return [Duel(one=one, other=other, share=share) for share in shares]


def only(found: Iterable[Duel]) -> Standing:
    (standing,) = standings(found)
    return standing


@pytest.mark.parametrize(("wins", "losses", "ties"), [(3, 1, 0), (1, 0, 0), (9, 0, 0), (0, 4, 2), (5, 5, 0), (0, 0, 3)])
def test_two_contestants_come_out_at_the_share_of_wins_with_half_a_tie_in_thought(
    wins: int, losses: int, ties: int
) -> None:
    standing = only(duels("a", "b", wins, losses, ties))
    votes = wins + losses + ties
    share = (wins + ties / 2 + 0.5) / (votes + 1)
    found = standing.difference("a", "b")
    assert chance(found.value) == pytest.approx(share, abs=1e-9)
    # The observed information of a binomial share, the tie in thought included.
    half = 1.959963984540054 / math.sqrt((votes + 1) * share * (1 - share))
    assert found.high - found.value == pytest.approx(half, rel=1e-6)


def test_a_difference_turned_round_is_its_negative() -> None:
    standing = only([*duels("a", "b", 4, 1), *duels("b", "c", 2, 3), *duels("c", "a", 1, 1)])
    there, back = standing.difference("a", "c"), standing.difference("c", "a")
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert standing.difference("a", "a") == Estimate(value=0.0, low=0.0, high=0.0)


def test_who_was_listed_first_does_not_matter() -> None:
    once = only(duels("a", "b", 7, 2, 1)).difference("a", "b")
    turned = only(duels("b", "a", 2, 7, 1)).difference("a", "b")
    assert (once.value, once.low) == pytest.approx((turned.value, turned.low))


def test_whoever_won_everything_stays_finite_and_nine_in_a_row_are_sure() -> None:
    eight, nine = only(duels("a", "b", 8)).difference("a", "b"), only(duels("a", "b", 9)).difference("a", "b")
    assert not eight.is_sure and nine.is_sure
    assert only(duels("a", "b", 5000)).difference("a", "b").value < 12


def test_one_vote_says_next_to_nothing() -> None:
    found = only(duels("a", "b", 1)).difference("a", "b")
    assert found.value > 0 and not found.is_sure
    assert 5 < votes_until_sure(found, 1) < 12


def test_three_in_a_circle_are_equal() -> None:
    standing = only([*duels("a", "b", 2), *duels("b", "c", 2), *duels("c", "a", 2)])
    assert standing.difference("a", "b").value == pytest.approx(0, abs=1e-9)
    assert votes_until_sure(Estimate(value=0.0, low=-1.0, high=1.0), 6) == math.inf


def test_those_who_never_met_are_not_compared() -> None:
    groups = standings([*duels("a", "b", 3), *duels("c", "d", 1), *duels("b", "e", 1), *duels("x", "x", 5)])
    assert [group.keys for group in groups] == [["a", "b", "e"], ["c", "d"]]
    assert "c" not in groups[0] and groups[0].difference("a", "e").value > 0
    assert standings([]) == []


def test_simulated_strengths_are_found_again() -> None:
    chances = random.Random(4)
    true = {f"voice {number}": number * 0.4 for number in range(8)}
    fought = [fight(chances, true, *chances.sample(sorted(true), 2)) for _ in range(3000)]
    standing = only(fought)
    assert standing.best_first == sorted(true, key=lambda key: -true[key])
    for key in true:
        apart = standing.difference(key, "voice 0")
        assert abs(apart.value - true[key]) < 0.35
        field = standing.against_field(key)
        assert abs(field.value - (true[key] - (sum(true.values()) - true[key]) / 7)) < 0.3


@pytest.mark.parametrize("votes", [12, 40])
def test_the_interval_of_two_holds_the_truth_as_often_as_it_says(votes: int) -> None:
    chances = random.Random(votes)
    held = 0
    for _ in range(600):
        wins = sum(chances.random() < 0.7 for _ in range(votes))
        found = only(duels("a", "b", wins, votes - wins)).difference("a", "b")
        held += found.low <= math.log(0.7 / 0.3) <= found.high
    assert 0.93 <= held / 600 <= 0.99


def test_the_interval_in_a_field_of_four_columns_is_not_too_narrow() -> None:
    """One choice among four is counted as three duels; at full weight the interval would hold the truth in 85 %."""
    chances, rounds = random.Random(11), 300
    true = {"a": 0.6, "b": 0.3, "c": 0.0, "d": -0.4}
    held = {weight: 0 for weight in (0.5, 1.0)}
    for _ in range(rounds):
        winners = chances.choices(sorted(true), [math.exp(true[key]) for key in sorted(true)], k=60)
        for weight in held:
            fought = [
                Duel(one=won, other=key, share=1.0, weight=weight) for won in winners for key in true if key != won
            ]
            found = only(fought).difference("a", "c")
            held[weight] += found.low <= 0.6 <= found.high
    assert 0.92 <= held[0.5] / rounds <= 0.99
    assert held[1.0] / rounds < 0.9


def fight(chances: random.Random, true: dict[str, float], one: str, other: str) -> Duel:
    return Duel(one=one, other=other, share=float(chances.random() < chance(true[one] - true[other])))
