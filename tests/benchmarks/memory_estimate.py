"""The dry steps' word on memory against a whole short run: ``python -m tests.benchmarks.memory_estimate [cuda]``.

Bases of random weights in three shapes, made on the spot; LoRA on 16 bit and QLoRA, each in a process of its own. A row
says what the form's arithmetic expects, what two dry steps needed, what the whole run needed at most, and how far the
dry steps were off. ``cuda`` takes the shapes of 1.5B, 3B and 8B bases instead. ``grow`` as an argument trains three
times in one engine and shows what memory stays. ``other`` takes words, lengths and options that nothing was fitted to.
"""

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from studio.domain.base_model import BaseModel
from studio.domain.conversation import Conversation, Role, Turn
from studio.methods.method import METHODS
from studio.protocol.dataset_file import dataset_bytes
from studio.services.memory_estimate import Load, load_memory
from studio.services.run_plan import full_options
from tests.benchmarks.material import in_child

OPTIONS: dict[str, Any] = {"batch_size": 4, "max_length": 512, "max_steps": 5, "epochs": 10.0, "learning_rate": 1e-3}
OTHER: dict[str, Any] = OPTIONS | {"batch_size": 6, "max_length": 384, "max_steps": 12, "rank": 8, "alpha": 16.0}
METHODS_MEASURED = (("lora", "none"), ("qlora", "nf4"))


@dataclass(frozen=True)
class Size:
    """A Llama's widths. ``tied``: the output head is the embedding."""

    name: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_value_heads: int
    vocabulary: int
    tied: bool = True


SIZES = {
    "cpu": (
        Size("30M", 384, 1024, 8, 6, 2, 49_152),
        Size("135M", 576, 1536, 30, 9, 3, 49_152),
        Size("360M", 960, 2560, 32, 15, 5, 49_152),
    ),
    "cuda": (
        Size("1.5B", 1536, 8960, 28, 12, 2, 151_936),
        Size("3B", 2048, 11_008, 36, 16, 2, 151_936),
        Size("8B", 4096, 14_336, 32, 32, 8, 128_256, tied=False),
    ),
}


