"""A checkpoint's weights as a PEFT folder: the same numbers under the names that adapters have in files.

The engine keeps what learns under PEFT's inner names (``….lora_A.default.weight``). A safetensors file is a JSON head
and plain bytes, so a new head is all that it takes, and torch is not needed.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from studio import atomic_files
from studio.domain.errors import StudioError
from studio.methods.method import Method

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_SOURCE, _STATE, _MANIFEST = "adapter.safetensors", "state.json", "manifest.json"
_LARGEST_HEAD = 64 * 2**20
_PIECE = 2**20


@dataclass(frozen=True, kw_only=True)
class _Head:
    """What a file holds, by the new names; its bytes begin at ``start``."""

    entries: dict[str, dict[str, Any]]
    start: int


def write_voice(checkpoint: Path, target: Path, method: Method, base_name: str) -> None:
    """Make the PEFT folder ``target`` of a checkpoint, whole or not at all; ``checkpoint_broken`` if it is damaged."""
    staged = atomic_files.partial_path(target.parent)
    try:
        options = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))["identity"]["options"]
        staged.mkdir(parents=True)
        with (checkpoint / _SOURCE).open("rb") as source, (staged / WEIGHTS).open("wb") as file:
            head = _copied(source, file, _expected(checkpoint), checkpoint)
        config = _config(head.entries, options, method) | {"base_model_name_or_path": base_name}
        (staged / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        atomic_files.place_folder(staged, target)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudioError("checkpoint_broken", path=str(checkpoint), reason=str(error)) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _copied(source: BinaryIO, file: BinaryIO, expected: str, checkpoint: Path) -> _Head:
    """Copy the tensors under their new names; the whole file's hash must be the manifest's."""
    head = _head_of(source)
    text = json.dumps({"__metadata__": {"format": "pt"}, **head.entries}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    source.seek(0)
    digest = hashlib.sha256(source.read(head.start))
    while piece := source.read(_PIECE):
        digest.update(piece)
        file.write(piece)
    if expected and digest.hexdigest() != expected:
        raise StudioError("checkpoint_broken", path=str(checkpoint), reason=f"{_SOURCE} has changed")
    return head


def _head_of(source: BinaryIO) -> _Head:
    length = int.from_bytes(source.read(8), "little")
    if not 0 < length <= _LARGEST_HEAD:
        raise ValueError(f"{_SOURCE} has no head")
    found = json.loads(source.read(length))
    entries = {_file_name(name): entry for name, entry in found.items() if name != "__metadata__"}
    if not entries:
        raise ValueError(f"{_SOURCE} holds no tensors")
    return _Head(entries=entries, start=8 + length)


def _file_name(name: str) -> str:
    """A name as PEFT writes it into files: without the name that the adapter has in memory."""
    if name.endswith(".lora_magnitude_vector.default.weight"):
        return name.removesuffix(".default.weight")
    return name.removesuffix(".default").replace(".default.", ".")


def _expected(checkpoint: Path) -> str:
    listed = json.loads((checkpoint / _MANIFEST).read_text(encoding="utf-8"))
    return str(listed[_SOURCE]["sha256"])


def _config(entries: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any], method: Method) -> dict[str, object]:
    """What the names and shapes of an adapter's tensors say, and what only its method and its options know."""
    layers = sorted({name.rpartition(".")[0] for name in entries if name.endswith(".ia3_l")})
    common = {"task_type": "CAUSAL_LM", "inference_mode": True}
    if layers:
        taken = {layer for layer in layers if int(entries[f"{layer}.ia3_l"]["shape"][0]) == 1}
        return common | {
            "peft_type": "IA3", "target_modules": _last_names(layers),
            "feedforward_modules": _last_names(sorted(taken)), "fan_in_fan_out": False,
        }  # fmt: skip
    if "prompt_embeddings" in entries:
        count, width = (int(size) for size in entries["prompt_embeddings"]["shape"])
        return common | {
            "peft_type": "PROMPT_TUNING", "num_virtual_tokens": count, "token_dim": width,
            "num_transformer_submodules": 1, "num_attention_heads": None, "num_layers": None,
        }  # fmt: skip
    sides = [name for name in entries if name.endswith(".lora_A.weight")]
    return common | {
        "peft_type": "LORA", "r": int(entries[sides[0]]["shape"][0]), "lora_alpha": options["alpha"],
        "lora_dropout": options.get("dropout", 0.0), "bias": "none", "fan_in_fan_out": False,
        "target_modules": _last_names([name.removesuffix(".lora_A.weight") for name in sides]),
        "use_dora": any(name.endswith(".lora_magnitude_vector") for name in entries),
        "use_rslora": False,
    } | dict.fromkeys(method.marks, True)  # fmt: skip


def _last_names(layers: list[str]) -> list[str]:
    return sorted({layer.rpartition(".")[2] for layer in layers})
