"""Votes: which of several replies to the same words was the best, told without knowing who had said what."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from studio.domain.chat import Contestant
from studio.domain.ranking import Duel

TIE, BAD = "tie", "bad"
"""Verdicts beside a place (``"1"`` to ``"8"``): all as good as each other; none of them any good."""


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """A round of voting. ``lanes`` are the columns' numbers (``Chat.lane``) in the order in which they are shown.

    ``revealed``: the names were shown, so what is voted from then on is no blind vote.
    """

    id: str
    chat_id: str
    lanes: tuple[int, ...]
    revealed: bool = False
    created_at: str = ""


@dataclass(frozen=True, kw_only=True)
class VotedReply:
    """One reply of a vote: the words themselves, and all that made them.

    ``key`` tells contestants apart (see ``contestant_key``); ``name`` is what it was called then. ``personas`` are
    those that spoke in it; none for the base alone. ``contents`` are the SHA-256 of the adapters by their ids.
    """

    key: str
    name: str
    contestant: Contestant
    text: str
    message_id: str = ""
    personas: tuple[str, ...] = ()
    contents: Mapping[str, str] = field(default_factory=dict)
    base_fingerprint: str = ""
    seed: int | None = None
    sampler: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Vote:
    """A verdict: a place from ``"1"`` in the order of ``replies`` (as they were shown), ``tie`` or ``bad``."""

    id: str
    ballot_id: str
    chat_id: str
    prompt: str
    replies: tuple[VotedReply, ...]
    verdict: str
    blind: bool = True
    created_at: str = ""

    @property
    def winner(self) -> VotedReply | None:
        """The reply that was the best; None for a tie, and when all were bad."""
        return self.replies[int(self.verdict) - 1] if self.verdict.isdecimal() else None


def contestant_key(contestant: Contestant, base_fingerprint: str) -> str:
    """Return the same word for the same voice: adapters with their weights, card, own prompt, own sampler, and base.

    A seed is luck and no part of who somebody is.
    """
    weights: dict[str, float] = {}
    for part in contestant.parts:
        weights[part.adapter_id] = weights.get(part.adapter_id, 0.0) + part.weight
    sampler = asdict(contestant.sampler) if contestant.sampler else None
    worn = [contestant.persona_id, contestant.card, contestant.system_prompt.strip(), contestant.step]
    said = json.dumps([weights, worn, sampler, base_fingerprint], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def duels_of(vote: Vote) -> list[Duel]:
    """Return what a vote says about each two: the winner against everybody else, or a tie of all. Bad says nothing."""
    if vote.verdict == BAD:
        return []
    keys, count = [reply.key for reply in vote.replies], len(vote.replies)
    if vote.winner is not None:
        won = int(vote.verdict) - 1
        return [Duel(one=keys[won], other=keys[at], share=1.0, weight=2 / count) for at in range(count) if at != won]
    pairs = [(one, other) for at, one in enumerate(keys) for other in keys[at + 1 :]]
    return [Duel(one=one, other=other, share=0.5, weight=4 / count**2) for one, other in pairs]
