"""Foreign adapters are read with suspicion, our own are written as others read them."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.replies import hang, reply
from studio.engine.forward.modes import Stage
from studio.engine.rack.adapter_files import CONFIG, WEIGHTS, read_adapter, write_adapter
from studio.protocol.commands import Gate
from tests.engine.rig import Listener, random_adapter, reply_command

LAYER = "base_model.model.model.layers.0.self_attn.q_proj"
MAGNITUDE, SCALE = f"{LAYER}.lora_magnitude_vector", f"{LAYER}.ia3_l"


def _tensors(**more: torch.Tensor) -> dict[str, torch.Tensor]:
    return {f"{LAYER}.lora_A.weight": torch.ones(2, 64), f"{LAYER}.lora_B.weight": torch.ones(64, 2)} | more


def _folder(place: Path, tensors: dict[str, torch.Tensor] | None = None, **config: Any) -> Path:
    place.mkdir(exist_ok=True)
    save_file(tensors or _tensors(), place / WEIGHTS)
    (place / CONFIG).write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4} | config))
    return place


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_adapter(tmp_path / "a", _tensors(), {"peft_type": "LORA", "r": 2, "lora_alpha": 6.0})
    factors = read_adapter(tmp_path / "a")
    assert (factors.rank, factors.scaling) == (2, 3.0)
    assert list(factors.pairs) == ["model.layers.0.self_attn.q_proj"]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [CONFIG, WEIGHTS]


def test_writing_is_in_fp32_and_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        half = {key: tensor.to(torch.bfloat16).T.contiguous().T for key, tensor in reversed(_tensors().items())}
        write_adapter(tmp_path / name, half, {"peft_type": "LORA"})
    assert (tmp_path / "a" / WEIGHTS).read_bytes() == (tmp_path / "b" / WEIGHTS).read_bytes()
    assert read_adapter(tmp_path / "a").pairs["model.layers.0.self_attn.q_proj"][0].dtype == torch.float32


@pytest.mark.parametrize(
    ("tensors", "config", "reason"),
    [
        (_tensors(odd=torch.ones(2, 2)), {}, "unexpected tensor odd"),
        (_tensors(**{f"{LAYER}.lora_magnitude_vector.weight": torch.ones(64, 1)}), {}, "unexpected tensor"),
        (_tensors(**{f"{LAYER}.lora_A.weight": torch.full((2, 64), torch.nan)}), {}, "not finite"),
        (_tensors(**{f"{LAYER}.lora_B.weight": torch.full((64, 2), torch.inf)}), {}, "not finite"),
        (_tensors(**{f"{LAYER}.lora_B.weight": torch.ones(64, 3)}), {}, "matching pair"),
        (_tensors(**{f"{LAYER}.lora_A.weight": torch.ones(2, 64, 1)}), {}, "unexpected tensor"),
        (_tensors(**{f"{LAYER}.lora_A.weight": torch.ones(1025, 1025)}), {}, "unexpected tensor"),
        ({f"{LAYER}.lora_A.weight": torch.ones(2, 64)}, {}, "matching pair"),
        (None, {"peft_type": "IA3"}, "unexpected tensor"),
        (None, {"peft_type": "VERA"}, "its kind is VERA"),
        (None, {"use_dora": True}, "magnitudes do not belong"),
        (_tensors(**{MAGNITUDE: torch.ones(64)}), {}, "magnitudes do not belong"),
        (_tensors(**{MAGNITUDE: torch.ones(64, 2)}), {"use_dora": True}, "magnitudes do not belong"),
        ({SCALE: torch.ones(64, 2)}, {"peft_type": "IA3"}, "unexpected tensor"),
        ({SCALE: torch.ones(64, 1)}, {"peft_type": "IA3", "feedforward_modules": ["q_proj"]}, "unexpected tensor"),
        ({SCALE: torch.ones(64, 1)}, {"peft_type": "IA3", "feedforward_modules": {"a": 1}}, "is no list"),
        ({SCALE: torch.full((64, 1), torch.nan)}, {"peft_type": "IA3"}, "not finite"),
        ({"prompt_embeddings": torch.ones(4, 64, 1)}, {"peft_type": "PROMPT_TUNING"}, "unexpected tensor"),
        ({"prompt_embeddings": torch.ones(5000, 2)}, {"peft_type": "PROMPT_TUNING"}, "unexpected tensor"),
        ({"other": torch.ones(4, 64)}, {"peft_type": "PROMPT_TUNING"}, "unexpected tensor"),
        (None, {"rank_pattern": {"q_proj": 4}}, "different ranks"),
        (None, {"lora_alpha": "much"}, "lora_alpha"),
        (None, {"lora_alpha": float("inf")}, "lora_alpha"),
    ],
)
def test_odd_adapters_are_refused(
    tmp_path: Path, tensors: dict[str, torch.Tensor] | None, config: dict[str, Any], reason: str
) -> None:
    with pytest.raises(StudioError, match="adapter_broken") as caught:
        read_adapter(_folder(tmp_path / "a", tensors, **config))
    assert reason in str(caught.value.details["reason"])


def test_mixed_ranks_are_refused(tmp_path: Path) -> None:
    other = LAYER.replace("q_proj", "v_proj")
    tensors = _tensors(**{f"{other}.lora_A.weight": torch.ones(3, 64), f"{other}.lora_B.weight": torch.ones(32, 3)})
    with pytest.raises(StudioError, match="different ranks"):
        read_adapter(_folder(tmp_path / "a", tensors))


class _Bomb:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("went-off"),))


def test_pickles_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = _folder(tmp_path / "a")
    (folder / WEIGHTS).unlink()
    for name in ("adapter_model.bin", WEIGHTS):  # beside, and under the name of safetensors
        (folder / name).write_bytes(pickle.dumps(_Bomb()))
        with pytest.raises(StudioError, match="adapter_broken"):
            read_adapter(folder)
    assert not (tmp_path / "went-off").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '"LORA"'])
def test_broken_configs_and_missing_files(tmp_path: Path, content: str) -> None:
    folder = _folder(tmp_path / "a")
    (folder / CONFIG).write_text(content)
    with pytest.raises(StudioError, match="adapter_broken"):
        read_adapter(folder)
    with pytest.raises(StudioError, match="adapter_broken"):
        read_adapter(tmp_path / "nothing")


def test_an_adapter_of_another_base_is_never_hung(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base = tiny()
    folder = random_adapter(base, tmp_path / "a", rank=2, alpha=2, seed=1)
    gate = Gate(adapter_id="a", path=str(folder), base_fingerprint="f" * 64)
    with pytest.raises(StudioError, match="adapter_wrong_base"):
        next(reply(reply_command([("Hm?", [gate])]), base, Stage(base), Listener()))  # type: ignore[arg-type]
    assert not base.rack.holds("a")
    hang(Gate(adapter_id="a", path=str(folder), base_fingerprint=base.fingerprint), base)
    assert base.rack.holds("a")
