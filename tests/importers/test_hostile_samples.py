"""Every sample of every format, cut and mutated, and files made to explode: one process a format, watched from outside.

Each file ends in an import or a sentence within seconds, and no process ever takes more than ``PEAK_MB``.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.importers import IMPORTERS
from tests.importers.hostile_run import SAMPLES, SECONDS
from tests.importers.mutations import CUTS, MUTATIONS

PEAK_MB = 500
ROOT = Path(__file__).resolve().parents[2]


def _run(what: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.importers.hostile_run", what, str(folder)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, f"a file took longer than {SECONDS} s, or ended the process: {done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("what", [*sorted(IMPORTERS.all()), "archives"])
def test_cut_and_mutated_samples(what: str, tmp_path: Path) -> None:
    found = _run(what, tmp_path)
    samples = 2 if what == "archives" else len(list((SAMPLES / what).iterdir())) - 1
    assert not found["bugs"]
    assert found["read"] >= samples * (CUTS + MUTATIONS) > 0
    assert found["imported"], "nothing was left whole enough to be read: the mutations are too coarse"
    assert found["peak_mb"] < PEAK_MB


def test_bombs(tmp_path: Path) -> None:
    found = _run("bombs", tmp_path)
    assert not found["bugs"]
    assert found["peak_mb"] < PEAK_MB
