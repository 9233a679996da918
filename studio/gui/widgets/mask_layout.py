"""Where each token of a mask stands: lines of pieces, a line for each turn's begin, a heading for each window.

No painting and no Qt here; ``measure`` gives the width of a piece.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

GAP, PADDING = 2, 3
"""Between pieces, and inside a piece at its left and right; pixels."""
LINE, HEADING, BETWEEN_TURNS = 24, 34, 6
_SIGNS = {"\n": "⏎", "\r": "␍", "\t": "⇥"}


class Token(Protocol):
    """What is known of a token (``domain.mask.MaskToken``)."""

    @property
    def id(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def turn(self) -> int: ...
    @property
    def window(self) -> int: ...


@dataclass(kw_only=True)
class Line:
    """The tokens from ``first`` up to ``end``. ``turn``: the one that begins here; ``heading``: a window does."""

    top: int
    first: int
    end: int
    turn: int | None = None
    heading: bool = False


@dataclass(kw_only=True)
class MaskLayout:
    """Lines from top to bottom; ``left`` and ``wide`` of every token, ``line_of`` its line's number."""

    lines: list[Line] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    wide: list[float] = field(default_factory=list)
    line_of: list[int] = field(default_factory=list)
    height: int = 0

    def lines_between(self, top: float, bottom: float) -> Sequence[Line]:
        """The lines that are seen there, those with only their heading seen included."""
        first = max(0, bisect_right(self.lines, top, key=lambda line: line.top) - 1)
        end = bisect_right(self.lines, bottom + HEADING, key=lambda line: line.top)
        return self.lines[first:end]

    def token_at(self, x: float, y: float, *, nearest: bool = False) -> int:
        """The token at a place, -1 where there is none; ``nearest``: the one in that line that is closest."""
        number = bisect_right(self.lines, y, key=lambda line: line.top) - 1
        if number < 0 or (not nearest and y >= self.lines[number].top + LINE):
            return -1
        line = self.lines[number]
        if nearest:
            return min(range(line.first, line.end), key=lambda at: abs(self.left[at] + self.wide[at] / 2 - x))
        inside = (at for at in range(line.first, line.end) if self.left[at] <= x < self.left[at] + self.wide[at] + GAP)
        return next(inside, -1)


def shown_text(piece: str) -> str:
    """A piece as it is painted: what cannot be seen gets a sign."""
    signed = "".join(_SIGNS.get(letter, letter) for letter in piece)
    if not signed:
        return "∅"
    return signed if signed.strip() else "·" * len(signed)


def lay_out(tokens: Sequence[Token], width: float, gutter: float, measure: Callable[[str], float]) -> MaskLayout:
    """Flow the tokens into lines of ``width``, whose first ``gutter`` is for names."""
    layout = MaskLayout()
    known: dict[str, float] = {}
    windowed = len({token.window for token in tokens}) > 1
    x, top, breaks = gutter, 0, True
    before: Token | None = None
    for index, token in enumerate(tokens):
        wide = known.get(token.text)
        if wide is None:
            wide = known[token.text] = min(measure(shown_text(token.text)) + 2 * PADDING, max(width - gutter, 40))
        heading = windowed and (before is None or token.window != before.window)
        begins = before is None or heading or token.turn != before.turn
        if breaks or begins or x + wide > width:
            _close(layout, index)
            top += (LINE if layout.lines else 0) + (HEADING if heading else BETWEEN_TURNS if begins and index else 0)
            layout.lines.append(
                Line(top=top, first=index, end=index, turn=token.turn if begins else None, heading=heading)
            )
            x = gutter
        layout.left.append(x)
        layout.wide.append(wide)
        layout.line_of.append(len(layout.lines) - 1)
        x += wide + GAP
        breaks = token.text.endswith("\n")
        before = token
    _close(layout, len(tokens))
    layout.height = top + LINE if tokens else 0
    return layout


def _close(layout: MaskLayout, end: int) -> None:
    if layout.lines:
        layout.lines[-1].end = end


def window_sizes(tokens: Sequence[Token]) -> Mapping[int, int]:
    """Tokens in each window; -1: in none."""
    sizes: dict[int, int] = {}
    for token in tokens:
        sizes[token.window] = sizes.get(token.window, 0) + 1
    return sizes
