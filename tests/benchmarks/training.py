"""Training speed and memory against TRL's SFTTrainer: ``python -m tests.benchmarks.training BASE [STEPS [ROUNDS]]``.

The ways take turns in processes of their own; the better speed of each counts, since a noisy machine only ever slows
down. Packed rows are whole windows, so a packed step reads several times as much; four of them say how fast it is, and
its loss after so few is not compared.
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
    found: dict[str, list[dict[str, Any]]] = {"studio": [], **{f"trl {way}": [] for way in WAYS[method]}}
    for _ in range(rounds):
        found["studio"].append(in_child("tests.benchmarks.our_training", **ours))
        for way in WAYS[method]:
            steps = PACKED_STEPS if way == "packed" else shared["steps"]
            found[f"trl {way}"].append(in_child("tests.benchmarks.trl_training", way=way, **theirs | {"steps": steps}))
            print(way, found[f"trl {way}"][-1], file=sys.stderr, flush=True)
    best = {name: max(runs, key=lambda run: run["tokens_per_second"]) for name, runs in found.items()}
    print(json.dumps(_report(method, shared["steps"], best), indent=2), flush=True)


WAYS = {"lora": ("defaults", "packed"), "qlora": ("defaults",)}
PACKED_STEPS = 4


def _report(method: str, steps: int, best: dict[str, dict[str, Any]]) -> dict[str, Any]:
    studio, peers = best["studio"], [name for name in best if name != "studio"]
    return {
        "method": method,
        "steps": steps,
        "tokens_per_second": {name: round(run["tokens_per_second"], 1) for name, run in best.items()},
        "peak_gigabytes": {name: round(run["peak_memory_bytes"] / 1e9, 2) for name, run in best.items()},
        "heldout_loss": {name: round(run["heldout_nll_adapter"], 4) for name, run in best.items()},
        "speed_ratio": {name: _ratio("tokens_per_second", studio, best[name], 2) for name in peers},
        "memory_ratio": {name: _ratio("peak_memory_bytes", studio, best[name], 2) for name in peers},
        "loss_ratio": {name: _ratio("heldout_nll_adapter", studio, best[name], 4) for name in peers},
    }


def _ratio(figure: str, ours: dict[str, Any], theirs: dict[str, Any], digits: int) -> float:
    return round(ours[figure] / theirs[figure], digits)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
