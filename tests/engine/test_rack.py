"""The rack against its oracle: every row of a mixed batch is what PEFT gives with that adapter alone."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.rack.adapter_files import read_adapter
from studio.engine.rack.row_factors import FactorShelf
from tests.engine.rig import hung, loaded, logits_of, random_adapter

ADAPTERS: dict[str, dict[str, Any]] = {
    "a": {"rank": 2, "alpha": 4.0, "seed": 1},
    "b": {"rank": 8, "alpha": 12.0, "seed": 2},
    "c": {"rank": 5, "alpha": 5.0, "seed": 3, "layers": ("q_proj", "v_proj")},
}
TEXT = "The ferry leaves at dawn, and the river does not wait for anyone."
ROWS = [{}, {"a": 1.0}, {"b": 1.0}, {"c": 1.0}]


def _folders(base: LoadedBase, place: Path, **more: Any) -> dict[str, Path]:
    return {name: random_adapter(base, place / name, **how, **more) for name, how in ADAPTERS.items()}


def _peft_logits(base: LoadedBase, folder: Path | None) -> torch.Tensor:
    """The oracle, on a base of its own: PEFT's loader and forward as they are (factors and their products in fp32)."""
    if folder is None:
        return _forward(base, base.model)
    model = PeftModel.from_pretrained(base.model, folder)
    found = _forward(base, model)
    model.unload()
    return found


def _forward(base: LoadedBase, model: Any) -> torch.Tensor:
    ids = torch.tensor([base.tokenizer.encode(TEXT, add_special_tokens=False)])
    with torch.no_grad():
        return model(input_ids=ids).logits.float()[0]  # type: ignore[no-any-return]


def _compare(base: LoadedBase, oracle: LoadedBase, folders: dict[str, Path], tolerance: float) -> None:
    hung(base, **folders)
    mixed = logits_of(base, ROWS, [TEXT] * len(ROWS))
    for found, row in zip(mixed, ROWS, strict=True):
        expected = _peft_logits(oracle, folders[next(iter(row))] if row else None)
        allowed = tolerance * float(expected.abs().max())
        assert (found - expected).abs().max() <= allowed
        first, second = expected.topk(2, dim=-1).values.unbind(-1)
        clear = first - second > 2 * allowed
        assert torch.equal(found.argmax(-1)[clear], expected.argmax(-1)[clear])
    _rows_differ(mixed, 3 * tolerance)


def _rows_differ(mixed: torch.Tensor, least: float) -> None:
    """Without this, an oracle and a rack that both do nothing would agree."""
    for one in range(len(mixed)):
        for other in range(one):
            assert (mixed[one] - mixed[other]).abs().max() > least * mixed.abs().max()


# fp32: only the order of sums differs. 16-bit: rows of a batch sum in another order than a row alone, and bf16 keeps
# 8 bits (2^-8 = 0.4 % of every sum, in every layer). On NF4 PEFT also rounds the adapter's part before it adds it.
@pytest.mark.parametrize(
    ("quantization", "dtype", "tolerance"),
    [("none", torch.float32, 1e-5), ("none", torch.bfloat16, 0.03), ("nf4", torch.bfloat16, 0.03)],
)
def test_mixed_batch_equals_peft(
    tiny: Callable[..., LoadedBase], tmp_path: Path, quantization: str, dtype: torch.dtype, tolerance: float
) -> None:
    base, oracle = tiny(quantization, dtype), tiny(quantization, dtype)
    _compare(base, oracle, _folders(base, tmp_path), tolerance)


