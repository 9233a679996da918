"""What votes say together: a row for each contestant, and plainly whether that is enough to tell the best."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from studio.domain.chat import Contestant
from studio.domain.ranking import POINTS, Duel, Estimate, Standing, chance, standings, votes_until_sure
from studio.domain.votes import BAD, Vote, VotedReply, duels_of
from studio.texts import tr, tr_plural

LEAST_VOTES = 5
"""Fewer votes on somebody decide nothing, however clear they are."""
MANY = 200


@dataclass(frozen=True, kw_only=True)
class RankingRow:
    """A contestant. ``wins``, ``losses`` and ``ties`` count each other column of a vote.

    ``score`` is in points of Elo's scale above the reference (the base alone where it took part, else the mean of all
    others), with its 95 % interval from ``low`` to ``high``; ``win_chance`` is the same as a chance to win against it.
    ``enough``: at least five votes, and the interval lies wholly on one side of 0.
    """

    key: str
    label: str
    contestant: Contestant
    wins: int
    losses: int
    ties: int
    votes: int
    score: float
    low: float
    high: float
    win_chance: float
    chance_low: float
    chance_high: float
    enough: bool
    is_reference: bool = False


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Best first. ``votes`` were counted, ``bad`` among them found nobody any good, ``with_names`` were not counted.

    ``enough``: the first is better than the second, by the same conditions as a row. ``verdict`` says it plainly.
    Contestants that never met the others, not even by way of somebody, are in ``apart``.
    """

    rows: tuple[RankingRow, ...] = ()
    apart: tuple[str, ...] = ()
    reference: str = ""
    votes: int = 0
    bad: int = 0
    with_names: int = 0
    enough: bool = False
    verdict: str = ""
    persona_id: str = ""


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A vote as far as it concerns those who are ranked."""

    replies: tuple[VotedReply, ...]
    duels: tuple[Duel, ...]
    bad: bool
    blind: bool


def ranking_of(votes: Iterable[Vote], persona_id: str = "") -> Ranking:
    """Rank a persona's voices and the base alone, or everybody when none is named."""
    seen = [one for one in (_seen(vote, persona_id) for vote in votes) if one.duels or one.bad]
    blind = [one for one in seen if one.blind]
    return _Counting(blind).ranking(with_names=len(seen) - len(blind), persona_id=persona_id)


def _seen(vote: Vote, persona_id: str) -> _Seen:
    """What a vote says about a persona's voices and the base alone; nothing where the persona took no part."""
    kept = [one for one in vote.replies if not persona_id or not one.personas or persona_id in one.personas]
    if persona_id and not any(one.personas for one in kept):
        kept = []
    keys = {one.key for one in kept}
    duels = tuple(one for one in duels_of(vote) if one.one != one.other and {one.one, one.other} <= keys)
    bad = vote.verdict == BAD and len(keys) > 1
    return _Seen(replies=tuple(kept), duels=duels, bad=bad, blind=vote.blind)


