"""The rack against PEFT on one base: ``python -m tests.benchmarks.rack BASE [none|nf4]``.

Swap of a resident adapter, loading from disk, and decoding four rows (base and three adapters) against one row and
against PEFT's mixed batch (``adapter_names``). All ways take turns within one run; medians of the turns are compared.
"""

import json
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from peft import LoraConfig, PeftModel

from studio.engine.bases.base_loader import LoadedBase, load_base, weight_shape
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.devices import find_device
from studio.engine.rack.adapter_files import plain_config, read_adapter, write_adapter
from studio.protocol.commands import Message, Sampling

RANK, ADAPTERS, TOKENS, ROUNDS, SWAPS = 16, 3, 24, 7, 200


def main(path: Path, quantization: str) -> None:
    base = load_base("base", path, quantization, find_device())
    with TemporaryDirectory() as folder:
        folders = [random_adapter(base, Path(folder) / f"a{number}", number) for number in range(ADAPTERS)]
        report = {"base": path.name, "quantization": quantization} | rack_figures(base, folders)
        report |= peft_figures(base, folders, report["rows_4_ms"])
    print(json.dumps(report, indent=2))


def random_adapter(base: LoadedBase, folder: Path, seed: int) -> Path:
    """Write a rank-16 adapter on all linear layers with weights that visibly change what is said."""
    chance = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, layer in base.linears.items():
        d_out, d_in = weight_shape(layer)
        tensors[f"base_model.model.{name}.lora_A.weight"] = torch.randn(RANK, d_in, generator=chance) / d_in**0.5
        tensors[f"base_model.model.{name}.lora_B.weight"] = torch.randn(d_out, RANK, generator=chance) * 0.02
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=base.linear_names, task_type="CAUSAL_LM")
    write_adapter(folder, tensors, plain_config(config, "base"))
    return folder


def rack_figures(base: LoadedBase, folders: list[Path]) -> dict[str, Any]:
    loading = []
    for number, folder in enumerate(folders):
        started = time.perf_counter()
        base.rack.hang(str(number), read_adapter(folder))
        base.rack.gate([{str(number): 1.0}])
        loading.append(time.perf_counter() - started)
    one_row = [{"0": 1.0}]
    four_rows: list[dict[str, float]] = [{}, {"0": 1.0}, {"1": 1.0}, {"2": 1.0}]
    ones, fours, bases = [], [], []
    for _ in range(ROUNDS):
        bases.append(token_seconds(base, [{}]))
        ones.append(token_seconds(base, one_row))
        fours.append(token_seconds(base, four_rows))
    return {
        "load_from_disk_ms": round(statistics.median(loading) * 1000, 1),
        "swap_ms": round(swap_seconds(base) * 1000, 4),
        "base_alone_ms": round(statistics.median(bases) * 1000, 2),
        "rows_1_ms": round(statistics.median(ones) * 1000, 2),
        "rows_4_ms": round(statistics.median(fours) * 1000, 2),
        "rows_4_to_1": round(statistics.median(fours) / statistics.median(ones), 3),
    }


def swap_seconds(base: LoadedBase) -> float:
    base.rack.gate([{"0": 1.0}, {"1": 1.0}])
    times = []
    for number in range(SWAPS):
        started = time.perf_counter()
        base.rack.gate([{str(number % 2): 1.0}])
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def token_seconds(base: LoadedBase, rows: list[dict[str, float]]) -> float:
    base.rack.gate(rows)
    batch = DecodingBatch(base, [prompt(base)] * len(rows), [Sampling(temperature=0)] * len(rows), [0] * len(rows))
    times = []
    for _ in range(TOKENS):
        started = time.perf_counter()
        batch.advance()
        times.append(time.perf_counter() - started)
    base.rack.open_gates()
    return statistics.median(times[1:])


def peft_figures(base: LoadedBase, folders: list[Path], rack_ms: float) -> dict[str, Any]:
    """PEFT's mixed batch and ``set_adapter`` on the very same base and adapters."""
    started = time.perf_counter()
    model = PeftModel.from_pretrained(base.model, folders[0], adapter_name="a0")
    for number, folder in enumerate(folders[1:], start=1):
        model.load_adapter(folder, adapter_name=f"a{number}")
    loading = (time.perf_counter() - started) / len(folders)
    model.to(base.device.compute_dtype).eval()
    mixed = statistics.median([mixed_seconds(base, model) for _ in range(ROUNDS)])
    swaps = []
    for number in range(20):
        started = time.perf_counter()
        model.set_adapter(f"a{number % len(folders)}")
        swaps.append(time.perf_counter() - started)
    return {
        "peft_load_from_disk_ms": round(loading * 1000, 1),
        "peft_swap_ms": round(statistics.median(swaps) * 1000, 2),
        "peft_mixed_rows_4_ms": round(mixed * 1000, 2),
        "peft_to_rack": round(mixed * 1000 / rack_ms, 2),
    }


@torch.no_grad()
def mixed_seconds(base: LoadedBase, model: Any) -> float:
    ids = torch.tensor([prompt(base)] * 4)
    cache, names, times = None, ["__base__", "a0", "a1", "a2"], []
    for _ in range(TOKENS):
        started = time.perf_counter()
        found = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1, adapter_names=names)
        cache, ids = found.past_key_values, found.logits[:, -1:].argmax(dim=-1)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def prompt(base: LoadedBase) -> list[int]:
    return base.template.prompt_ids([Message(role="user", text="Tell me what you see from the window.")])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none")