def test_a_row_alone_is_peft_bit_for_bit(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base, oracle = tiny("none", torch.bfloat16), tiny("none", torch.bfloat16)
    folders = _folders(base, tmp_path)
    hung(base, **folders)
    for name in ("a", "c"):  # scalings of 2 and 1 round nothing
        base.rack._forget_layout("a")
        assert torch.equal(logits_of(base, [{name: 1.0}], [TEXT])[0], _peft_logits(oracle, folders[name]))


@pytest.mark.model
@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_mixed_batch_equals_peft_on_the_starter(starter_base: Path, tmp_path: Path, quantization: str) -> None:
    # As above, but through thirty layers instead of two.
    base, oracle = (loaded(starter_base, quantization, torch.bfloat16) for _ in range(2))
    _compare(base, oracle, _folders(base, tmp_path, size=0.7), 0.05)


def test_rslora_scales_by_the_root_of_the_rank(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base, oracle = tiny(), tiny()
    folder = random_adapter(base, tmp_path / "r", rank=4, alpha=4.0, seed=5, config={"use_rslora": True})
    assert read_adapter(folder).scaling == 2.0
    hung(base, r=folder)
    torch.testing.assert_close(
        logits_of(base, [{"r": 1.0}], [TEXT])[0], _peft_logits(oracle, folder), rtol=1e-5, atol=1e-5
    )


def _difference(base: LoadedBase, layer: str, rows: list[dict[str, float]], inputs: torch.Tensor) -> torch.Tensor:
    """What the rack adds to one layer's output."""
    base.rack.gate(rows)
    gated = base.linears[layer](inputs)
    base.rack.open_gates()
    return gated - base.linears[layer](inputs)


def test_strength_scales_and_blending_adds(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base = tiny()
    hung(base, **_folders(base, tmp_path))
    layer, inputs = "model.layers.0.self_attn.q_proj", torch.randn(4, 3, 64)
    rows: list[dict[str, float]] = [{"a": 1.0}, {"a": 0.25}, {"a": -1.5}, {"a": 0.5, "b": 2.0}]
    found = _difference(base, layer, rows, inputs)
    a = _difference(base, layer, [{"a": 1.0}] * 4, inputs)
    b = _difference(base, layer, [{"b": 1.0}] * 4, inputs)
    assert a.abs().max() > 0.01
    for number, expected in enumerate([a[0], 0.25 * a[1], -1.5 * a[2], 0.5 * a[3] + 2 * b[3]]):
        torch.testing.assert_close(found[number], expected, rtol=1e-4, atol=1e-5)


def test_rows_are_gated_anew_only_when_somebody_else_was_on(
    tiny: Callable[..., LoadedBase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny()
    hung(base, **_folders(base, tmp_path))
    layer = base.linears["model.layers.1.mlp.up_proj"]
    inputs = torch.randn(4, 2, 64)
    base.rack.gate(ROWS)
    before = layer(inputs)
    written: list[object] = []
    monkeypatch.setattr(base.rack, "gate", lambda rows, gate=base.rack.gate: (written.append(rows), gate(rows)))
    base.rack.show(ROWS)
    assert written == []
    for disturb in (base.rack.open_gates, partial(base.rack.take_off, "nobody's"), partial(base.rack.gate, ROWS[:2])):
        disturb()
        base.rack.show(ROWS)
        torch.testing.assert_close(layer(inputs), before)
    base.rack.hang("b", read_adapter(_folders(base, tmp_path)["b"]))  # laid out anew: what was stacked is gone
    base.rack.show(ROWS)
    torch.testing.assert_close(layer(inputs), before)
    two = [ROWS[2], ROWS[0]]
    base.rack.show(two)
    torch.testing.assert_close(layer(inputs[[2, 0]]), before[[2, 0]], rtol=1e-5, atol=1e-6)


def test_swaps_among_recent_adapters_keep_the_layout(
    tiny: Callable[..., LoadedBase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny()
    hung(base, **_folders(base, tmp_path))
    laid_out: list[str] = []
    stack = base.rack._stack
    monkeypatch.setattr(base.rack, "_stack", lambda *all: laid_out.append(all[0]) or stack(*all))
    once = len(base.linears)
    base.rack.gate([{"a": 1.0}])
    assert not laid_out  # before a hook runs
    logits_of(base, [{"a": 1.0}], [TEXT])
    logits_of(base, [{"b": 1.0}], [TEXT])
    assert len(laid_out) == 2 * once
    for row in ({"a": 1.0}, {"b": 0.3}, {}, {"a": 0.1, "b": 2.0}):
        logits_of(base, [row], [TEXT])
    assert len(laid_out) == 2 * once  # a stayed beside b in the spare ranks
    hung(base, a=tmp_path / "b")  # what hangs under a known id anew is laid out anew
    logits_of(base, [{"a": 1.0}], [TEXT])
    assert len(laid_out) == 3 * once


def test_adapters_keep_their_place_on_the_shelf(
    tiny: Callable[..., LoadedBase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the studio's own decoder reads is written once per adapter, whichever rows are shown."""
    base = tiny()
    folders = {
        f"s{number}": random_adapter(base, tmp_path / f"s{number}", rank=2, alpha=2, seed=number)
        for number in range(10)
    }
    hung(base, **folders)
    groups = [[name] for name in base.linears]
    laid: list[int] = []
    stacked = FactorShelf._stacked
    monkeypatch.setattr(
        FactorShelf, "_stacked", lambda self, group, found: laid.append(len(found)) or stacked(self, group, found)
    )

    def written(*rows: dict[str, float]) -> int:
        laid.clear()
        base.rack.gate(rows)
        assert (base.rack.row_difference(groups) is None) is not any(rows)
        return sum(laid) // len(groups)

    assert written({"s0": 1.0}) == 1
    assert written({"s1": 1.0}, {}, {"s2": 0.5}) == 2
    assert [written({name: 1.0}) for name in ("s0", "s2", "s1")] == [0, 0, 0]
    assert written({"s0": 0.1, "s2": 2.0}) == 0
    assert written({}) == 0
    assert written(*({f"s{number}": 1.0} for number in range(3, 8))) == 5
    assert written({"s0": 1.0}, {"s7": 1.0}) == 2  # too far apart: moved next to each other
    hung(base, s0=folders["s3"])  # what hangs under a known id anew is laid out anew
    assert written({"s0": 1.0}) == 1


def test_big_adapters_do_not_stay_beside_others(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base = tiny()
    folders = {name: random_adapter(base, tmp_path / name, rank=40, alpha=1, seed=1) for name in ("x", "y", "z")}
    hung(base, **folders)
    for name in folders:
        base.rack.gate([{name: 1.0}])
    assert base.rack._gates is not None
    assert base.rack._gates.shape[-1] == 80  # the wanted one and one more: 64 spare ranks hold no two of 40


def test_adapters_of_another_shape_are_refused(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base = tiny()
    factors = read_adapter(random_adapter(base, tmp_path / "a", rank=2, alpha=2, seed=1, layers=["q_proj"]))
    name = "model.layers.0.self_attn.q_proj"
    a, b = factors.pairs[name]
    for pairs in ({name: (a[:, :32], b)}, {name: (a, b[:10])}, {"model.layers.9.self_attn.q_proj": (a, b)}):
        wrong = type(factors)(pairs=pairs, rank=2, scaling=1.0, source="there")
        with pytest.raises(StudioError, match="adapter_broken"):
            base.rack.hang("wrong", wrong)
    assert not base.rack.holds("wrong")


def test_taking_off_and_closing_leave_the_base_alone(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base = tiny()
    untouched = logits_of(base, [{}], [TEXT])
    hung(base, **_folders(base, tmp_path))
    assert not torch.equal(logits_of(base, [{"a": 1.0}], [TEXT]), untouched)
    base.rack.gate([{"a": 1.0}])
    base.rack.take_off("a")
    ids = torch.tensor([base.tokenizer.encode(TEXT, add_special_tokens=False)])
    with torch.no_grad():
        assert torch.equal(base.model(input_ids=ids).logits.float(), untouched)
    assert not base.rack.holds("a")
    base.rack.gate([{"b": 1.0}])
    base.rack.close()
    with torch.no_grad():
        assert torch.equal(base.model(input_ids=ids).logits.float(), untouched)
