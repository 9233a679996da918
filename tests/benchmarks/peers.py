"""The peers of the chat's speed: llama.cpp through xllamacpp (installed for this alone), and PEFT's mixed batch."""

import json
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from studio.engine.bases.base_loader import LoadedBase


class LlamaCpp:
    """A GGUF file in llama.cpp, one answer after another. ``pip install xllamacpp`` first."""

    def __init__(self, gguf: Path, threads: int) -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise SystemExit("llama.cpp is compared through xllamacpp: pip install xllamacpp") from error
        options = xllamacpp.CommonParams()
        options.model.path = str(gguf)
        options.cpuparams.n_threads = options.cpuparams_batch.n_threads = threads
        options.n_ctx, options.n_parallel, options.verbosity = 2048, 1, -1
        self._server = xllamacpp.Server(options)

    def token_seconds(self, prompt: str, tokens: int) -> float:
        """Seconds for a token of one answer, its prompt not counted."""
        found = self._server.handle_completions(
            {"prompt": prompt, "max_tokens": tokens, "temperature": 0, "ignore_eos": True, "cache_prompt": False}
        )
        timings = (found if isinstance(found, dict) else json.loads(found))["timings"]
        return float(timings["predicted_ms"]) / float(timings["predicted_n"]) / 1000


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
