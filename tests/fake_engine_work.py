"""What the fake engine makes up outside of training: bases on disk, adapters on disk, replies."""

import hashlib
import json
import random
import struct
from pathlib import Path
from typing import Any

from studio.protocol.commands import Row

SMOLLM2 = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536,
    "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152,
    "max_position_embeddings": 8192, "tie_word_embeddings": True,
}  # fmt: skip
_OPENINGS = ("Well now,", "Hm.", "Ah,", "Listen,", "As you wish.", "Oh!", "*smiles*")
_MIDDLES = (
    "the lamp is still burning, and the tide does not wait for anyone,",
    "I have counted every rivet in this place twice,",
    "you ask the sort of thing that wants a slow answer and a warm kitchen,",
    "there is a story about that, though not one for the daytime,",
)
_ENDINGS = ("so sit down and tell me the rest.", "and that is all I will say of it.", "don't you think?", "my friend.")


class FakeFailure(Exception):
    """Becomes a ``JobFailed``."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def reply_words(row: Row) -> list[str]:
    """The pieces of a reply: a pure function of prompt, adapters and seed."""
    voice = ",".join(f"{gate.adapter_id}@{gate.strength:g}" for gate in row.gates) or "base"
    said = json.dumps([(message.role, message.text) for message in row.messages])
    draw = random.Random(f"{voice}|{row.seed}|{said}")
    opening = draw.choice(_OPENINGS) if row.gates else "I am an assistant, and"
    text = " ".join([opening, *draw.sample(_MIDDLES, 2), draw.choice(_ENDINGS)])
    return [f"{word} " for word in text.split()]


def fingerprint_of(folder: Path) -> str:
    """SHA-256 over the config, or over the folder's name when there is none."""
    config = folder / "config.json"
    return hashlib.sha256(config.read_bytes() if config.exists() else folder.name.encode()).hexdigest()


def shape_of(folder: Path) -> dict[str, Any]:
    """The fields of ``BaseInspected`` for a base folder."""
    path = folder / "config.json"
    config = SMOLLM2 | (json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})
    return {
        "path": str(folder), "name": folder.name, "fingerprint": fingerprint_of(folder),
        "parameters": _parameters(config), "architecture": config["architectures"][0],
        "layers": config["num_hidden_layers"], "hidden_size": config["hidden_size"],
        "intermediate_size": config["intermediate_size"], "vocabulary": config["vocab_size"],
        "heads": config["num_attention_heads"], "key_value_heads": config["num_key_value_heads"],
        "context_length": config["max_position_embeddings"],
    }  # fmt: skip


def inspect_base(folder: Path) -> dict[str, Any]:
    """Like ``shape_of``, for a folder of the user's."""
    if not folder.is_dir():
        raise FakeFailure("base_incomplete", path=str(folder), missing="config.json")
    return shape_of(folder)


def convert_base(source: Path, target: Path) -> None:
    """Write what a converted base looks like."""
    if not source.exists():
        raise FakeFailure("gguf_broken", path=str(source), reason="it is not there")
    write_base(target)


def write_base(target: Path) -> None:
    """Write what a base folder looks like."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "config.json").write_text(json.dumps(SMOLLM2), encoding="utf-8")
    (target / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    write_safetensors(target / "model.safetensors", {"model.embed_tokens.weight": (8, 8)})


def write_adapter(folder: Path, rank: int, alpha: float) -> None:
    """Write a small, true PEFT folder: real names, zeros inside."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_{}.weight"
    shapes = {name.format("A"): (rank, 576), name.format("B"): (576, rank)}
    write_safetensors(folder / "adapter_model.safetensors", shapes)
    config = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": alpha, "lora_dropout": 0.0,
        "target_modules": ["q_proj"], "bias": "none", "base_model_name_or_path": "/somewhere/on/this/machine",
        "inference_mode": True, "use_rslora": False, "use_dora": False,
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")


def write_safetensors(path: Path, shapes: dict[str, tuple[int, int]]) -> None:
    """Eight bytes of length, a JSON header, zeros in fp32: the whole format."""
    header, at = {}, 0
    for name, (rows, columns) in shapes.items():
        size = rows * columns * 4
        header[name] = {"dtype": "F32", "shape": [rows, columns], "data_offsets": [at, at + size]}
        at += size
    head = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + bytes(at))


def _parameters(config: dict[str, Any]) -> int:
    hidden, between = config["hidden_size"], config["intermediate_size"]
    narrow = hidden * config["num_key_value_heads"] // config["num_attention_heads"]
    layer = 2 * hidden * hidden + 2 * hidden * narrow + 3 * hidden * between + 2 * hidden
    return int(config["num_hidden_layers"] * layer + config["vocab_size"] * hidden + hidden)
