"""First paint of the real window, from the start of its process: ``python -m tests.benchmarks.first_paint``.

The window's own measurement, printed by the program itself; several starts, since the first one reads from the disk.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from studio.gui.app import PRINT_FIRST_PAINT
from studio.services.studio import Studio

STARTS = 7


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        _fill(library)
        seconds = [_start(library) for _ in range(STARTS)]
    print(json.dumps({"seconds": seconds, "median": statistics.median(seconds), "worst": max(seconds)}))


def _fill(library: Path) -> None:
    studio = Studio.open(library, deliver=lambda call: call())
    studio.samples.import_all()
    studio.settings.set("first_start_done", True)
    studio.close()


def _start(library: Path) -> float:
    environment = os.environ | {
        PRINT_FIRST_PAINT: "1",
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
    }
    window = subprocess.Popen(
        [sys.executable, "-m", "studio", "--library", str(library)], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert window.stdout is not None
    try:
        line = next(line for line in window.stdout if line.startswith("first paint after"))
    finally:
        window.terminate()
        window.wait()
    return float(line.split()[3])


if __name__ == "__main__":
    main()
