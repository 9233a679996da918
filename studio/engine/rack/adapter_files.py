"""Adapters on disk, in PEFT's form: read with suspicion, written whole.

A foreign ``adapter_config.json`` can name code to import (PEFT issue 3085) and weights can be pickles, so PEFT's own
loader is never called: this module reads safetensors and a handful of plain values.
"""

import json
import math
import re
from dataclasses import dataclass, field
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
_FACTOR = re.compile(r"^base_model\.model\.(?P<layer>.+)\.lora_(?P<side>[AB])\.weight$")
_MAGNITUDE = re.compile(r"^base_model\.model\.(?P<layer>.+)\.lora_magnitude_vector$")
_SCALE = re.compile(r"^base_model\.model\.(?P<layer>.+)\.ia3_l$")
_PROMPT = "prompt_embeddings"
MAX_RANK = 1024
_MAX_TOKENS = 4096


@dataclass(frozen=True, kw_only=True)
class AdapterFactors:
    """What an adapter does, by layer name.

    LoRA: A [rank, d_in] and B [d_out, rank]; ``scaling`` is alpha/r (rsLoRA: alpha/√r). DoRA: ``magnitudes`` [d_out]
    beside them. IA³: factors on what layers take in [d_in] or give out [d_out]. Prompt tuning: ``tokens`` [n, d].
    """

    pairs: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)
    rank: int = 0
    scaling: float = 1.0
    source: str = ""
    magnitudes: dict[str, Tensor] = field(default_factory=dict)
    inputs: dict[str, Tensor] = field(default_factory=dict)
    outputs: dict[str, Tensor] = field(default_factory=dict)
    tokens: Tensor | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        beside = [*self.magnitudes.values(), *self.inputs.values(), *self.outputs.values()]
        beside += [] if self.tokens is None else [self.tokens]
        return sum(one.nbytes for one in (*(side for pair in self.pairs.values() for side in pair), *beside))

    def pair_or_zeros(self, name: str, layer: nn.Module) -> tuple[Tensor, Tensor]:
        """Return the layer's factors, or zeros of the right shape where the adapter leaves the layer alone."""
        if name in self.pairs:
            return self.pairs[name]
        return torch.zeros(self.rank, int(layer.in_features)), torch.zeros(int(layer.out_features), self.rank)  # type: ignore[arg-type]


def read_adapter(folder: Path) -> AdapterFactors:
    """Read a PEFT folder; refuses pickles, unknown kinds of adapter, odd names, mixed ranks and numbers like NaN."""
    return understood(read_tensors(folder), read_config(folder), str(folder))


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """The tensors of a PEFT folder, as they are."""
    try:
        return load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise broken(str(folder), str(error)) from error


def read_config(folder: Path) -> dict[str, Any]:
    """The plain values of a PEFT folder's configuration."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise broken(str(folder), str(error)) from error
    if not isinstance(config, dict):
        raise broken(str(folder), "its configuration is no object")
    return config


def understood(tensors: dict[str, Tensor], config: dict[str, Any], source: str) -> AdapterFactors:
    """Return what an adapter's tensors mean; every one of them is accounted for."""
    reader = {"LORA": _lora, "IA3": _ia3, "PROMPT_TUNING": _prompt}.get(str(config.get("peft_type")))
    if reader is None:
        raise broken(source, f"its kind is {str(config.get('peft_type'))[:60]}, which the studio does not know")
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise broken(source, f"{name[:120]} holds numbers that are not finite")
    if not tensors:
        raise broken(source, "it holds no factors")
    return reader(tensors, config, source)


def broken(source: str, reason: str) -> StudioError:
    """The trouble of an adapter that cannot be used."""
    return StudioError("adapter_broken", path=source, reason=reason)


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
    kind = str(config.peft_type.value)
    values = {key: getattr(config, key) for key in _WANTED[kind]}
    for key in ("target_modules", "feedforward_modules"):
        if key in values:
            values[key] = sorted(values[key])
    return values | {
        "peft_type": kind,
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "inference_mode": True,
    }


