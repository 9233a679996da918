"""The fast path computes what it stands for: attention, layers, whole steps; and stays away where it would not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.bases.base_loader import LoadedBase, keep_one_exact_path
from studio.engine.forward import packed_attention
from studio.engine.forward.batches import collate
from studio.engine.forward.evaluation import autocast
from studio.engine.forward.fast_layers import (
    FrozenLinear,
    FrozenNorm,
    GatedSilu,
    LoraAdded,
    LoraGatedMlp,
    LoraLinears,
    frozen_norm,
)
from studio.engine.forward.fast_path import FastPath
from studio.engine.forward.loss_head import position_losses
from studio.engine.forward.modes import Mode
from studio.engine.forward.packed_attention import PackedLayout
from studio.engine.text.chat_encoding import Window
from studio.engine.training import training_loop
from tests.engine.rig import Bench, ferry_windows

Tiny = Callable[..., LoadedBase]
SHAPES = ((20, 12), (20, 12), (12, 20))
"""Of gate, up and down."""

CLOSE = {torch.float32: 1e-4, torch.bfloat16: 3e-2}


@pytest.fixture(autouse=True)
def _unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "CLIP", 1e9)


def _apart(found: Tensor, expected: Tensor) -> float:
    """Relative, by norm."""
    return float((found - expected).detach().float().norm() / expected.detach().float().norm().clamp(min=1e-9))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
@pytest.mark.parametrize("prefix", [0, 40])
@pytest.mark.parametrize("heads", [(2, 2), (6, 2)], ids=["plain", "grouped"])
def test_attention_is_torchs_own_row_by_row(
    dtype: torch.dtype, prefix: int, heads: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_attention, "BLOCK", 32)
    many, few = heads
    layout = PackedLayout(prefix=prefix, rows=((prefix, prefix + 50), (prefix + 50, prefix + 60)), length=prefix + 64)
    torch.manual_seed(0)
    query, key, value = (
        torch.randn(1, count, layout.length, 16, dtype=dtype, requires_grad=True) for count in (many, few, few)
    )
    packed_attention.lay_out(layout)
    out, _ = packed_attention.packed_attention(None, query, key, value, None, scaling=0.3)
    weights = torch.randn(1, layout.length, many, 16, dtype=dtype)
    found = torch.autograd.grad((out * weights)[:, : prefix + 60].sum(), (query, key, value))
    loss = torch.zeros(())
    for start, stop, seen in layout.spans:
        places = [*range(seen), *range(start, stop)]
        whole = functional.scaled_dot_product_attention(
            query[:, :, places], key[:, :, places], value[:, :, places], is_causal=True, enable_gqa=True, scale=0.3
        ).transpose(1, 2)[:, seen:]
        assert _apart(out[:, start:stop], whole) < CLOSE[dtype]
        loss = loss + (whole * weights[:, start:stop]).sum()
    for one, expected in zip(found, torch.autograd.grad(loss, (query, key, value)), strict=True):
        assert _apart(one, expected) < CLOSE[dtype]


def _factors(*shapes: tuple[int, int]) -> Iterator[Tensor]:
    for outside, inside in shapes:
        yield torch.randn(4, inside).requires_grad_()
        yield torch.randn(outside, 4).requires_grad_()


def _plain(x: Tensor, layer: FrozenLinear, down: Tensor, up: Tensor) -> Tensor:
    return functional.linear(x, layer.weight, layer.layer.bias) + layer.scaling * (x @ down.T) @ up.T


def _same_gradients(found: Tensor, expected: Tensor, *inputs: Tensor) -> None:
    assert _apart(found, expected) < 1e-5
    weights = torch.randn_like(found)
    ours = torch.autograd.grad((found * weights).sum(), inputs, retain_graph=True)
    theirs = torch.autograd.grad((expected * weights).sum(), inputs, retain_graph=True)
    assert max(map(_apart, ours, theirs)) < 1e-5


def _frozen(outside: int, inside: int, bias: bool, quantization: str) -> nn.Linear:
    if quantization == "none":
        return nn.Linear(inside, outside, bias=bias).requires_grad_(False)
    four = Linear4bit(inside, outside, bias=bias, compute_dtype=torch.float32, quant_type="nf4").to("cpu")
    keep_one_exact_path(four)
    return four.requires_grad_(False)  # type: ignore[no-any-return]


@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_written_out_gradients_are_autograds(quantization: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 7, 12).requires_grad_()
    layers = tuple(
        FrozenLinear(layer=_frozen(*shape, bias, quantization), scaling=1.5)
        for shape, bias in zip(SHAPES, (True, False, False), strict=True)
    )
    assert [layer.layer.weight.is_floating_point() for layer in layers] == [quantization == "none"] * 3
    factors = list(_factors(*SHAPES))
    found = torch.cat(LoraLinears.apply(x, layers[:2], *factors[:4]), dim=-1)  # type: ignore[no-untyped-call]
    expected = torch.cat([_plain(x, layers[n], *factors[2 * n : 2 * n + 2]) for n in (0, 1)], dim=-1)
    _same_gradients(found, expected, x, *factors[:4])
    _same_gradients(
        LoraAdded.apply(x @ layers[0].weight.T, x, *factors[:2], 1.5),  # type: ignore[no-untyped-call]
        x @ layers[0].weight.T + 1.5 * (x @ factors[0].T) @ factors[1].T, x, *factors[:2],
    )  # fmt: skip
    gate, up = (_plain(x, layers[n], *factors[2 * n : 2 * n + 2]) for n in (0, 1))
    whole = _plain(functional.silu(gate) * up, layers[2], *factors[4:])
    _same_gradients(LoraGatedMlp.apply(x, layers, *factors), whole, x, *factors)  # type: ignore[no-untyped-call]
    _same_gradients(GatedSilu.apply(gate, up), functional.silu(gate) * up, x)  # type: ignore[no-untyped-call]
    weight = torch.randn(12)
    _same_gradients(
        FrozenNorm.apply(x, weight, 1e-5)[0],  # type: ignore[no-untyped-call]
        functional.rms_norm(x, (12,), weight, 1e-5), x,
    )  # fmt: skip


def test_what_a_norm_gave_is_made_again() -> None:
    """Layers that read it keep the norm's own tensors instead, and their gradients stay the same to the bit."""
    torch.manual_seed(0)
    x = torch.randn(2, 7, 12, dtype=torch.bfloat16).requires_grad_()
    weight = torch.randn(12, dtype=torch.bfloat16)
    layers = tuple(FrozenLinear(layer=_frozen(*shape, False, "none").bfloat16(), scaling=1.5) for shape in SHAPES)
    factors = list(_factors(*SHAPES))

    def gradients(normed: Tensor) -> tuple[list[tuple[int, ...]], list[Tensor]]:
        kept: list[tuple[int, ...]] = []
        with torch.autograd.graph.saved_tensors_hooks(lambda one: (kept.append(tuple(one.shape)), one)[1], lambda x: x):
            found = [*LoraLinears.apply(normed, layers[:1], *factors[:2])]  # type: ignore[no-untyped-call]
            found.append(LoraGatedMlp.apply(normed, layers, *factors))  # type: ignore[no-untyped-call]
        return kept, list(torch.autograd.grad(sum(one.float().sum() for one in found), [x, *factors]))  # type: ignore[arg-type]

    kept, ours = gradients(frozen_norm(x, weight, 1e-5))
    more, theirs = gradients(FrozenNorm.apply(x, weight, 1e-5)[0])  # type: ignore[no-untyped-call]
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
    assert kept.count((2, 7, 1)) == 2
    assert more.count((2, 7, 1)) == 0


