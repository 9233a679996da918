"""Two runs side by side as the page shows them. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.gui.widgets.curve_maths import Point
from studio.texts import tr, tr_plural


@dataclass(frozen=True, kw_only=True)
class BesideRun:
    """One of the two."""

    title: str
    colour: str
    train: Sequence[Point]
    heldout: Sequence[Point]


@dataclass(frozen=True, kw_only=True)
class BesideRow:
    """One fact of both."""

    label: str
    first: str
    second: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Both curves, all facts, and a sentence on what differs."""

    first: BesideRun
    second: BesideRun
    rows: tuple[BesideRow, ...]
    words: str
    total_steps: int


def sentence_on(rows: Sequence[BesideRow], recipe_rows: int, same_data: bool) -> str:
    """What differs, counted; whether the held-out figures can be held against each other at all."""
    differ = tr_plural("{count} choice differs.", "{count} choices differ.", recipe_rows)
    if not recipe_rows:
        differ = tr("Both were made by the same recipe.")
    if same_data:
        return differ + " " + tr("Both learned from the same data, so their held-out figures can be compared.")
    return differ + " " + tr("They learned from different data: held-out figures cannot be compared one to one.")
