"""Layers of a training whose backward pass is written out: the same numbers with fewer passes over memory.

Each computes what the layer of transformers or PEFT computes; ``fast_path`` puts them in their place and checks that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from studio.engine.rack.dense_weight import dense_weight


@dataclass(frozen=True, kw_only=True)
class FrozenLinear:
    """A frozen plain or NF4 ``layer`` under an adapter of this ``scaling`` (its factors are passed beside it)."""

    layer: Any
    scaling: float

    @property
    def dtype(self) -> torch.dtype:
        """What its products are in."""
        weight = self.layer.weight
        return weight.dtype if weight.is_floating_point() else self.layer.compute_dtype  # type: ignore[no-any-return]

    @property
    def weight(self) -> Tensor:
        """[d_out, d_in] in ``dtype``; of NF4 made for the moment, as bitsandbytes' own backward pass does."""
        weight: Tensor = self.layer.weight
        return weight if weight.is_floating_point() else dense_weight(self.layer, self.dtype)

    def product(self, x: Tensor) -> Tensor:
        """``x·Wᵀ + b``, past the hooks that serve chat; NF4 has a kernel of its own for it."""
        return self.layer.forward(x)  # type: ignore[no-any-return]


_NORM_OF = "_studio_norm_of"
"""On what a norm gave out: its input, a number a row, and its weight, from which it can be made again."""


def frozen_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """``FrozenNorm``, whose result the layers after it need not keep for their backward passes."""
    normed, inverse = FrozenNorm.apply(x, weight, epsilon)  # type: ignore[no-untyped-call]
    setattr(normed, _NORM_OF, (x.detach(), inverse, weight))
    return normed  # type: ignore[no-any-return]


def _kept(x: Tensor) -> tuple[Tensor, Tensor, Tensor] | tuple[Tensor, None, None]:
    """What stands for a layer's input until the backward pass: the norm keeps these anyway."""
    return getattr(x, _NORM_OF, (x, None, None))


def _rows(x: Tensor, inverse: Tensor | None, weight: Tensor | None) -> Tensor:
    """The input again, [n, d]; to the bit what it was."""
    if inverse is None or weight is None:
        return x.flatten(0, -2)
    return _normed(x, inverse, weight).flatten(0, -2)


def _normed(x: Tensor, inverse: Tensor, weight: Tensor) -> Tensor:
    return (x.float() * inverse).to(x.dtype) * weight


