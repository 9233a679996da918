"""Attention over a packed batch: rows lie behind each other without padding, and what all begin with is there once.

A persona's conversations start with the same system prompt. Its hidden states are the same in every row (attention is
causal), so a packed batch holds that prefix once: the other rows' queries look at its keys and values, and its gradient
is the sum over them. Exact, and the longer the prompt, the more is saved.

On a CPU attention is a handful of batched matrix products per row, in blocks of queries, which take half the time of
torch's flash kernel at a row's length; nothing above the diagonal's blocks is computed. On CUDA it is torch's
variable-length flash attention. transformers finds it under ``NAME`` in its registry of attention functions.
"""

from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

NAME = "studio_packed"

BLOCK = 128
"""Queries that are looked at together; the smaller, the less is computed above the diagonal."""


@dataclass(frozen=True, kw_only=True)
class PackedLayout:
    """Where rows lie in a packed batch of ``length`` tokens (padding at the end belongs to none).

    ``prefix`` tokens come first, shared by all; ``rows`` are (start, stop) of each row's own tokens.
    """

    prefix: int
    rows: tuple[tuple[int, int], ...]
    length: int
    masks: dict[tuple[int, int, int, torch.dtype], Tensor] = field(default_factory=dict, compare=False)
    plans: "list[_FlashPlan]" = field(default_factory=list, compare=False)

    @property
    def spans(self) -> list[tuple[int, int, int]]:
        """(start, stop, tokens of the prefix that are seen) of the prefix itself and of every row."""
        own = [(start, stop, self.prefix) for start, stop in self.rows if stop > start]
        return [(0, self.prefix, 0), *own] if self.prefix else own

    def flash_plan(self, device: torch.device) -> "_FlashPlan":
        """The same for a flash kernel, on its device; made once a batch, not in each layer."""
        if not self.plans:
            seen = [[*range(prefix), *range(start, stop)] for start, stop, prefix in self.spans]
            own = [list(range(start, stop)) for start, stop, _ in self.spans]
            self.plans.append(
                _FlashPlan(
                    own=torch.tensor(sum(own, [])).to(device),
                    seen=torch.tensor(sum(seen, [])).to(device),
                    own_offsets=_offsets([len(one) for one in own], device),
                    seen_offsets=_offsets([len(one) for one in seen], device),
                    most_own=max(map(len, own)),
                    most_seen=max(map(len, seen)),
                )
            )
        return self.plans[0]


@dataclass(frozen=True, kw_only=True)
class _FlashPlan:
    """Places of queries and of the keys they see, span after span, and where each span begins."""

    own: Tensor
    seen: Tensor
    own_offsets: Tensor
    seen_offsets: Tensor
    most_own: int
    most_seen: int


_current: list[PackedLayout | None] = [None]


def lay_out(layout: PackedLayout) -> None:
    """Set the layout of the batch that is read next. It stays for the backward pass, which may read it again."""
    _current[0] = layout


def packed_attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: object, **more: Any
) -> tuple[Tensor, None]:
    """The registered function: query [1, heads, T, d], key and value [1, key_heads, T, d] to [1, T, heads, d]."""
    layout = _current[0]
    assert layout is not None, "a packed batch is laid out before it is read"
    scale = more.get("scaling") or query.shape[-1] ** -0.5
    if torch.is_autocast_enabled(query.device.type):  # IA³ and full training mix fp32 in
        dtype = torch.get_autocast_dtype(query.device.type)
        query, key, value = query.to(dtype), key.to(dtype), value.to(dtype)
    if query.device.type == "cuda":
        return _flash(query, key, value, scale, layout), None
    return _PackedAttention.apply(query[0], key[0], value[0], scale, layout).unsqueeze(0), None  # type: ignore[no-untyped-call]


