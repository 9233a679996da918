"""A token step while another program wants the cores: ``python -m tests.benchmarks.chat_beside_others BASE [seconds]``.

One and eight columns, alone and then beside a process that multiplies matrices on as many threads; milliseconds of a
step, and how many products a second the other program still got. The last line is JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

import torch

from studio.engine.bases.base_loader import LoadedBase, load_base
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.devices import find_device
from studio.engine.rack.adapter_files import read_adapter
from tests.benchmarks.chat_speed import ADAPTERS, COLUMNS, GREEDY
from tests.benchmarks.rack import prompt, random_adapter

STEPS, WAYS = 40, ("columns_1", "columns_8")
OTHER = """
import pathlib, sys, time, torch
torch.set_num_threads(int(sys.argv[1]))
enough, matrix, count, started = pathlib.Path(sys.argv[2]), torch.randn(768, 768), 0, time.time()
print("begun", flush=True)
while not enough.exists():
    (matrix @ matrix).relu_()
    count += 1
print(count / (time.time() - started))
"""


def main(path: Path, seconds: float) -> None:
    base, threads = load_base("base", path, "none", find_device()), torch.get_num_threads()
    with TemporaryDirectory() as folder:
        for number in range(ADAPTERS):
            base.rack.hang(str(number), read_adapter(random_adapter(base, Path(folder) / f"a{number}", number)))
    found: dict[str, float] = {"threads": threads} | phase(base, "alone", seconds)
    with other(threads) as products:
        time.sleep(seconds)
    found["products a second, the other alone"] = products[0]
    with other(threads) as products:
        found |= phase(base, "beside", seconds)
    found["products a second, beside"] = products[0]
    print(json.dumps({name: round(value, 1) for name, value in found.items()}, indent=2))


@contextmanager
def other(threads: int) -> Iterator[list[float]]:
    """Another program, which multiplies as long as it is left; its products a second are told in the end."""
    found: list[float] = []
    with TemporaryDirectory() as folder:
        enough = Path(folder) / "enough"
        command = [sys.executable, "-c", OTHER, str(threads), str(enough)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        try:
            yield found
        finally:
            enough.touch()
            found.append(float(process.communicate()[0]))


def phase(base: LoadedBase, name: str, seconds: float) -> dict[str, float]:
    """Mean, median and longest step of both ways, in turns."""
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for way in WAYS:
        steps(base, way)
    started = time.perf_counter()
    while time.perf_counter() < started + seconds:
        for way in WAYS:
            times[way] += steps(base, way)
    kinds = {"mean": fmean, "median": median, "longest": max}
    return {f"{way}, {name}, {kind}": of(found) for way, found in times.items() for kind, of in kinds.items()}


def steps(base: LoadedBase, way: str) -> list[float]:
    rows, times = COLUMNS[way], []
    base.rack.show(rows)
    batch = DecodingBatch(base, [prompt(base)] * len(rows), [GREEDY] * len(rows), [0] * len(rows))
    batch.advance()
    for _ in range(STEPS):
        started = time.perf_counter()
        batch.advance()
        times.append((time.perf_counter() - started) * 1000)
    base.rack.open_gates()
    return times


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 6.0)
