"""Checkpoints made into PEFT folders without torch: the same tensors and the same meaning as the engine's own."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.rack.adapter_files import read_adapter, read_config
from studio.engine.training.checkpoints import checkpoints
from studio.methods.method import METHODS
from studio.options import options_of
from studio.protocol.commands import Train
from studio.services.checkpoint_folder import write_voice
from tests.engine.rig import WEIGHTS, ended, ferry_data, run_training

Tiny = Callable[..., LoadedBase]
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("lora", {}), ("rslora", {"base_precision": "16-bit"}), ("dora", {"base_precision": "16-bit"}),
    ("ia3", {"base_precision": "16-bit"}), ("prompt_tuning", {"base_precision": "16-bit", "virtual_tokens": 4}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "more"), KINDS, ids=[name for name, _ in KINDS])
def test_the_folder_is_what_the_engine_writes(tiny: Tiny, tmp_path: Path, method: str, more: dict[str, Any]) -> None:
    usual = {"rank": 4, "alpha": 8.0, "learning_rate": 1e-2, "batch_size": 4, "max_steps": 5, **more}
    options = {name: value for name, value in usual.items() if name in options_of(METHODS.get(method).options)}
    folder, data = tmp_path / "run", str(ferry_data(tmp_path / "data"))
    command = Train(job="train", run_id="run", method=method, options=options, data=data, folder=str(folder))
    assert ended(run_training(tiny("none", torch.bfloat16), command)).step == 5
    newest = checkpoints(folder)[-1]
    assert newest.name == "step-00000005"
    write_voice(newest, tmp_path / "voice", METHODS.get(method), "somewhere")

    own, made = load_file(folder / "adapter" / WEIGHTS), load_file(tmp_path / "voice" / WEIGHTS)
    assert own.keys() == made.keys()
    assert all(torch.equal(own[name], made[name]) and own[name].dtype == made[name].dtype for name in own)
    configs = [
        {name: value for name, value in read_config(one).items() if name != "base_model_name_or_path"}
        for one in (folder / "adapter", tmp_path / "voice")
    ]
    if method == "prompt_tuning":  # the base's shape, which says nothing of the adapter
        for one in configs:
            one.update(num_attention_heads=None, num_layers=None)
    assert configs[0] == configs[1]
    first, second = (read_adapter(one) for one in (folder / "adapter", tmp_path / "voice"))
    plain = [one.name for one in fields(first) if one.name in ("rank", "scaling")]
    assert [getattr(first, name) for name in plain] == [getattr(second, name) for name in plain]
