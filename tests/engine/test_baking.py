"""A baked adapter is the blend it was made of: the same logits, or short of them by exactly what it says."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel

from studio.domain.errors import StudioError
from studio.engine import durable_files
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.desk import Desk
from studio.engine.rack.adapter_files import plain_config, read_adapter, read_config, read_tensors, write_adapter
from studio.engine.rack.blending import blended, exact_rank, lost_share, shortened, tensors_of
from studio.protocol.commands import BakeAdapter, Cancel, Gate
from studio.protocol.events import AdapterBaked
from studio.texts import sentence
from tests.engine.rig import WEIGHTS, Listener, Office, device, hung, loaded, logits_of, random_adapter

TEXT = "The ferry leaves at dawn, and the river does not wait for anyone."
WEIGHTED = {"a": 0.7, "b": 1.2, "c": -0.4}
"""Other ranks, other layers, another scaling each."""


@pytest.fixture
def base(tiny: Callable[..., LoadedBase]) -> LoadedBase:
    return tiny()  # type: ignore[no-any-return]


@pytest.fixture
def folders(base: LoadedBase, tmp_path: Path) -> dict[str, Path]:
    return {
        "a": random_adapter(base, tmp_path / "a", rank=4, alpha=8, seed=1),
        "b": random_adapter(base, tmp_path / "b", rank=6, alpha=6, seed=2, layers=("q_proj", "v_proj")),
        "c": random_adapter(base, tmp_path / "c", rank=9, alpha=6, seed=3, config={"use_rslora": True}),
    }


def _gates(folders: dict[str, Path], weights: dict[str, float], fingerprint: str = "f") -> list[Gate]:
    return [
        Gate(adapter_id=one, path=str(folders[one]), base_fingerprint=fingerprint, strength=weight)
        for one, weight in weights.items()
    ]


def _bake(gates: list[Gate], target: Path, rank: int = 0) -> AdapterBaked:
    """Through a desk that has no base: baking needs none."""
    heard = Listener()
    desk = Desk(heard, device())  # type: ignore[arg-type]
    desk.take(BakeAdapter(job="bake", gates=gates, target=str(target), rank=rank))
    while not desk.scheduler.idle:
        desk.scheduler.run_unit()
    if not heard.of(AdapterBaked):
        raise StudioError(heard.events[-1].code, **heard.events[-1].details)
    return heard.of(AdapterBaked)[0]


def _logits(base: LoadedBase, strengths: dict[str, float]) -> torch.Tensor:
    return logits_of(base, [strengths], [TEXT])[0]


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max())


def test_the_exact_sum_is_the_blend(base: LoadedBase, folders: dict[str, Path], tmp_path: Path) -> None:
    told = _bake(_gates(folders, WEIGHTED), tmp_path / "baked")
    assert (told.rank, told.alpha, told.lost) == (19, 19.0, 0.0)
    assert told.size_bytes == (tmp_path / "baked" / WEIGHTS).stat().st_size
    hung(base, **folders, baked=tmp_path / "baked")
    blend = _logits(base, WEIGHTED)
    assert _apart(_logits(base, {"baked": 1.0}), blend) < 1e-5
    assert _apart(_logits(base, {"a": 0.7}), blend) > 0.01  # the others have been heard


def test_other_runtimes_read_it_as_we_do(base: LoadedBase, folders: dict[str, Path], tmp_path: Path) -> None:
    """PEFT loads the folder and gives what the rack gives for the blend."""
    _bake(_gates(folders, WEIGHTED), tmp_path / "baked")
    hung(base, **folders)
    blend = _logits(base, WEIGHTED)
    oracle = loaded(base.path)
    ids = torch.tensor([base.tokenizer.encode(TEXT, add_special_tokens=False)])
    with torch.no_grad():
        found = PeftModel.from_pretrained(oracle.model, tmp_path / "baked")(input_ids=ids).logits[0]
    assert _apart(found, blend) < 1e-5


def test_a_strength_alone_can_be_baked(base: LoadedBase, folders: dict[str, Path], tmp_path: Path) -> None:
    gates = [*_gates(folders, {"c": 0.6}), *_gates(folders, {"a": 0.0})]
    assert _bake(gates, tmp_path / "baked").rank == 9
    hung(base, **folders, baked=tmp_path / "baked")
    assert _apart(_logits(base, {"baked": 1.0}), _logits(base, {"c": 0.6})) < 1e-5


@pytest.mark.parametrize("rank", [1, 5, 12, 18])
def test_fewer_ranks_lose_what_they_say(folders: dict[str, Path], rank: int, tmp_path: Path) -> None:
    """Against the d × d matrices themselves, which only a test may make: the loss told is the loss, and the least."""
    told = _bake(_gates(folders, WEIGHTED), tmp_path / "baked", rank)
    assert told.rank == rank
    parts = [(read_adapter(folders[one]), weight) for one, weight in WEIGHTED.items()]
    baked = read_adapter(tmp_path / "baked")
    lost = whole = least = 0.0
    for layer, (down, up) in baked.pairs.items():
        matrix = sum(
            weight * factors.scaling * (factors.pairs[layer][1] @ factors.pairs[layer][0]).double()
            for factors, weight in parts
            if layer in factors.pairs
        )
        assert isinstance(matrix, torch.Tensor)
        lost += float((matrix - baked.scaling * (up @ down).double()).square().sum())
        whole += float(matrix.square().sum())
        least += float(torch.linalg.svdvals(matrix)[rank:].square().sum())
    assert told.lost == pytest.approx(lost / whole, rel=1e-4, abs=1e-10)
    assert told.lost == pytest.approx(least / whole, rel=1e-4, abs=1e-10)
    assert told.lost > 1e-6


def test_all_ranks_by_singular_values_lose_nothing(base: LoadedBase, folders: dict[str, Path], tmp_path: Path) -> None:
    parts = [(read_adapter(folders[one]), weight) for one, weight in WEIGHTED.items()]
    layers = [shortened(one.layer, one.pair, 19) for one in blended(parts, exact_rank(parts))]
    assert 0 <= lost_share(layers) < 1e-24
    target = tmp_path / "baked"
    config = LoraConfig(r=19, lora_alpha=19, target_modules=base.linear_names, task_type="CAUSAL_LM")
    write_adapter(target, dict(tensors_of(layers)), plain_config(config, "test"))
    hung(base, **folders, baked=target)
    assert _apart(_logits(base, {"baked": 1.0}), _logits(base, WEIGHTED)) < 1e-5


def test_what_adds_up_to_nothing_or_to_no_factors_is_refused(
    base: LoadedBase, folders: dict[str, Path], tmp_path: Path
) -> None:
    magnitudes = {
        f"base_model.model.{name}.lora_magnitude_vector": torch.ones(layer.out_features)
        for name, layer in base.linears.items()
    }
    tensors, config = read_tensors(folders["a"]) | magnitudes, read_config(folders["a"]) | {"use_dora": True}
    write_adapter(tmp_path / "dora", tensors, config)
    all_of_them = folders | {"dora": tmp_path / "dora"}
    many = {f"n{number}": folders["a"] for number in range(300)}
    strange = _gates(folders, {"a": 1.0}) + _gates(folders, {"b": 1.0}, "other")
    refused: list[tuple[list[Gate], str, dict[str, object]]] = [
        (_gates(folders, {"a": 0.0}), "bake_nothing", {}),
        ([], "bake_nothing", {}),
        (_gates(all_of_them, {"a": 1.0, "dora": 0.5}), "bake_other_kind", {"adapter": "dora"}),
        (_gates(many, dict.fromkeys(many, 0.1)), "bake_rank_too_high", {"rank": 1200, "limit": 1024}),
        (strange, "adapter_wrong_base", {"expected": "other", "found": "f"}),
    ]
    for gates, code, details in refused:
        with pytest.raises(StudioError) as trouble:
            _bake(gates, tmp_path / "baked")
        assert (trouble.value.code, dict(trouble.value.details)) == (code, details)
        assert sentence(trouble.value)
        assert not (tmp_path / "baked").exists()
    assert _bake(_gates(many, dict.fromkeys(many, 0.1)), tmp_path / "baked", rank=3).rank == 3


def test_an_interrupted_bake_leaves_nothing(
    tiny_base: Path, folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tiny_base)

    def cancel(unit: int) -> None:
        if unit == 6:
            office.desk.take(Cancel(job="bake"))

    office.do(
        BakeAdapter(job="bake", gates=_gates(folders, WEIGHTED), target=str(tmp_path / "new" / "baked")), between=cancel
    )
    assert office.failure("bake").code == "cancelled"
    assert not (tmp_path / "new").exists()

    def crash(act: str, path: Path, to: Path | None = None) -> None:
        if act == "rename":
            raise OSError(28, "full")

    monkeypatch.setattr(durable_files, "reached", crash)
    with pytest.raises(StudioError):
        _bake(_gates(folders, WEIGHTED), tmp_path / "new" / "baked")
    assert not list((tmp_path / "new").iterdir())