def _flash(query: Tensor, key: Tensor, value: Tensor, scale: float, layout: PackedLayout) -> Tensor:
    """The same by torch's flash kernel; a row's keys are gathered behind the prefix's (causal from the lower right)."""
    from torch.nn.attention.varlen import varlen_attn

    plan = layout.flash_plan(query.device)
    found = varlen_attn(
        query[0].transpose(0, 1)[plan.own],
        key[0].transpose(0, 1)[plan.seen],
        value[0].transpose(0, 1)[plan.seen],
        plan.own_offsets,
        plan.seen_offsets,
        plan.most_own,
        plan.most_seen,
        scale=scale,
        window_size=(-1, 0),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    out = query.new_zeros(query.shape[2], *found.shape[1:])  # type: ignore[union-attr]
    return out.index_copy(0, plan.own, found).unsqueeze(0)  # type: ignore[arg-type]


def _offsets(lengths: list[int], device: torch.device) -> Tensor:
    return torch.tensor([0, *accumulate(lengths)], dtype=torch.int32, device=device)


class _PackedAttention(torch.autograd.Function):
    """softmax(scale · QKᵀ + causal) V per row, for grouped heads; probabilities are made again in the backward pass."""

    @staticmethod
    def forward(context: Any, query: Tensor, key: Tensor, value: Tensor, scale: float, layout: PackedLayout) -> Tensor:
        """Query [heads, T, d], key and value [key_heads, T, d] to [T, heads, d]."""
        heads, length, depth = query.shape
        out = query.new_zeros(length, heads, depth)
        with torch.autocast("cpu", enabled=False):
            for block in _blocks(layout, key.shape[0], heads):
                states = torch.bmm(block.probabilities(query, key, scale), block.seen(value))
                block.put(out, states)
        context.save_for_backward(query, key, value)
        context.scale, context.layout = scale, layout
        return out

    @staticmethod
    def backward(context: Any, *outgoing: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of query, key and value; the prefix's are sums over all rows."""
        query, key, value = context.saved_tensors
        into = torch.zeros_like(query), torch.zeros_like(key), torch.zeros_like(value)
        gradient = outgoing[0].transpose(0, 1)
        with torch.autocast("cpu", enabled=False):
            for block in _blocks(context.layout, key.shape[0], query.shape[0]):
                block.backward(gradient, (query, key, value), into, context.scale)
        return *into, None, None


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Queries ``start`` to ``stop`` of the batch; they see ``prefix`` tokens and those from ``first`` on."""

    start: int
    stop: int
    first: int
    prefix: int
    groups: int
    key_heads: int
    layout: PackedLayout

    def queries(self, tensor: Tensor) -> Tensor:
        """[heads, T, d] to [key_heads, groups · queries, d]: heads that share keys lie under each other."""
        return tensor[:, self.start : self.stop].reshape(self.key_heads, -1, tensor.shape[-1])

    def seen(self, tensor: Tensor) -> Tensor:
        """[key_heads, T, d] to [key_heads, seen, d]."""
        own = tensor[:, self.first : self.stop]
        return torch.cat((tensor[:, : self.prefix], own), dim=1) if self.prefix else own

    def probabilities(self, query: Tensor, key: Tensor, scale: float) -> Tensor:
        """[key_heads, groups · queries, seen]."""
        mask = self._mask(query.dtype).expand(self.key_heads, -1, -1)
        return torch.softmax(torch.baddbmm(mask, self.queries(query), self.seen(key).mT, alpha=scale), dim=-1)

    def put(self, out: Tensor, states: Tensor) -> None:
        """Write [key_heads, groups · queries, d] into out [T, heads, d]."""
        out[self.start : self.stop].transpose(0, 1).copy_(states.view(out.shape[1], -1, out.shape[2]))

    def backward(
        self, gradient: Tensor, inputs: tuple[Tensor, Tensor, Tensor], into: tuple[Tensor, Tensor, Tensor], scale: float
    ) -> None:
        """Add this block's part to the gradients of query, key and value."""
        query, key, value = inputs
        probabilities, incoming = self.probabilities(query, key, scale), self.queries(gradient)
        self._add_seen(into[2], torch.bmm(probabilities.mT, incoming))
        towards = torch.bmm(incoming, self.seen(value).mT)
        scores = torch._softmax_backward_data(towards, probabilities, -1, towards.dtype)
        found = torch.bmm(scores, self.seen(key)).mul_(scale)
        into[0][:, self.start : self.stop] = found.view(query.shape[0], -1, query.shape[-1])
        self._add_seen(into[1], torch.bmm(scores.mT, self.queries(query)).mul_(scale))

    def _add_seen(self, into: Tensor, part: Tensor) -> None:
        if self.prefix:
            into[:, : self.prefix] += part[:, : self.prefix]
        into[:, self.first : self.stop] += part[:, self.prefix :]

    def _mask(self, dtype: torch.dtype) -> Tensor:
        """[groups · queries, seen]: minus infinity where a query would look ahead; made once a batch, not a layer."""
        rows, before = self.stop - self.start, self.prefix + self.start - self.first
        name = (rows, before, self.groups, dtype)
        if name not in self.layout.masks:
            mask = torch.full((rows, before + rows), float("-inf"), dtype=dtype).triu(before + 1)
            self.layout.masks[name] = mask.repeat(self.groups, 1)
        return self.layout.masks[name]


def _blocks(layout: PackedLayout, key_heads: int, heads: int) -> list[_Block]:
    return [
        _Block(
            start=at,
            stop=min(at + BLOCK, stop),
            first=start,
            prefix=prefix,
            groups=heads // key_heads,
            key_heads=key_heads,
            layout=layout,
        )
        for start, stop, prefix in layout.spans
        for at in range(start, stop, BLOCK)
    ]


# No mask function is registered beside it, so transformers makes no mask: who may look at whom is in the layout.
AttentionInterface.register(NAME, packed_attention)
