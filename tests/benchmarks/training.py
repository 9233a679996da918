"""Training speed and memory against TRL's SFTTrainer: ``python -m tests.benchmarks.training BASE [STEPS [ROUNDS]]``.

The ways take turns in processes of their own; the better speed of each counts, since a noisy machine only ever slows
down.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.material import OPTIONS, dataset, in_child


def main(base: Path, steps: int = 20, rounds: int = 2) -> None:
    with TemporaryDirectory() as folder:
        data = str(dataset(Path(folder)))
        for method, quantization in (("lora", "none"), ("qlora", "nf4")):
            compare(method, {"base": str(base), "data": data, "quantization": quantization, "steps": steps}, rounds)


def compare(method: str, shared: dict[str, Any], rounds: int) -> None:
    options = OPTIONS | {"max_steps": shared["steps"]}
    ours = {"method": method, "options": options, **shared}
    theirs = {"options": options, **shared}
    found: dict[str, list[dict[str, Any]]] = {"studio": [], "trl defaults": []}
    for _ in range(rounds):
        found["studio"].append(in_child("tests.benchmarks.our_training", **ours))
        found["trl defaults"].append(in_child("tests.benchmarks.trl_training", way="defaults", **theirs))
    best = {name: max(runs, key=lambda run: run["tokens_per_second"]) for name, runs in found.items()}
    studio, peer = best["studio"], best["trl defaults"]
    report = {
        "method": method,
        "steps": shared["steps"],
        "tokens_per_second": {name: round(run["tokens_per_second"], 1) for name, run in best.items()},
        "peak_gigabytes": {name: round(run["peak_memory_bytes"] / 1e9, 2) for name, run in best.items()},
        "heldout_loss": {name: round(run["heldout_nll_adapter"], 4) for name, run in best.items()},
        "speed_ratio": round(studio["tokens_per_second"] / peer["tokens_per_second"], 2),
        "memory_ratio": round(studio["peak_memory_bytes"] / peer["peak_memory_bytes"], 2),
        "loss_ratio": round(studio["heldout_nll_adapter"] / peer["heldout_nll_adapter"], 4),
    }
    print(json.dumps(report, indent=2), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
