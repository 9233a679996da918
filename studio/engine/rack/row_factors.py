"""The rack's factors as the studio's own decoder reads them: adapter behind adapter, a batched product each.

Hooks multiply every row with every adapter's factors; here each row meets only those of its own adapters, and layers
that read the same numbers (query, key and value; gate and up) share one product with A. An adapter keeps its place when
another is shown, so a swap is a few numbers: which rows go where, and how strongly.

No product has fewer than ``LEAST_ROWS`` rows and ``LEAST_RANK`` columns. A processor's matrix library computes smaller
ones by other sums; so a row's numbers are the same to the last bit alone or in company, read token by token or a whole
prompt at once.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.rack.adapter_files import AdapterFactors

LEAST_ROWS, LEAST_RANK = 4, 16
FEW = 4
"""Adapters that every row may as well meet; with more it pays to give each adapter its own rows."""

PLACES = 8
"""Adapters of one rank that stay laid out: as many as there are rows in a batch."""

GAPS = 2
"""Places between those in use that are rather computed along than moved out of the way."""

Groups = Sequence[Sequence[str]]
"""Names of layers that read the same numbers, by group."""


class FactorShelf:
    """Adapters of one rank: ``downs[group]`` [places, layers · rank, d_in], ``ups[group]`` [places, layers · rank, d].

    What several layers of a group give out lies side by side, so their B stand in steps with zeros beside them: one
    product for all. Smaller ranks than ``LEAST_RANK`` are filled up with zeros.
    """

    def __init__(self, rank: int, groups: Groups, linears: Mapping[str, nn.Module], place: Mapping[str, Any]) -> None:
        self.rank = max(rank, LEAST_RANK)
        self._groups = groups
        self._linears = linears
        self._place = place
        self.ids: list[str] = []
        self.downs: list[Tensor] = []
        self.ups: list[Tensor] = []
        self._flat: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = {}
        self._steps: dict[tuple[int, int], list[tuple[Tensor, list[Tensor]]]] = {}

    def flat(self, first: int, last: int) -> list[tuple[Tensor, Tensor]]:
        """For each group A [d_in, all] and B [all, d_out] of these places as one; views, made once."""
        if (first, last) not in self._flat:
            pairs = zip(self.downs, self.ups, strict=True)
            self._flat[first, last] = [
                (down[first:last].flatten(0, 1).T, up[first:last].flatten(0, 1)) for down, up in pairs
            ]
        return self._flat[first, last]

    def steps(self, first: int, last: int) -> list[tuple[Tensor, list[Tensor]]]:
        """For each group A [places, d_in, ranks], and B [places, rank, d_out] of each layer without the zeros."""
        if (first, last) not in self._steps:
            pairs = zip(self._groups, self.downs, self.ups, strict=True)
            self._steps[first, last] = [
                (down[first:last].mT, [up[first:last, rows, wide] for rows, wide in self._blocks(group)])
                for group, down, up in pairs
            ]
        return self._steps[first, last]

    def lay(self, wanted: Mapping[str, AdapterFactors]) -> None:
        """See that the wanted adapters lie here, near each other; others may stay."""
        places = sorted(self.ids.index(one) for one in wanted if one in self.ids)
        apart = len(places) > 1 and places[-1] - places[0] >= len(wanted) + GAPS
        new = [one for one in wanted if one not in self.ids]
        if not apart and not new:
            return
        self._flat, self._steps = {}, {}
        if apart or len(self.ids) + len(new) > PLACES or not self.ids:
            self.ids = list(wanted)
            found = [self._stacked(group, list(wanted.values())) for group in self._groups]
        else:
            self.ids += new
            beside = [self._stacked(group, [wanted[one] for one in new]) for group in self._groups]
            before = zip(self.downs, self.ups, strict=True)
            found = [(torch.cat((a, c)), torch.cat((b, d))) for (a, b), (c, d) in zip(before, beside, strict=True)]
        self.downs, self.ups = [down for down, _ in found], [up for _, up in found]

    def forget(self, adapter_id: str) -> None:
        """An adapter is gone, or another bears its name now; its place is not used again before the next layout."""
        self.ids = ["" if one == adapter_id else one for one in self.ids]
        if not any(self.ids):
            self.ids, self.downs, self.ups = [], [], []
            self._flat, self._steps = {}, {}

    def _stacked(self, group: Sequence[str], adapters: Sequence[AdapterFactors]) -> tuple[Tensor, Tensor]:
        height, blocks = len(group) * self.rank, self._blocks(group)
        down = torch.zeros(len(adapters), height, int(self._linears[group[0]].in_features), **self._place)  # type: ignore[arg-type]
        up = torch.zeros(len(adapters), height, blocks[-1][1].stop, **self._place)
        for number, adapter in enumerate(adapters):
            for name, (rows, wide) in zip(group, blocks, strict=True):
                if name in adapter.pairs:
                    a, b = adapter.pairs[name]
                    down[number, rows][: adapter.rank] = a
                    up[number, rows, wide][: adapter.rank] = b.T
        return down, up

    def _blocks(self, group: Sequence[str]) -> list[tuple[slice, slice]]:
        """Where each layer's part stands: its ranks, and what it gives out."""
        ends = list(accumulate(int(self._linears[name].out_features) for name in group))  # type: ignore[arg-type]
        starts = [0, *ends[:-1]]
        return [
            (slice(layer * self.rank, (layer + 1) * self.rank), slice(start, end))
            for layer, (start, end) in enumerate(zip(starts, ends, strict=True))
        ]


Standing = Sequence[tuple[int, int, float]]
"""Rows that have an adapter of one shelf: row, place, gate."""


