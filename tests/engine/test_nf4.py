"""Replies and evaluations on an NF4 base leave training's gradients as they were (bitsandbytes' packed CPU kernel)."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit, has_avx512bf16
from bitsandbytes.nn import Linear4bit

from studio.engine.bases import base_loader
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.replies import reply
from studio.engine.forward.modes import Mode
from studio.engine.training import training_loop
from tests.engine.rig import Bench, Listener, ferry_windows, hung, random_adapter, reply_command


@pytest.fixture(autouse=True)
def _unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))


def _bench(base: LoadedBase, place: Path, *, fast: bool = True) -> Bench:
    """Without the fast path a quantised layer and a plain one add base and adapter in the same order, to the bit."""
    hung(base, a=random_adapter(base, place / "a", rank=4, alpha=8, seed=1))
    bench = Bench(base, ferry_windows(base, place))
    if not fast:
        bench.stage.enter(Mode.OTHERS)
        bench.stage._fast = None
    return bench


def _chat_and_measure(bench: Bench) -> None:
    """What may happen in the middle of a run: a reply of base and adapter, and both kinds of held-out evaluation."""
    for _ in reply(reply_command([("Who goes there?", [])] * 2), bench.base, bench.stage, Listener()):  # type: ignore[arg-type]
        pass
    bench.evaluate(Mode.OTHERS)
    bench.evaluate(Mode.MEASURING)


def _relative_error(found: list[torch.Tensor], expected: list[torch.Tensor]) -> float:
    pairs = zip(found, expected, strict=True)
    return max(float((one - other).norm() / other.norm()) for one, other in pairs)


def _dequantised(quantised: LoadedBase, plain: LoadedBase) -> LoadedBase:
    """Give the plain base the very weights that the quantised one computes with."""
    for name, layer in quantised.linears.items():
        assert isinstance(layer, Linear4bit)
        exact = dequantize_4bit(layer.weight.data, layer.weight.quant_state).reshape(layer.out_features, -1)
        plain.linears[name].weight.data.copy_(exact)
    return plain


def test_gradients_stay_through_replies_and_evaluations(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    bench = _bench(tiny("nf4", torch.bfloat16), tmp_path)
    before = bench.gradients()
    _chat_and_measure(bench)
    after = bench.gradients()
    assert all(float(one.norm()) > 0 for one in before)
    assert all(torch.equal(one, other) for one, other in zip(after, before, strict=True))


def test_gradients_are_those_of_the_dequantised_model(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    quantised = tiny("nf4", torch.bfloat16)
    exact = _bench(_dequantised(quantised, tiny("none", torch.bfloat16)), tmp_path, fast=False).gradients()
    bench = _bench(quantised, tmp_path, fast=False)
    _chat_and_measure(bench)
    assert _relative_error(bench.gradients(), exact) < 1e-6


@pytest.mark.skipif(not has_avx512bf16(), reason="bitsandbytes packs only on CPUs with AVX512-BF16")
@pytest.mark.filterwarnings("ignore:bitsandbytes..gemv_4bit. an autograd kernel was not registered")
def test_the_packed_kernel_would_break_them(
    tiny: Callable[..., LoadedBase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without ``keep_one_exact_path`` the tests above must see broken gradients."""
    monkeypatch.setattr(base_loader, "keep_one_exact_path", lambda model: None)
    quantised = tiny("nf4", torch.bfloat16)
    exact = _bench(_dequantised(quantised, tiny("none", torch.bfloat16)), tmp_path, fast=False).gradients()
    bench = _bench(quantised, tmp_path, fast=False)
    _chat_and_measure(bench)
    assert _relative_error(bench.gradients(), exact) > 0.1
