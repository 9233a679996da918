"""The rack: every adapter of a batch on one frozen base, each row with its own gate.

For each linear layer the A matrices of the laid-out adapters lie under each other (``A: [R, d_in]``, R = sum of ranks),
the B matrices side by side (``B: [d_out, R]``), and every row of the batch has a gate vector ``g: [rows, R]``::

    h = W0·x + ((x·Aᵀ) ⊙ g)·Bᵀ

``g`` holds ``strength × scaling`` repeated over an adapter's ranks, 0 where it is off. Swapping, strength and blending
are all the same act: writing numbers into ``g``. The layers are not replaced: the rack adds its part in forward hooks,
so the base may be 16-bit, 8-bit or NF4. The idea of gathering many adapters into one product: Punica (2310.18547).
A forward of the studio's own asks for the same numbers by row instead (``row_difference``); what the hooks need is
stacked when a hook first runs.

What is no product of thin factors hangs beside them, for each row its own as well: factors on what layers take in or
give out (``RowScales``: IA³, DoRA's magnitudes) and learned tokens before the row (``VirtualTokens``).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from studio.domain.errors import StudioError
from studio.engine.devices import Device
from studio.engine.rack.adapter_files import AdapterFactors
from studio.engine.rack.dora import laid_open
from studio.engine.rack.group_scales import group_scales, take_in_alike
from studio.engine.rack.row_difference import RowDifference
from studio.engine.rack.row_factors import FactorShelf, Groups, RowFactors
from studio.engine.rack.row_scales import RowScales, ScaledRow, Scales
from studio.engine.rack.virtual_tokens import VirtualTokens

T = TypeVar("T")

ShownRows = Sequence[Sequence[tuple[AdapterFactors, float]]]
"""The adapters of each row, and how strongly each is added."""

SPARE_RANKS = 64
"""Ranks that may lie in the layout unused: a swap back to a recent adapter then writes gates and nothing else."""


class Rack:
    """Adapters on the linear layers of a base. Nothing happens in the hooks unless rows are gated."""

    def __init__(self, model: Any, linears: Mapping[str, nn.Module], device: Device) -> None:
        self._linears = dict(linears)
        self._names = {layer: name for name, layer in self._linears.items()}
        self._row_scales = RowScales(self._linears, device.torch_device)
        self._virtual = VirtualTokens(model)
        self._scales: dict[str, Scales] = {}
        self._tokens: dict[str, Tensor] = {}
        self._device = device
        # On a CPU fp32 products of a few rows take half the time of bf16 ones (and are what PEFT computes by default).
        self._dtype = torch.float32 if device.kind == "cpu" else device.compute_dtype
        self._residents: dict[str, AdapterFactors] = {}
        self._contents: dict[str, str] = {}
        self._layout: dict[str, slice] = {}
        self._stacks: dict[nn.Module, tuple[Tensor, Tensor]] = {}
        self._gates: Tensor | None = None
        self._shelves: dict[int, FactorShelf] = {}
        self._row_difference: RowDifference | None = None
        self._made: dict[object, Any] = {}
        self._shown: Sequence[Mapping[str, float]] | None = None
        self._hooks = [layer.register_forward_hook(self._add) for layer in self._linears.values()]

    def hang(self, adapter_id: str, factors: AdapterFactors, content: str = "") -> None:
        """Take an adapter into memory; refuses one that does not fit the base's layers. ``content``: what it is."""
        self._refuse_misfit(factors)
        self.take_off(adapter_id)
        factors, scales = laid_open(factors, self._linears)
        self._residents[adapter_id], self._contents[adapter_id] = factors, content
        place: dict[str, Any] = {"device": self._device.torch_device, "dtype": torch.float32}
        self._scales[adapter_id] = scales or Scales(
            inputs={name: one.to(**place) - 1 for name, one in factors.inputs.items()},
            outputs={name: one.to(**place) - 1 for name, one in factors.outputs.items()},
        )
        if factors.tokens is not None:
            self._tokens[adapter_id] = factors.tokens.to(self._device.torch_device)

    def holds(self, adapter_id: str, content: str | None = None) -> bool:
        """True when the adapter is in memory, with this very content if one is named."""
        return adapter_id in self._residents and content in (None, self._contents[adapter_id])

    def thin_out(self, most: int, fewest: int) -> None:
        """Drop the adapters shown longest ago until ``most`` bytes or ``fewest`` adapters are left; none is in use."""
        sizes = {one: factors.size for one, factors in self._residents.items()}
        for adapter_id, size in list(sizes.items())[: max(0, len(sizes) - fewest)]:
            if sum(sizes.values()) <= most:
                return
            self.take_off(adapter_id)
            sizes[adapter_id] -= size

    def take_off(self, adapter_id: str) -> None:
        """Drop an adapter from memory."""
        self._residents.pop(adapter_id, None)
        self._contents.pop(adapter_id, None)
        self._scales.pop(adapter_id, None)
        self._tokens.pop(adapter_id, None)
        self._forget_layout(adapter_id)

    def show(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Gate these rows, unless this very list is gated still: who takes turns with others asks before each unit."""
        if rows is not self._shown:
            self.gate(rows)

    def gate(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Set every row's strengths by adapter id; an empty mapping is the base alone."""
        self.open_gates()
        self._shown = rows
        wanted = [adapter_id for row in rows for adapter_id in row]
        for one in dict.fromkeys(wanted):
            self._residents[one] = self._residents.pop(one)  # the last one shown is the last to go
        self._gate_others(rows, wanted)
        if not any(self._residents[one].rank for one in wanted):
            return
        self._lay_out(dict.fromkeys(wanted))
        gates = torch.zeros(len(rows), self._ranks, dtype=torch.float32)
        for index, row in enumerate(rows):
            for adapter_id, strength in row.items():
                gates[index, self._layout[adapter_id]] += strength * self._residents[adapter_id].scaling
        self._gates = gates.to(self._device.torch_device, self._dtype).unsqueeze(1)

    @property
    def shown(self) -> Sequence[Mapping[str, float]] | None:
        """The rows that are gated now."""
        return self._shown

    def in_groups(self, groups: Groups) -> bool:
        """True when a forward that computes these layers together can say all that is shown."""
        shown = {one for row in self._shown or () for one in row}
        return all(take_in_alike(self._scales[one], groups) for one in shown)

    @property
    def learned(self) -> list[Tensor]:
        """The learned tokens before each shown row, [n, d]; no rows where nobody has any."""
        return [self._tokens_of(row) for row in self._shown or ()] if self._virtual.shown else []

    def row_difference(self, groups: Groups) -> RowDifference | None:
        """What the shown rows do to a forward of the studio's own; ``groups`` are its layers, always the same."""
        if self._row_difference is None and self._something_shown:
            scales = group_scales(self._scaled_rows(), groups, self._linears) if self._row_scales.shown else []
            self._row_difference = RowDifference(self._row_factors(groups), scales, self.learned)
        return self._row_difference

    def of_shown_rows(self, make: Callable[[ShownRows, Sequence[ScaledRow], Sequence[Tensor]], T]) -> T | None:
        """What ``make`` makes of the shown rows' adapters, once while they are shown; None where no row has any."""
        if not self._something_shown:
            return None
        if make not in self._made:
            rows = [[(self._residents[one], strength) for one, strength in row] for row in self._sorted_rows()]
            thin = [[(one, strength * one.scaling) for one, strength in row if one.rank] for row in rows]
            scaled = self._scaled_rows() if self._row_scales.shown else []
            self._made[make] = make(thin, scaled, self.learned)
        return self._made[make]  # type: ignore[no-any-return]

    def open_gates(self) -> None:
        """Leave the base alone again: training and evaluation of the base itself see no adapter."""
        self._gates = self._shown = self._row_difference = None
        self._made.clear()
        self._row_scales.clear()
        self._virtual.hide()

    def close(self) -> None:
        """Unhook from the base and let go of all adapters."""
        self.open_gates()
        for hook in self._hooks:
            hook.remove()
        self._virtual.close()
        self._residents.clear()
        self._scales.clear()
        self._tokens.clear()
        self._stacks.clear()
        self._shelves.clear()

    @property
    def _something_shown(self) -> bool:
        return self._gates is not None or self._row_scales.shown or self._virtual.shown

    def _sorted_rows(self) -> list[list[tuple[str, float]]]:
        """The adapters of each row that are heard, always in the same order."""
        return [[(one, strength) for one, strength in sorted(row.items()) if strength] for row in self._shown or ()]

    def _scaled_rows(self) -> list[ScaledRow]:
        return [[(self._scales[one], strength) for one, strength in row] for row in self._sorted_rows()]

    def _row_factors(self, groups: Groups) -> RowFactors | None:
        rows = self._sorted_rows()
        wanted = {one: self._residents[one] for row in rows for one, _ in row if self._residents[one].rank}
        for rank in {one.rank for one in wanted.values()}:
            self._shelf(rank, groups).lay({name: one for name, one in wanted.items() if one.rank == rank})
        if not wanted:
            return None
        placed = [[self._placed(*one) for one in row if one[0] in wanted] for row in rows]
        return RowFactors(placed, self._device.torch_device)

    def _shelf(self, rank: int, groups: Groups) -> FactorShelf:
        if rank not in self._shelves:
            place = {"device": self._device.torch_device, "dtype": self._dtype}
            self._shelves[rank] = FactorShelf(rank, groups, self._linears, place)
        return self._shelves[rank]

    def _placed(self, adapter_id: str, strength: float) -> tuple[FactorShelf, int, float]:
        factors = self._residents[adapter_id]
        shelf = self._shelves[factors.rank]
        return shelf, shelf.ids.index(adapter_id), strength * factors.scaling

    def _refuse_misfit(self, factors: AdapterFactors) -> None:
        sizes = {name: (b.shape[0], a.shape[1]) for name, (a, b) in factors.pairs.items()}
        found: list[tuple[str, int | None, int | None]] = [(name, *size) for name, size in sizes.items()]
        found += [(name, one.numel(), None) for name, one in (factors.magnitudes | factors.outputs).items()]
        found += [(name, None, one.numel()) for name, one in factors.inputs.items()]
        for name, out, taken in found:
            layer = self._linears.get(name)
            if layer is None or out not in (None, layer.out_features) or taken not in (None, layer.in_features):
                raise StudioError("adapter_broken", path=factors.source, reason=f"it does not fit the base at {name}")
        if factors.tokens is not None and factors.tokens.shape[1] != self._virtual.width:
            raise StudioError("adapter_broken", path=factors.source, reason="its tokens do not fit the base's width")

    def _gate_others(self, rows: Sequence[Mapping[str, float]], wanted: Sequence[str]) -> None:
        """Write what is no product of thin factors."""
        if any(self._scales[one] for one in wanted):
            scales = [[(self._scales[one], strength) for one, strength in row.items()] for row in rows]
            self._row_scales.set(scales)
        if any(one in self._tokens for one in wanted):
            self._virtual.show_rows([self._tokens_of(row) for row in rows])

    def _tokens_of(self, row: Mapping[str, float]) -> Tensor:
        """All learned tokens of a row, one adapter's after the other's; a strength of 0 leaves them out.

        In the order of their content: what a row has read is kept under that, whatever adapters are called.
        """
        heard = [one for one, strength in row.items() if strength and one in self._tokens]
        found = [self._tokens[one] for one in sorted(heard, key=lambda one: (self._contents[one], one))]
        nothing = torch.zeros(0, self._virtual.width, device=self._device.torch_device)
        return torch.cat([nothing, *(one.float() for one in found)])

    @property
    def _ranks(self) -> int:
        return max((place.stop for place in self._layout.values()), default=0)

    def _forget_layout(self, adapter_id: str) -> None:
        for shelf in self._shelves.values():
            shelf.forget(adapter_id)
        if adapter_id in self._layout:
            self._layout.clear()
            self._stacks.clear()
            self.open_gates()
        elif any(adapter_id in row for row in self._shown or ()):
            self.open_gates()

    def _lay_out(self, wanted: Mapping[str, None]) -> None:
        """Stack the wanted adapters, unless they lie stacked already with not too much beside them."""
        needed = sum(self._residents[one].rank for one in wanted)
        if wanted.keys() <= self._layout.keys() and self._ranks <= needed + SPARE_RANKS:
            return
        together = self._with_recent(wanted, needed)
        self._layout, start = {}, 0
        for adapter_id in together:
            self._layout[adapter_id] = slice(start, start + self._residents[adapter_id].rank)
            start += self._residents[adapter_id].rank
        self._stacks = {}

    def _with_recent(self, wanted: Mapping[str, None], needed: int) -> list[str]:
        """The wanted ones, and as many of those laid out before as fit into the spare ranks."""
        chosen, spare = list(wanted), SPARE_RANKS
        for adapter_id in self._layout:
            rank = self._residents[adapter_id].rank
            if adapter_id not in wanted and rank <= spare:
                chosen.append(adapter_id)
                spare -= rank
        return chosen

    def _stack(self, name: str, layer: nn.Module, together: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return A: [R, d_in] and B: [d_out, R] of one layer; adapters without it get zeros."""
        pairs = [self._residents[one].pair_or_zeros(name, layer) for one in together]
        place: dict[str, Any] = {"device": self._device.torch_device, "dtype": self._dtype}
        down = torch.cat([a for a, _ in pairs]).to(**place)
        up = torch.cat([b for _, b in pairs], dim=1).to(**place).contiguous()
        return down, up

    def _add(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
        """The hook: add the gated difference to what the frozen layer gave."""
        if self._gates is None:
            return None
        if layer not in self._stacks:
            self._stacks[layer] = self._stack(self._names[layer], layer, list(self._layout))
        down, up = self._stacks[layer]
        hidden = inputs[0].to(down.dtype)
        return (output + ((hidden @ down.T) * self._gates) @ up.T).to(output.dtype)
