"""What the chat's presenter asks of the page, and what it hands over for a header. Knows no Qt."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Try = Callable[[Callable[[], object]], None]
"""Runs an act and tells trouble in a sentence."""


class Screen(Protocol):
    """What the presenter asks of the page."""

    def show_columns(self) -> None:
        """The columns or their headers changed."""

    def show_messages(self, column: int) -> None:
        """The thread of a column changed."""

    def show_tail(self, column: int, text: str) -> None:
        """The growing reply of a column has this text now."""

    def show_busy(self, busy: bool) -> None:
        """Replies began, or all of them ended."""

    def show_working(self, words: str) -> None:
        """Something goes on that cannot be seen otherwise; empty words: it does no more."""

    def show_trouble(self, words: str) -> None:
        """Something went wrong; empty words take the notice away."""


@dataclass(frozen=True)
class ColumnView:
    """The header of a column.

    ``figure`` is the last reply's speed, ``details`` are lines for the tooltip; ``own``: it has a sampler or a seed of
    its own; ``blended``: several adapters speak; ``said``: there is a conversation. ``hidden``: nothing may tell who
    it is (a blind vote). ``cast``: several speakers share it (a scene), so there is no single one to change.
    """

    title: str
    subtitle: str
    colour: str
    portrait: Path | None
    is_base: bool
    strength: float
    figure: str
    details: tuple[str, ...] = ()
    own: bool = False
    blended: bool = False
    said: bool = False
    hidden: bool = False
    cast: bool = False
