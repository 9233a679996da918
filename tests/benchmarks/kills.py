"""Exact resume, the long way: every life a fresh interpreter, every end a real kill, then compared byte for byte.

    python -m tests.benchmarks.kills [--base tiny|starter] [--method lora|qlora] [--kills 20] [--seed 0] \\
        [--dropout 0.1] [--optimizer adamw|paged_adamw_8bit]

The quick form of the same, with forked processes, runs with the tests (``tests/engine/test_kills.py``).
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from studio.protocol.events import RunEnded, StepDone
from tests.bases import starter_base_folder, write_tiny_base
from tests.engine.killed_training import Life
from tests.engine.kills import differences, killed, launcher, undisturbed
from tests.engine.rig import ferry_data

STEPS = {"tiny": 60, "starter": 30}


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", choices=sorted(STEPS), default="tiny")
    parser.add_argument("--method", choices=["lora", "qlora"], default="lora")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dropout", type=float, default=0.1, help="0 takes the fast layers")
    parser.add_argument("--optimizer", choices=["adamw", "paged_adamw_8bit"], default="adamw")
    return parser.parse_args()


def _life(place: Path, name: str, base: Path, wishes: argparse.Namespace) -> Life:
    folder = place / name
    folder.mkdir()
    return Life(
        base=str(base), data=str(place / "data"), folder=str(folder), told=str(folder / "told"), resume=False,
        options={
            "dropout": wishes.dropout, "batch_size": 4, "epochs": 1000, "max_steps": STEPS[wishes.base],
            "optimizer": wishes.optimizer, "keep_best": True,
        },
        method=wishes.method, quantization="nf4" if wishes.method == "qlora" else "none", micro_batch_tokens=256,
    )  # fmt: skip


def _base(place: Path, name: str) -> Path:
    if name == "starter":
        return starter_base_folder()
    write_tiny_base(place / "tiny")
    return place / "tiny"


def main() -> int:
    """Print where the kills fell and whether anything differs; the exit code says the latter."""
    wishes = _wishes()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        base = _base(place, wishes.base)
        ferry_data(place / "data", count=18, heldout=2)
        whole, parts = _life(place, "whole", base, wishes), _life(place, "parts", base, wishes)
        started = time.monotonic()
        with launcher(place / "log", fresh=True) as way:
            told = undisturbed(way, whole)
            found = killed(way, parts, wishes.kills, STEPS[wishes.base], wishes.seed)
        unequal = differences(Path(whole.folder), Path(parts.folder), told, found.told)
    fell = ", ".join(f"{count} {where}" for where, count in Counter(found.fell).most_common())
    steps = sum(isinstance(event, StepDone) for event in found.told.events)
    (end,) = [event for event in told.events if isinstance(event, RunEnded)]
    print(
        f"{wishes.base} base, {wishes.method}: {len(found.fell)} kills ({fell}) in {time.monotonic() - started:.0f} s"
    )
    print(f"{end.step} steps; {steps} computed with those that were lost and done again")
    print("adapter, optimizer state, standing and every loss: " + ("; ".join(unequal) or "equal to the byte"))
    return bool(unequal)


if __name__ == "__main__":
    sys.exit(main())