class _Counting:
    """Counts the blind votes, fits strengths to them and says what that comes to."""

    def __init__(self, votes: Sequence[_Seen]) -> None:
        self._votes = votes
        self._known = {reply.key: reply for vote in votes for reply in vote.replies}
        self._groups = standings(duel for vote in votes for duel in vote.duels)

    def ranking(self, *, with_names: int, persona_id: str) -> Ranking:
        """The whole."""
        enough, verdict = self._verdict()
        return Ranking(
            rows=tuple(self._rows(self._groups[0], enough)) if self._groups else (),
            apart=tuple(self._name(key) for group in self._groups[1:] for key in group.best_first),
            reference=self._name(self._reference(self._groups[0])) if self._groups else "",
            votes=len(self._votes),
            bad=sum(vote.bad for vote in self._votes),
            with_names=with_names,
            enough=enough,
            verdict=verdict,
            persona_id=persona_id,
        )

    def _rows(self, standing: Standing, leader_is_sure: bool) -> Iterator[RankingRow]:
        reference = self._reference(standing)
        for key in standing.best_first:
            apart = standing.difference(key, reference) if reference else standing.against_field(key)
            votes = sum(_took_part(vote, key) for vote in self._votes)
            shares = [share for vote in self._votes for share in _shares(vote, key)]
            yield RankingRow(
                key=key,
                label=self._name(key),
                contestant=self._known[key].contestant,
                wins=shares.count(1.0),
                losses=shares.count(0.0),
                ties=shares.count(0.5),
                votes=votes,
                score=POINTS * apart.value,
                low=POINTS * apart.low,
                high=POINTS * apart.high,
                win_chance=chance(apart.value),
                chance_low=chance(apart.low),
                chance_high=chance(apart.high),
                enough=leader_is_sure if key == reference else votes >= LEAST_VOTES and apart.is_sure,
                is_reference=key == reference,
            )

    def _reference(self, standing: Standing) -> str:
        """The base alone (of several bases, the one in most votes); nobody where it took no part."""
        bases = [key for key in standing.keys if self._known[key].contestant == Contestant()]
        return max(bases, key=lambda key: sum(_took_part(vote, key) for vote in self._votes), default="")

    def _verdict(self) -> tuple[bool, str]:
        if not self._groups:
            return False, self._nothing_yet()
        standing = self._groups[0]
        first, second = standing.best_first[:2]
        apart = standing.difference(first, second)
        votes = sum(bool(vote.duels) and vote.duels[0].one in standing for vote in self._votes)
        on_both = min(sum(_took_part(vote, key) for vote in self._votes) for key in (first, second))
        if on_both >= LEAST_VOTES and apart.is_sure:
            return True, self._sure(first, second, apart, votes)
        return False, self._unsure(first, second, apart, votes, LEAST_VOTES - on_both)

    def _nothing_yet(self) -> str:
        if self._votes:
            return tr_plural(
                "{count} vote so far, and it found nobody any good: that ranks nobody.",
                "{count} votes so far, and all found nobody any good: that ranks nobody.",
                len(self._votes),
            )
        return tr("No blind votes yet. Let two voices answer the same words, and choose without seeing the names.")

    def _sure(self, first: str, second: str, apart: Estimate, votes: int) -> str:
        figures = {
            "chance": f"{100 * chance(apart.value):.0f}",
            "low": f"{100 * chance(apart.low):.0f}",
            "high": f"{100 * chance(apart.high):.0f}",
        }
        return tr_plural(
            "{first} is better than {second}: {count} vote, a chance of {chance} % to win (95 %: {low} to {high} %).",
            "{first} is better than {second}: {count} votes, a chance of {chance} % to win (95 %: {low} to {high} %).",
            votes,
            first=self._name(first), second=self._name(second), **figures,
        )  # fmt: skip

    def _unsure(self, first: str, second: str, apart: Estimate, votes: int, missing: int) -> str:
        names = {"first": self._name(first), "second": self._name(second)}
        more = max(votes_until_sure(apart, votes) - votes, missing, 1)
        if more > MANY:
            return tr_plural(
                "{count} vote so far: {first} and {second} are about as good as each other. It would take hundreds to "
                "tell them apart.",
                "{count} votes so far: {first} and {second} are about as good as each other. It would take hundreds "
                "to tell them apart.",
                votes,
                **names,
            )
        return tr_plural(
            "{count} vote so far; about {more} more before {first} and {second} can be told apart.",
            "{count} votes so far; about {more} more before {first} and {second} can be told apart.",
            votes,
            more=_rounded(more),
            **names,
        )

    def _name(self, key: str) -> str:
        return self._known[key].name if key else ""


def _took_part(vote: _Seen, key: str) -> bool:
    return any(key in (duel.one, duel.other) for duel in vote.duels)


def _shares(vote: _Seen, key: str) -> Iterator[float]:
    for duel in vote.duels:
        if key == duel.one:
            yield duel.share
        elif key == duel.other:
            yield 1 - duel.share


def _rounded(votes: float) -> int:
    """No better than it is known: whole up to ten, then fives."""
    whole = math.ceil(votes)
    return whole if whole <= 10 else 5 * math.ceil(whole / 5)