def main(device: str = "cpu", runs: int = 1, options: dict[str, Any] = OPTIONS, seed: int = 5) -> None:
    print("| base | method | arithmetic, MB | dry steps, MB | whole run, MB | off by | arithmetic off by |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with TemporaryDirectory() as folder:
        data = _write_data(Path(folder) / "data.jsonl", options["max_length"], seed)
        for size in SIZES[device]:
            base = Path(folder) / size.name
            in_child("tests.benchmarks.memory_estimate", make=str(base), size=size.__dict__, device=device)
            for method, quantization in METHODS_MEASURED:
                settings = {"base": str(base), "method": method, "quantization": quantization, "data": str(data)}
                found = in_child("tests.benchmarks.memory_estimate", runs=runs, options=options, **settings)
                chosen = METHODS.get(method)
                load = Load(
                    method=chosen, quantization=quantization, options=full_options(chosen, options), device=device
                )
                _print_row(size, load, found)


def _print_row(size: Size, load: Load, found: dict[str, Any]) -> None:
    for dry, peak, plan in found["peaks"]:
        load = load.with_plan(
            tokens=plan["tokens"], checkpointed=plan["checkpoint_activations"], offloaded=plan["offload_activations"]
        )
        expected = load_memory(_model(size, found["parameters"]), load).total
        cells = [size.name, load.method.name, *(f"{one / 2**20:,.0f}" for one in (expected, dry, peak))]
        print(f"| {' | '.join(cells)} | {dry / peak - 1:+.1%} | {expected / peak - 1:+.1%} |", flush=True)
    if len(found["rests"]) > 2:
        print("between the runs, MB:", [round(one / 2**20) for one in found["rests"]], flush=True)


def _model(size: Size, parameters: int) -> BaseModel:
    return BaseModel(
        id="base", name=size.name, path="", fingerprint="", parameters=parameters, architecture="llama",
        layers=size.layers, hidden_size=size.hidden, intermediate_size=size.intermediate, vocabulary=size.vocabulary,
        heads=size.heads, key_value_heads=size.key_value_heads, context_length=2048,
    )  # fmt: skip


def _write_data(path: Path, longest: int, seed: int) -> Path:
    """Conversations of all lengths up to the window, of words that mean nothing."""
    chance = random.Random(seed)
    words = ["lamp", "ferry", "river", "bell", "dawn", "burns", "friend", "waits", "and", "the"]

    def line(role: Role) -> Turn:
        return Turn(role=role, text=" ".join(chance.choice(words) for _ in range(chance.randint(3, longest // 40))))

    talks = [
        Conversation(turns=tuple(line(role) for _ in range(chance.randint(1, 6)) for role in (Role.USER, Role.PERSONA)))
        for _ in range(24)
    ]
    path.write_bytes(dataset_bytes([(f"c{number}", one) for number, one in enumerate(talks)], 0.1, "You are a lamp."))
    return path


def child(settings: dict[str, Any]) -> None:
    if "make" in settings:
        print(json.dumps(_make(Path(settings["make"]), Size(**settings["size"]), settings["device"])))
    else:
        print(json.dumps(_measure(settings)))


def _make(folder: Path, size: Size, device: str) -> dict[str, Any]:
    """Write a base of random weights in bf16, made where it will be used."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from tests.bases import tiny_tokenizer

    tokenizer = tiny_tokenizer()
    config = LlamaConfig(
        vocab_size=size.vocabulary, hidden_size=size.hidden, intermediate_size=size.intermediate,
        num_hidden_layers=size.layers, num_attention_heads=size.heads, num_key_value_heads=size.key_value_heads,
        max_position_embeddings=2048, tie_word_embeddings=size.tied, bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {"parameters": model.num_parameters()}


class Listener:
    """Stands where the wire stands and keeps what is said about memory."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def send(self, event: msgspec.Struct) -> None:
        from studio.protocol.events import MemoryMeasured, RunEnded

        if isinstance(event, MemoryMeasured):
            self.said += [event.expected_bytes, event.plan]
        if isinstance(event, RunEnded):
            self.said.insert(1, event.peak_memory_bytes)


def _measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Train ``runs`` times on one base in this process; each run's peak of dry steps and of all."""
    from studio.engine.bases.base_loader import load_base
    from studio.engine.devices import find_device
    from studio.engine.memory import MemoryMeter

    device = find_device()
    base = load_base("base", Path(settings["base"]), settings["quantization"], device)
    meter, peaks, rests = MemoryMeter(device.kind), [], []
    for _ in range(settings["runs"]):
        rests.append(meter.used)
        peaks.append(_trained(settings, base, meter))
    rests.append(meter.used)
    return {"peaks": peaks, "rests": rests, "parameters": base.model.num_parameters()}


def _trained(settings: dict[str, Any], base: Any, meter: Any) -> tuple[Any, ...]:
    from studio.engine.forward.modes import Stage
    from studio.engine.training.training_run import TrainingRun
    from studio.protocol.commands import Train

    listener = Listener()
    with TemporaryDirectory() as folder:
        command = Train(
            job="benchmark", run_id="benchmark", method=settings["method"], options=settings["options"],
            data=settings["data"], folder=folder,
        )  # fmt: skip
        for _ in TrainingRun(command, base, Stage(base), listener, meter).work():  # type: ignore[arg-type]
            pass
    return tuple(listener.said)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].startswith("{"):
        child(json.loads(arguments[0]))
    else:
        main(
            "cuda" if "cuda" in arguments else "cpu",
            3 if "grow" in arguments else 1,
            *((OTHER, 11) if "other" in arguments else ()),
        )