@pytest.mark.parametrize(
    ("quantization", "dtype"),
    [("none", torch.float32), ("none", torch.bfloat16), ("nf4", torch.bfloat16)],
    ids=["fp32", "bf16", "nf4"],
)
def test_a_packed_step_is_a_padded_one(tiny: Tiny, tmp_path: Path, quantization: str, dtype: torch.dtype) -> None:
    base = tiny(quantization, dtype)
    windows = ferry_windows(base, tmp_path, 6)
    padded = Bench(base, windows)
    expected, loss = padded.gradients(), padded.loop.loss
    padded.leave()
    packed = Bench(base, windows, packed=True)
    found = packed.gradients()
    assert collate(windows, 0, torch.device("cpu")).packed().layout.prefix > 3  # type: ignore[union-attr]
    assert packed.loop.loss == pytest.approx(loss, rel=1e-5 if dtype is torch.float32 else 5e-3)
    whole, other = (torch.cat([one.flatten() for one in many]) for many in (found, expected))
    assert _apart(whole, other) < CLOSE[dtype]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_nothing_leaks_from_row_to_row(tiny: Tiny, tmp_path: Path, dtype: torch.dtype, place: int) -> None:
    """Other words in one row of a packed batch leave every other row's losses as they were, to the bit."""
    base = tiny("none", dtype)
    bench = Bench(base, ferry_windows(base, tmp_path, 4), packed=True)
    changed = list(bench.windows)
    prefix = collate(changed, 0, torch.device("cpu")).packed().layout.prefix  # type: ignore[union-attr]
    ids = changed[place].ids
    new = (*ids[: prefix + 1], *(10 + (one * 7 + 3) % 240 for one in ids[prefix + 1 :]))
    changed[place] = replace(changed[place], ids=new)
    before, after = (_losses(bench, windows) for windows in (bench.windows, changed))
    assert not torch.equal(before[place], after[place])
    assert all(torch.equal(before[n], after[n]) for n in range(len(changed)) if n != place)