class LoraLinears(torch.autograd.Function):
    """``y = x·Wᵀ + b + s·(x·Aᵀ)·Bᵀ`` with W frozen (Hu et al., 2106.09685), for layers that read the same x.

    A and B are fp32, products have x's type. The factors A are multiplied as one matrix, forward and backward.
    """

    @staticmethod
    def forward(context: Any, x: Tensor, layers: tuple[FrozenLinear, ...], *factors: Tensor) -> tuple[Tensor, ...]:
        """X [.., d_in]; ``factors`` are A [r, d_in] and B [d_out, r] of each layer; returns [.., d_out] of each."""
        with torch.autocast(x.device.type, enabled=False):
            rows, ready = x.flatten(0, -2), _ready(factors, layers, x.dtype)
            together = torch.cat(ready[::2]) if len(layers) > 1 else ready[0]
            small = rows @ together.T
            parts = small.split([len(one) for one in ready[::2]], dim=1)
            found = [
                one.product(rows).addmm_(part, up.T) for one, part, up in zip(layers, parts, ready[1::2], strict=True)
            ]
        context.save_for_backward(*_kept(x), small, together, *ready[1::2])
        context.layers, context.shape = layers, x.shape
        return tuple(one.view(*x.shape[:-1], -1) for one in found)

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x, and of every A and B in fp32."""
        x, inverse, weight, small, together, *ups = context.saved_tensors
        rows = _rows(x, inverse, weight)
        gradients, layers = [one.flatten(0, -2) for one in outgoing], context.layers
        ranks = [up.shape[1] for up in ups]
        with torch.autocast(rows.device.type, enabled=False):
            inner = [gradient @ up for gradient, up in zip(gradients, ups, strict=True)]
            joined = torch.cat(inner, dim=1) if len(inner) > 1 else inner[0]
            towards_x = None
            if context.needs_input_grad[0]:
                towards_x = gradients[0] @ layers[0].weight
                for gradient, layer in zip(gradients[1:], layers[1:], strict=True):
                    towards_x.addmm_(gradient, layer.weight)
                towards_x = towards_x.addmm_(joined, together).view(context.shape)
            downs = (joined.T @ rows).float().split(ranks)
            parts = small.split(ranks, dim=1)
            found = [(part.T @ one).T.float() for part, one in zip(parts, gradients, strict=True)]
        pairs = zip(downs, found, layers, strict=True)
        return towards_x, None, *(one for down, up, layer in pairs for one in (down, up.mul_(layer.scaling)))


class LoraAdded(torch.autograd.Function):
    """``y + s·(x·Aᵀ)·Bᵀ``, into y: for a base layer that computes y by itself (8-bit)."""

    @staticmethod
    def forward(context: Any, y: Tensor, x: Tensor, down: Tensor, up: Tensor, scaling: float) -> Tensor:
        """Y [.., d_out] from the base's layer, x [.., d_in]."""
        with torch.autocast(x.device.type, enabled=False):
            rows, down, up = x.flatten(0, -2), down.to(y.dtype), (up * scaling).to(y.dtype)
            small = rows.to(y.dtype) @ down.T
            out = y.flatten(0, -2).addmm(small, up.T).view(y.shape)
        context.save_for_backward(rows, small, down, up)
        context.scaling, context.shape = scaling, x.shape
        return out

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of y, x, A and B."""
        rows, small, down, up = context.saved_tensors
        gradient = outgoing[0].flatten(0, -2)
        with torch.autocast(gradient.device.type, enabled=False):
            inner = gradient @ up
            towards_x = (inner @ down).view(context.shape) if context.needs_input_grad[1] else None
            towards_down = (inner.T @ rows.to(inner.dtype)).float()
            towards_up = (small.T @ gradient).T.float() * context.scaling
        return outgoing[0], towards_x, towards_down, towards_up, None


class FrozenNorm(torch.autograd.Function):
    """``x / rms(x) · w`` with w frozen (Zhang and Sennrich, 1910.07467); computed in fp32, as transformers does.

    Returns ``1 / rms(x)`` [.., 1] beside it.
    """

    @staticmethod
    def forward(context: Any, x: Tensor, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        """X [.., d] and weight [d] to [.., d]; keeps x and one number a row."""
        inverse = torch.rsqrt(x.float().square().mean(-1, keepdim=True).add_(epsilon))
        context.save_for_backward(x, inverse, weight)
        context.mark_non_differentiable(inverse)
        return _normed(x, inverse, weight), inverse

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor | None, ...]:
        """``dx = (g − x̂·mean(g·x̂)) / rms`` with ``g = dy·w`` and ``x̂ = x / rms``."""
        x, inverse, weight = context.saved_tensors
        normed = x.float() * inverse
        gradient = (outgoing[0] * weight).float()
        mean = (gradient * normed).mean(-1, keepdim=True)
        towards = torch.addcmul(gradient, normed, mean, value=-1).mul_(inverse)
        return towards.to(x.dtype), None, None


class LoraGatedMlp(torch.autograd.Function):
    """``down(silu(gate(x)) · up(x))`` (Shazeer, 2002.05202) with LoRA on all three layers.

    The widest activations are the MLP's: only gate's and up's outputs are kept, their product is made again.
    """

    @staticmethod
    def forward(
        context: Any, x: Tensor, layers: tuple[FrozenLinear, FrozenLinear, FrozenLinear], *factors: Tensor
    ) -> Tensor:
        """X [.., d]; ``factors`` are A and B of gate, up and down in fp32; returns [.., d]."""
        gate, up, down = layers
        with torch.autocast(x.device.type, enabled=False):
            rows, ready = x.flatten(0, -2), _ready(factors, layers, x.dtype)
            together = torch.cat((ready[0], ready[2]))
            small = rows @ together.T
            gated = gate.product(rows).addmm_(small[:, : len(ready[0])], ready[1].T)
            lifted = up.product(rows).addmm_(small[:, len(ready[0]) :], ready[3].T)
            product = functional.silu(gated).mul_(lifted)
            last = product @ ready[4].T
            out = down.product(product).addmm_(last, ready[5].T)
        context.save_for_backward(*_kept(x), gated, lifted, small, last, together, *ready)
        context.layers, context.shape = layers, x.shape
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x and of all factors; those in fp32."""
        x, inverse, weight, gated, lifted, small, last, together, *ready = context.saved_tensors
        rows = _rows(x, inverse, weight)
        gate, up, down = context.layers
        gradient, rank = outgoing[0].flatten(0, -2), len(ready[0])
        with torch.autocast(gradient.device.type, enabled=False):
            inner = gradient @ ready[5]
            towards = (gradient @ down.weight).addmm_(inner, ready[4])
            active = functional.silu(gated)
            found = [inner.T @ active.mul(lifted), (last.T @ gradient).T]
            of_gate = torch.ops.aten.silu_backward(lifted.mul_(towards), gated)
            of_up = active.mul_(towards)
            inner = torch.cat((of_gate @ ready[1], of_up @ ready[3]), dim=1)
            shared = inner.T @ rows
            found = [
                shared[:rank], (small[:, :rank].T @ of_gate).T, shared[rank:], (small[:, rank:].T @ of_up).T, *found
            ]  # fmt: skip
            towards_x = None
            if context.needs_input_grad[0]:
                towards_x = (of_gate @ gate.weight).addmm_(of_up, up.weight).addmm_(inner, together).view(context.shape)
        scales = [1.0, gate.scaling, 1.0, up.scaling, 1.0, down.scaling]
        return towards_x, None, *(one.float().mul_(scale) for one, scale in zip(found, scales, strict=True))


def _ready(factors: Sequence[Tensor], layers: Sequence[FrozenLinear], dtype: torch.dtype) -> list[Tensor]:
    """A and B of each layer in the type of the products, B with its scaling."""
    scales = [scale for layer in layers for scale in (None, layer.scaling)]
    return [(one if scale is None else one * scale).to(dtype) for one, scale in zip(factors, scales, strict=True)]


class GatedSilu(torch.autograd.Function):
    """``silu(gate) · up`` (Shazeer, 2002.05202); the activation is made again in the backward pass, not kept."""

    @staticmethod
    def forward(context: Any, gate: Tensor, up: Tensor) -> Tensor:
        """Both [.., f]."""
        context.save_for_backward(gate, up)
        return functional.silu(gate).mul_(up)

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor, Tensor]:
        """Gradients of gate and up."""
        gate, up = context.saved_tensors
        towards_gate = torch.ops.aten.silu_backward(outgoing[0] * up, gate)
        return towards_gate, functional.silu(gate).mul_(outgoing[0])
