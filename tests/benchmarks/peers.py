"""The peers of the chat's speed: llama.cpp through xllamacpp (installed for this alone), and PEFT's mixed batch."""

import json
import multiprocessing
import statistics
import time
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from studio.engine.bases.base_loader import LoadedBase


class LlamaCpp:
    """A GGUF file in llama.cpp, one answer after another. ``pip install xllamacpp`` first.

    In a process of its own: OpenMP's threads sleep between loops when a process has more of them than cores, and then
    everybody in it takes twice as long.
    """

    def __init__(self, gguf: Path, threads: int) -> None:
        if find_spec("xllamacpp") is None:
            raise SystemExit("llama.cpp is compared through xllamacpp: pip install xllamacpp")
        spawned = multiprocessing.get_context("spawn")
        self._asked, there = spawned.Pipe()
        spawned.Process(target=_answer, args=(there, gguf, threads), daemon=True).start()

    def token_seconds(self, prompt: str, tokens: int) -> float:
        """Seconds for a token of one answer, its prompt not counted."""
        self._asked.send((prompt, tokens))
        return float(self._asked.recv())


def _answer(asked: Connection, gguf: Path, threads: int) -> None:
    import xllamacpp

    options = xllamacpp.CommonParams()
    options.model.path = str(gguf)
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = threads
    options.n_ctx, options.n_parallel, options.verbosity = 2048, 1, -1
    server = xllamacpp.Server(options)
    while True:
        prompt, tokens = asked.recv()
        found = server.handle_completions(
            {"prompt": prompt, "max_tokens": tokens, "temperature": 0, "ignore_eos": True, "cache_prompt": False}
        )
        timings = (found if isinstance(found, dict) else json.loads(found))["timings"]
        asked.send(float(timings["predicted_ms"]) / float(timings["predicted_n"]) / 1000)


class PeftMixed:
    """PEFT's mixed batch (``adapter_names``) and its ``set_adapter``, on a base of its own in memory."""

    def __init__(self, base: LoadedBase, folders: list[Path]) -> None:
        from peft import PeftModel

        self._base = base
        started = time.perf_counter()
        self._model: Any = PeftModel.from_pretrained(base.model, folders[0], adapter_name="a0")
        for number, folder in enumerate(folders[1:], start=1):
            self._model.load_adapter(folder, adapter_name=f"a{number}")
        self.load_seconds = (time.perf_counter() - started) / len(folders)
        self._model.to(base.device.compute_dtype).eval()

    @torch.inference_mode()
    def step_seconds(self, prompt: list[int], names: list[str], tokens: int) -> float:
        """Median seconds of a step of these rows."""
        ids, cache, times = torch.tensor([prompt] * len(names)), None, []
        for _ in range(tokens):
            started = time.perf_counter()
            found = self._model(
                input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1, adapter_names=names
            )
            cache, ids = found.past_key_values, found.logits[:, -1:].argmax(dim=-1)
            times.append(time.perf_counter() - started)
        return statistics.median(times[1:])

    def swap_seconds(self, swaps: int = 20) -> float:
        """Median seconds of ``set_adapter``."""
        times = []
        for number in range(swaps):
            started = time.perf_counter()
            self._model.set_adapter(f"a{number % 2}")
            times.append(time.perf_counter() - started)
        return statistics.median(times)