_WANTED = {
    "LORA": ("r", "lora_alpha", "lora_dropout", "target_modules", "bias", "use_rslora", "use_dora", "fan_in_fan_out"),
    "IA3": ("target_modules", "feedforward_modules", "fan_in_fan_out"),
    "PROMPT_TUNING": (
        "num_virtual_tokens", "token_dim", "num_transformer_submodules", "num_attention_heads", "num_layers",
    ),
}  # fmt: skip


def scaling_of(config: dict[str, Any], rank: int, source: str) -> float:
    """What the product of a LoRA's factors is multiplied with."""
    if config.get("rank_pattern") or config.get("alpha_pattern"):
        raise broken(source, "it has different ranks or alphas for different layers")
    alpha = config.get("lora_alpha", rank)
    if not isinstance(alpha, int | float) or not math.isfinite(alpha):
        raise broken(source, f"its lora_alpha is {str(alpha)[:60]}")
    return float(alpha / (math.sqrt(rank) if config.get("use_rslora") else rank))


def _lora(tensors: dict[str, Tensor], config: dict[str, Any], source: str) -> AdapterFactors:
    found = {match["layer"]: tensor for name, tensor in tensors.items() if (match := _MAGNITUDE.match(name))}
    magnitudes = {layer: tensor.flatten() for layer, tensor in found.items() if max(tensor.shape) == tensor.numel()}
    pairs = _paired({name: one for name, one in tensors.items() if not _MAGNITUDE.match(name)}, source)
    if magnitudes.keys() != (pairs.keys() if config.get("use_dora") else set()):
        raise broken(source, "its magnitudes do not belong to its factors")
    ranks = {a.shape[0] for a, _ in pairs.values()}
    if len(ranks) != 1:
        raise broken(source, f"its layers have different ranks ({sorted(ranks)})")
    rank = ranks.pop()
    scaling = scaling_of(config, rank, source)
    return AdapterFactors(pairs=pairs, rank=rank, scaling=scaling, source=source, magnitudes=magnitudes)


def _ia3(tensors: dict[str, Tensor], config: dict[str, Any], source: str) -> AdapterFactors:
    """A column scales what a layer gives out, a row what it takes in, and the configuration must say the same."""
    taken = config.get("feedforward_modules") or []
    if not isinstance(taken, list):
        raise broken(source, "its feedforward_modules is no list")
    inputs: dict[str, Tensor] = {}
    outputs: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        match = _SCALE.match(name)
        if match is None or tensor.ndim != 2:
            raise _unexpected(source, name, tensor)
        feedforward = match["layer"].rpartition(".")[2] in taken
        if tensor.shape[0 if feedforward else 1] != 1:
            raise _unexpected(source, name, tensor)
        (inputs if feedforward else outputs)[match["layer"]] = tensor.flatten()
    return AdapterFactors(source=source, inputs=inputs, outputs=outputs)


def _prompt(tensors: dict[str, Tensor], config: dict[str, Any], source: str) -> AdapterFactors:
    for name, tensor in tensors.items():
        if name != _PROMPT or tensor.ndim != 2 or not 0 < len(tensor) <= _MAX_TOKENS:
            raise _unexpected(source, name, tensor)
    return AdapterFactors(source=source, tokens=tensors[_PROMPT])


def _paired(tensors: dict[str, Tensor], source: str) -> dict[str, tuple[Tensor, Tensor]]:
    sides: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        match = _FACTOR.match(name)
        if match is None or tensor.ndim != 2 or min(tensor.shape) > MAX_RANK:
            raise _unexpected(source, name, tensor)
        sides.setdefault(match["layer"], {})[match["side"]] = tensor
    for layer, pair in sides.items():
        if pair.keys() != {"A", "B"} or pair["A"].shape[0] != pair["B"].shape[1]:
            raise broken(source, f"{layer[:120]} lacks a matching pair of factors")
    return {layer: (pair["A"], pair["B"]) for layer, pair in sides.items()}


def _unexpected(source: str, name: str, tensor: Tensor) -> StudioError:
    """The trouble of a tensor that no adapter of this kind has."""
    return broken(source, f"unexpected tensor {name[:120]} of shape {tuple(tensor.shape)}")
