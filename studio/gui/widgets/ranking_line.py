"""One line of a ranking as it is painted. Knows no Qt, so that presenters can make them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RankingLine:
    """One contestant. ``low`` to ``high`` is where its score lies with 95 %; ``sure``: that tells it apart."""

    name: str
    detail: str
    colour: str
    score: float
    low: float
    high: float
    counts: str
    sure: bool
    is_reference: bool = False
    words: str = ""
