"""Several LoRA adapters as one: the sum of their products, exactly or in the best way that a rank allows.

Exactly: the A matrices under each other, the B matrices side by side, each times its weight and scaling; the ranks add
up. With fewer ranks: of ``B·A = Qb·(Rb·Raᵀ)·Qaᵀ`` only the small core in the middle, R × R, is decomposed into singular
values, of which the largest stay; the d × d matrix itself never exists (Eckart and Young: no other product of that
rank is nearer).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.engine.rack.adapter_files import AdapterFactors

Pair = tuple[Tensor, Tensor]
Part = tuple[AdapterFactors, float]
"""An adapter and its weight."""


@dataclass(frozen=True, kw_only=True)
class Blended:
    """One layer of the sum: A [rank, d_in] and B [d_out, rank], to be multiplied as they are.

    ``energy`` is the squared Frobenius norm of the whole, ``lost`` the part of it that the rank has left out.
    """

    layer: str
    pair: Pair
    energy: float
    lost: float


def is_plain(factors: AdapterFactors) -> bool:
    """True for products of thin factors and nothing else: only they add up to such a product again."""
    beside = factors.magnitudes or factors.inputs or factors.outputs or factors.tokens is not None
    return bool(factors.pairs) and not beside


def exact_rank(parts: Sequence[Part]) -> int:
    """Ranks that the exact sum has."""
    return sum(factors.rank for factors, _ in parts)


def blended(parts: Sequence[Part], rank: int) -> Iterator[Blended]:
    """Give the sum layer by layer, of ``rank`` everywhere; with fewer than all ranks it is the best of that rank."""
    exact = rank >= exact_rank(parts)
    for layer in dict.fromkeys(layer for factors, _ in parts for layer in factors.pairs):
        summed = _concatenated(layer, parts)
        found = _whole(layer, summed) if exact else shortened(layer, summed, rank)
        down, up = found.pair
        missing = rank - len(down)
        yield Blended(
            layer=layer,
            pair=(torch.nn.functional.pad(down, (0, 0, 0, missing)), torch.nn.functional.pad(up, (0, missing))),
            energy=found.energy,
            lost=found.lost,
        )


def shortened(layer: str, pair: Pair, rank: int) -> Blended:
    """The nearest product of at most ``rank`` ranks. In fp64, so that what is lost is not rounding."""
    down, up = pair[0].double(), pair[1].double()
    in_basis, in_core = torch.linalg.qr(down.T)
    out_basis, out_core = torch.linalg.qr(up)
    left, values, right = torch.linalg.svd(out_core @ in_core.T, full_matrices=False)
    roots = values[:rank].sqrt()
    return Blended(
        layer=layer,
        pair=(
            (roots.unsqueeze(1) * (right[:rank] @ in_basis.T)).float(),
            ((out_basis @ left[:, :rank]) * roots).float(),
        ),
        energy=float(values.square().sum()),
        lost=float(values[rank:].square().sum()),
    )


def lost_share(layers: Sequence[Blended]) -> float:
    """What the rank left out, of all layers together."""
    whole = math.fsum(one.energy for one in layers)
    return math.fsum(one.lost for one in layers) / whole if whole else 0.0


def tensors_of(layers: Sequence[Blended]) -> Mapping[str, Tensor]:
    """The tensors as PEFT names them."""
    named = {}
    for one in layers:
        for side, tensor in zip("AB", one.pair, strict=True):
            named[f"base_model.model.{one.layer}.lora_{side}.weight"] = tensor
    return named


def _concatenated(layer: str, parts: Sequence[Part]) -> Pair:
    """The factors of the adapters that have the layer, weights and scalings in B."""
    found = [(factors.pairs[layer], weight * factors.scaling) for factors, weight in parts if layer in factors.pairs]
    downs, ups = [pair[0].float() for pair, _ in found], [amount * pair[1].float() for pair, amount in found]
    return torch.cat(downs), torch.cat(ups, dim=1)


def _whole(layer: str, pair: Pair) -> Blended:
    return Blended(layer=layer, pair=pair, energy=0.0, lost=0.0)
