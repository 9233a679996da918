"""What every benchmark works on: a base folder, a dataset file, and a child process whose peak memory is its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from studio.importers import read_paths
from studio.paths import sample_data
from studio.protocol.dataset_file import dataset_bytes

OPTIONS: dict[str, Any] = {
    "rank": 16,
    "alpha": 32.0,
    "learning_rate": 1e-3,
    "scheduler": "cosine",
    "warmup_ratio": 0.06,
    "batch_size": 8,
    "epochs": 3.0,
    "max_length": 512,
    "seed": 0,
}


def dataset(folder: Path, persona: str = "brother_oswin") -> Path:
    """Write the dataset file of a sample persona and return its path."""
    plan = read_paths([sample_data() / "personas" / persona])
    spoken = [one for item in plan.items for one in item.conversations if "greeting" not in one.tags]
    prompt = next(item.card.system_prompt for item in plan.items if item.card)
    keyed = [(f"c{number}", one) for number, one in enumerate(spoken)]
    path = folder / f"{persona}.jsonl"
    path.write_bytes(dataset_bytes(keyed, 0.1, prompt))
    return path


def in_child(module: str, **settings: object) -> dict[str, Any]:
    """Run ``python -m module SETTINGS`` and return the JSON document that it prints last."""
    done = subprocess.run(
        [sys.executable, "-m", module, json.dumps(settings)],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        text=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]
