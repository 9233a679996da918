"""The chat against PEFT and llama.cpp: ``python -m tests.benchmarks.chat_speed BASE [GGUF] [threads] [rounds]``.

One run, all ways in turns, medians (and the fastest turn; columns are compared turn by turn): a token step with 1,
4 (base and three adapters) and 8 columns (base and seven adapters; base, three adapters at two strengths and a blend),
rank 16 on all linear layers; four columns of a LoRA, a DoRA, an IA³ and learned tokens; PEFT's mixed batch for base and
three adapters; swap of a resident adapter; the first use of one from disk; the second turn of a chat of 2,000 tokens;
and, where a GGUF file of the same model is named, llama.cpp answering one after the other on as many threads.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import torch

from studio.engine.bases.base_loader import LoadedBase, load_base
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.kept_rows import VoiceKey
from studio.engine.chat.speaking_base import speaking
from studio.engine.devices import find_device
from studio.engine.rack.adapter_files import AdapterFactors, read_adapter
from studio.protocol.commands import Sampling
from tests.benchmarks.peers import LlamaCpp, PeftMixed
from tests.benchmarks.rack import prompt, random_adapter
from tests.engine.rig import scaling_factors

ADAPTERS, TOKENS, SWAPS = 7, 10, 200
OFTEN = 6
"""Turns of the columns for each of the peers', which take longer; those of one turn lie within a second."""

LONG = 2000
TEXT = "<|im_start|>user\nTell me what you see from the window.<|im_end|>\n<|im_start|>assistant\n"
GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0)
COLUMNS: dict[str, list[dict[str, float]]] = {
    "base_alone": [{}],
    "columns_1": [{"0": 1.0}],
    "columns_4": [{}, {"0": 1.0}, {"1": 1.0}, {"2": 1.0}],
    "columns_8": [{}, *({str(number): 1.0} for number in range(ADAPTERS))],
    "columns_8_sweep": [
        {},
        *({str(number): strength} for number in range(3) for strength in (0.5, 1.0)),
        {"0": 0.5, "1": 0.5},
    ],
    "columns_4_kinds": [{"0": 1.0}, {"dora": 1.0}, {"ia3": 1.0}, {"tokens": 1.0}],
}


def main(path: Path, gguf: Path | None, threads: int, rounds: int) -> None:
    torch.set_num_threads(threads)
    base, other = (load_base("base", path, "none", find_device()) for _ in range(2))
    with TemporaryDirectory() as folder:
        folders = [random_adapter(base, Path(folder) / f"a{number}", number) for number in range(ADAPTERS)]
        report: dict[str, object] = {"base": path.name, "threads": threads, "rounds": rounds}
        report["decoder"] = type(speaking(base).decoder).__name__
        report |= loading(base, folders)
        hang_other_kinds(base, folders[0])
        peft, llama = PeftMixed(other, folders[:3]), LlamaCpp(gguf, threads) if gguf else None
        report |= in_turns(base, peft, llama, rounds)
        report |= {"swap_ms": swap_ms(base), "peft_swap_ms": round(peft.swap_seconds() * 1000, 2)}
        report |= {"peft_load_ms": round(peft.load_seconds * 1000, 1)} | second_turn(base)
    print(json.dumps(report, indent=2))


def loading(base: LoadedBase, folders: list[Path]) -> dict[str, float]:
    """From the file to a row that is ready to be read."""
    times = []
    for number, folder in enumerate(folders):
        started = time.perf_counter()
        base.rack.hang(str(number), read_adapter(folder))
        base.rack.gate([{str(number): 1.0}])
        ready(base)
        times.append(time.perf_counter() - started)
    return {"first_use_from_disk_ms": round(statistics.median(times) * 1000, 1)}


def hang_other_kinds(base: LoadedBase, folder: Path) -> None:
    """A DoRA, an IA³, and 20 learned tokens."""
    base.rack.hang("dora", scaling_factors(base, "dora", read_adapter(folder)))
    base.rack.hang("ia3", scaling_factors(base, "ia3", AdapterFactors()))
    base.rack.hang("tokens", AdapterFactors(tokens=0.05 * torch.randn(20, base.model.config.hidden_size)))


def ready(base: LoadedBase) -> None:
    decoder = speaking(base).decoder
    if decoder is not None:
        decoder.factors(base.rack)