class _Dense:
    """What a shelf adds to rows that share few adapters: every row meets all of them, and the gates choose."""

    def __init__(self, shelf: FactorShelf, rows: int, found: Standing, place: torch.device) -> None:
        first, last = _span(found)
        self._rows, self._factors = rows, shelf.flat(first, last)
        self._high, self._many = max(LEAST_ROWS, rows), last - first
        gates = torch.zeros(self._high, self._many, 1)
        for row, number, strength in found:
            gates[row, number - first] = strength
        self._gates = gates.to(place, shelf.downs[0].dtype)
        widths = {down.shape[2] for down in shelf.downs}
        self._taken = {width: self._gates.new_zeros(self._high, width) for width in widths}

    def added(self, group: int, x: Tensor) -> Tensor:
        """For rows x [rows, d_in] what is added to what the group gives out, [rows, d_out]."""
        down, up = self._factors[group]
        taken = self._taken[x.shape[1]]
        (taken[: self._rows] if self._rows < self._high else taken).copy_(x)
        small = torch.mm(taken, down)
        small.view(self._high, self._many, -1).mul_(self._gates)
        found = torch.mm(small, up)
        return found[: self._rows] if self._rows < self._high else found


class _Spread:
    """What a shelf adds to rows with many adapters: each adapter meets its own rows alone.

    ``take`` says which row stands where before the adapters, ``give`` where each row finds what is added to it; who
    needs nothing is sent to a place with a gate of 0.
    """

    def __init__(self, shelf: FactorShelf, rows: int, found: Standing, place: torch.device) -> None:
        first, last = _span(found)
        standing: dict[int, list[tuple[int, float]]] = {number: [] for number in range(first, last)}
        for row, number, strength in found:
            standing[number].append((row, strength))
        high = max(LEAST_ROWS, max(map(len, standing.values())) + (len(found) < rows))
        take = [[row for row, _ in one] + [0] * (high - len(one)) for one in standing.values()]
        gates = [[strength for _, strength in one] + [0.0] * (high - len(one)) for one in standing.values()]
        give = {row: at * high + n for at, one in enumerate(standing.values()) for n, (row, _) in enumerate(one)}
        self._many, self._factors = last - first, shelf.steps(first, last)
        self._take = torch.tensor(take, device=place).flatten()
        # the last place of the first adapter is idle whenever somebody needs it
        self._give = torch.tensor([give.get(row, high - 1) for row in range(rows)], device=place)
        self._gates = torch.tensor(gates, device=place, dtype=shelf.downs[0].dtype).unsqueeze(2)

    def added(self, group: int, x: Tensor) -> Tensor:
        """For rows x [rows, d_in] what is added to what the group gives out, [rows, d_out]."""
        down, ups = self._factors[group]
        spread = x.to(self._gates.dtype).index_select(0, self._take).view(self._many, -1, x.shape[1])
        small = torch.bmm(spread, down).mul_(self._gates)
        found = [torch.bmm(part, up) for part, up in zip(small.chunk(len(ups), dim=2), ups, strict=True)]
        whole = torch.cat(found, dim=2) if len(found) > 1 else found[0]
        return whole.flatten(0, 1).index_select(0, self._give)


class RowFactors:
    """The factors of the rows that are shown; made anew when other rows are shown."""

    def __init__(self, rows: Sequence[Sequence[tuple[FactorShelf, int, float]]], place: torch.device) -> None:
        self._rows = rows
        shelves = dict.fromkeys(shelf for row in rows for shelf, _, _ in row)
        most = max(map(len, rows))
        self._shares = [
            share for turn in range(most) for shelf in shelves if (share := _shared(rows, turn, shelf, place))
        ]

    def add(self, group: int, x: Tensor, y: Tensor) -> None:
        """Add to y [rows, d_out of all layers of the group] what the rows' adapters make of x [rows, d_in]."""
        _add_all([share.added(group, x) for share in self._shares], y)

    def add_parts(self, parts: Sequence[tuple[int, int, int]], group: int, x: Tensor, y: Tensor) -> None:
        """The same where ``parts`` (row, start, stop) of x are many tokens of a row each."""
        for row, start, stop in parts:
            found = [_alone(group, x[start:stop], *one) for one in self._rows[row]]
            if found:
                _add_all(found, y[start:stop])


def _shared(
    rows: Sequence[Sequence[tuple[FactorShelf, int, float]]], turn: int, shelf: FactorShelf, place: torch.device
) -> _Dense | _Spread | None:
    """What a shelf adds in the given turn, in which every row has one adapter at most."""
    found = [(index, *row[turn][1:]) for index, row in enumerate(rows) if turn < len(row) and row[turn][0] is shelf]
    if not found:
        return None
    first, last = _span(found)
    return (_Dense if last - first <= FEW else _Spread)(shelf, len(rows), found, place)


def _span(found: Standing) -> tuple[int, int]:
    """The first place that is used, and the one after the last."""
    return min(place for _, place, _ in found), max(place for _, place, _ in found) + 1


def _alone(group: int, x: Tensor, shelf: FactorShelf, number: int, strength: float) -> Tensor:
    """What one adapter makes of many tokens of one row."""
    length, down, up = len(x), shelf.downs[group][number], shelf.ups[group][number]
    x = x.to(down.dtype)
    if length < LEAST_ROWS:
        x = functional.pad(x, (0, 0, 0, LEAST_ROWS - length))
    return torch.mm(torch.mm(x, down.T).mul_(strength), up)[:length]


def _add_all(found: Sequence[Tensor], y: Tensor) -> None:
    """Into y, which is rounded once, however many adapters a row has."""
    if len(found) == 1:
        y.add_(found[0])
    else:
        y.copy_(sum(found, y.to(found[0].dtype)))
