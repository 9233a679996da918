"""Adapters on disk, in PEFT's form: read with suspicion, written whole.

A foreign ``adapter_config.json`` can name code to import (PEFT issue 3085) and weights can be pickles, so PEFT's own
loader is never called: this module reads safetensors and a handful of plain values.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from studio.domain.errors import StudioError
from studio.engine.durable_files import write_folder

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
_KEY = re.compile(r"^base_model\.model\.(?P<layer>.+)\.lora_(?P<side>[AB])\.weight$")
_MAX_RANK = 1024


@dataclass(frozen=True, kw_only=True)
class AdapterFactors:
    """A LoRA's factors by layer name: A [rank, d_in] and B [d_out, rank]; ``scaling`` is alpha/r (rsLoRA: alpha/√r)."""

    pairs: dict[str, tuple[Tensor, Tensor]]
    rank: int
    scaling: float
    source: str

    def pair_or_zeros(self, name: str, layer: nn.Module) -> tuple[Tensor, Tensor]:
        """Return the layer's factors, or zeros of the right shape where the adapter leaves the layer alone."""
        if name in self.pairs:
            return self.pairs[name]
        return torch.zeros(self.rank, int(layer.in_features)), torch.zeros(int(layer.out_features), self.rank)  # type: ignore[arg-type]


def read_adapter(folder: Path) -> AdapterFactors:
    """Read a PEFT LoRA folder; refuses pickles, other kinds of adapter, odd names, mixed ranks and numbers like NaN."""
    config = _read_config(folder)
    try:
        tensors = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise _broken(folder, str(error)) from error
    pairs = _paired(folder, tensors)
    ranks = {a.shape[0] for a, _ in pairs.values()}
    if len(ranks) != 1:
        raise _broken(folder, f"its layers have different ranks ({sorted(ranks)})")
    rank = ranks.pop()
    divisor = math.sqrt(rank) if config.get("use_rslora") else rank
    alpha = config.get("lora_alpha", rank)
    if not isinstance(alpha, int | float) or not math.isfinite(alpha):
        raise _broken(folder, f"its lora_alpha is {str(alpha)[:60]}")
    return AdapterFactors(pairs=pairs, rank=rank, scaling=alpha / divisor, source=str(folder))


def write_adapter(folder: Path, tensors: dict[str, Tensor], config: dict[str, Any]) -> None:
    """Write a PEFT folder, whole or not at all. Tensors are saved contiguous, on the CPU, in fp32."""
    ready = {name: tensor.detach().to("cpu", torch.float32).contiguous() for name, tensor in sorted(tensors.items())}
    write_folder(
        folder,
        {
            WEIGHTS: save(ready, metadata={"format": "pt"}),
            CONFIG: json.dumps(config, indent=2, sort_keys=True).encode() + b"\n",
        },
    )


def plain_config(config: Any, base_name: str) -> dict[str, Any]:
    """Return what other runtimes need of a PEFT config: plain values only, and never a path of this machine."""
    wanted = ("r", "lora_alpha", "lora_dropout", "target_modules", "bias", "use_rslora", "use_dora", "fan_in_fan_out")
    values = {key: getattr(config, key) for key in wanted}
    values["target_modules"] = sorted(values["target_modules"])
    return values | {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "inference_mode": True,
    }


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(folder, str(error)) from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise _broken(folder, "it is not a LoRA adapter")
    if config.get("use_dora"):
        raise _broken(folder, "DoRA adapters cannot hang on the rack")
    if config.get("rank_pattern") or config.get("alpha_pattern"):
        raise _broken(folder, "it has different ranks or alphas for different layers")
    return config


def _paired(folder: Path, tensors: dict[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    sides: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        match = _KEY.match(name)
        if match is None or tensor.ndim != 2 or min(tensor.shape) > _MAX_RANK:
            raise _broken(folder, f"unexpected tensor {name[:120]} of shape {tuple(tensor.shape)}")
        if not torch.isfinite(tensor).all():
            raise _broken(folder, f"{name[:120]} holds numbers that are not finite")
        sides.setdefault(match["layer"], {})[match["side"]] = tensor
    for layer, pair in sides.items():
        if pair.keys() != {"A", "B"} or pair["A"].shape[0] != pair["B"].shape[1]:
            raise _broken(folder, f"{layer[:120]} lacks a matching pair of factors")
    if not sides:
        raise _broken(folder, "it holds no factors")
    return {layer: (pair["A"], pair["B"]) for layer, pair in sides.items()}


def _broken(folder: Path, reason: str) -> StudioError:
    return StudioError("adapter_broken", path=str(folder), reason=reason)