def in_turns(base: LoadedBase, peft: PeftMixed, llama: LlamaCpp | None, rounds: int) -> dict[str, object]:
    """Milliseconds of a step, and how they compare."""
    ways: dict[str, Callable[[], float]] = {
        "peft_mixed_4": lambda: peft.step_seconds(prompt(base), ["__base__", "a0", "a1", "a2"], TOKENS)
    }
    if llama is not None:
        ways["llama_cpp_1"] = lambda: llama.token_seconds(TEXT, TOKENS)
    times: dict[str, list[float]] = {name: [] for name in (*COLUMNS, *ways)}
    order = Random(0)
    for _ in range(rounds):
        for name in [name for _ in range(OFTEN) for name in order.sample(sorted(COLUMNS), len(COLUMNS))]:
            times[name].append(step_seconds(base, COLUMNS[name]) * 1000)
        for name, way in ways.items():
            times[name].append(way() * 1000)
    return figures(times)


def figures(times: dict[str, list[float]]) -> dict[str, object]:
    """Medians, and how the ways compare: columns by turns, since memory may be faster at one time than at another."""
    medians = {name: statistics.median(found) for name, found in times.items()}
    found: dict[str, object] = {f"{name}_ms": round(median, 2) for name, median in medians.items()}
    found |= {f"{name}_fastest_ms": round(min(each), 2) for name, each in times.items()}
    for name in ("columns_4", "columns_8", "columns_8_sweep"):
        shares = [one / other for one, other in zip(times[name], times["columns_1"], strict=True)]
        lower, middle, upper = (round(share, 3) for share in statistics.quantiles(shares, n=4))
        found |= {f"{name}_to_1": middle, f"{name}_to_1_half_of_turns": [lower, upper]}
    found["peft_to_columns_4"] = round(medians["peft_mixed_4"] / medians["columns_4"], 2)
    if "llama_cpp_1" in medians:
        theirs = medians["llama_cpp_1"]
        found["one_column_speed_to_llama_cpp"] = round(theirs / medians["columns_1"], 3)
        found["four_columns_speed_to_llama_cpp_in_turn"] = round(4 * theirs / medians["columns_4"], 3)
    return found


def step_seconds(base: LoadedBase, rows: list[dict[str, float]]) -> float:
    """Median seconds of a step of these rows, sampling included."""
    base.rack.show(rows)
    batch = DecodingBatch(base, [prompt(base)] * len(rows), [GREEDY] * len(rows), [0] * len(rows))
    batch.advance()
    times = []
    for _ in range(TOKENS):
        started = time.perf_counter()
        batch.advance()
        times.append(time.perf_counter() - started)
    base.rack.open_gates()
    return statistics.median(times)


def swap_ms(base: LoadedBase) -> float:
    base.rack.gate([{"0": 1.0}, {"1": 1.0}])
    ready(base)
    times = []
    for number in range(SWAPS):
        started = time.perf_counter()
        base.rack.gate([{str(number % 2): 1.0}])
        ready(base)
        times.append(time.perf_counter() - started)
    base.rack.open_gates()
    return round(statistics.median(times) * 1000, 4)


def second_turn(base: LoadedBase) -> dict[str, float]:
    """Seconds to the first token of the second turn of a long chat, with what is kept of the first and without."""
    ids = torch.randint(100, 4000, (LONG + 24,), generator=torch.Generator().manual_seed(0)).tolist()
    voice = VoiceKey(base=("benchmark",), adapters=(("0", 1.0),))
    rows = [{"0": 1.0}]
    without = first_token(base, ids, rows, None)
    first_token(base, ids[:LONG], rows, voice)
    kept = first_token(base, ids, rows, voice)
    return {"second_turn_ms": round(kept * 1000, 1), "second_turn_unkept_ms": round(without * 1000, 1),
            "second_turn_sooner": round(without / kept, 1)}  # fmt: skip


def first_token(base: LoadedBase, ids: list[int], rows: list[dict[str, float]], voice: VoiceKey | None) -> float:
    base.rack.show(rows)
    started = time.perf_counter()
    batch = DecodingBatch(base, [ids], [GREEDY], [0], [voice])
    batch.advance()
    found = time.perf_counter() - started
    batch.leave([0])
    base.rack.open_gates()
    return found


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None,
        int(sys.argv[3]) if len(sys.argv) > 3 else torch.get_num_threads(),
        int(sys.argv[4]) if len(sys.argv) > 4 else 5,
    )