def _losses(bench: Bench, windows: list[Window]) -> list[Tensor]:
    bench.stage.enter(Mode.MEASURING)
    with autocast(bench.base), torch.no_grad():
        found = position_losses(bench.base.model, collate(windows, 0, torch.device("cpu")))
    return list(found.split([one.trained_tokens for one in windows]))


def test_rows_that_saw_each_other_would_be_noticed(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: with all rows in one span packing is refused, and the model reads as it always did."""
    base = tiny()
    windows = ferry_windows(base, tmp_path, 4)
    monkeypatch.setattr(PackedLayout, "spans", property(lambda layout: [(0, layout.length, 0)]))
    with pytest.raises(AssertionError):
        Bench(base, windows, packed=True)
    assert base.model.config._attn_implementation != packed_attention.NAME


def test_checkpointed_activations_change_nothing(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny()
    bench = Bench(base, ferry_windows(base, tmp_path, 4), packed=True)
    expected = bench.gradients()
    bench.base.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    found = bench.gradients()
    bench.base.model.activation_checkpointing_disable()
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def test_chat_keeps_the_models_own_layers(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny()
    own = base.model.config._attn_implementation
    bench = Bench(base, ferry_windows(base, tmp_path, 4), packed=True)
    bench.stage.enter(Mode.TRAINING)
    assert base.model.config._attn_implementation == packed_attention.NAME
    assert any("forward" in module.__dict__ for module in base.model.modules())
    bench.stage.enter(Mode.OTHERS)
    assert base.model.config._attn_implementation == own
    assert not any("forward" in module.__dict__ for module in base.model.modules())


class _OddNorm(nn.Module):
    """Like Gemma's: one is added to the weight."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.variance_epsilon = nn.Parameter(torch.rand(8), requires_grad=False), 1e-6

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, (8,), 1 + self.weight, self.variance_epsilon)


class _OddMlp(nn.Module):
    """Gated, but by another function."""

    def __init__(self) -> None:
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = (nn.Linear(8, 8) for _ in range(3))
        self.act_fn = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))  # type: ignore[no-any-return]


def test_what_computes_something_else_is_left_alone(tiny: Tiny) -> None:
    model: Any = tiny().model
    layer = model.model.layers[0]
    kept = layer.input_layernorm, layer.mlp
    layer.input_layernorm, layer.mlp = _OddNorm(), _OddMlp()
    try:
        taken = {module for module, _ in FastPath(model)._forwards}
        assert layer.post_attention_layernorm in taken
        assert not taken & {layer.input_layernorm, layer.mlp}
    finally:
        layer.input_layernorm, layer.mlp = kept


@pytest.mark.parametrize("oddity", [{"sliding_window": 64}, {"attn_logit_softcapping": 30.0}])
def test_other_kinds_of_attention_are_not_packed(tiny: Tiny, tmp_path: Path, oddity: dict[str, Any]) -> None:
    base = tiny()
    bench = Bench(base, ferry_windows(base, tmp_path, 2))
    for name, value in oddity.items():
        setattr(base.model.config, name, value)
    assert not bench.stage.try_packing(bench.windows, 512)


def test_a_kernel_that_fails_leaves_the_models_own_way(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny()
    bench = Bench(base, ferry_windows(base, tmp_path, 3))
    own = base.model.config._attn_implementation

    def broken(layout: PackedLayout) -> None:
        raise NotImplementedError("no kernel for this card")

    monkeypatch.setattr(packed_attention, "lay_out", broken)
    assert not bench.stage.try_packing(bench.windows, 512)
    assert base.model.config._attn_implementation == own
    assert len(bench.gradients()) > 0
