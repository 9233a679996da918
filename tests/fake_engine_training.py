"""The fake engine's training: steps, curves, samples, checkpoints and adapters that behave like the real ones.

``FAKE_ENGINE_TROUBLE`` gives the curves of a run that goes wrong: ``overfit`` (held-out loss turns and samples are
copied), ``forgetting`` (the neutral loss rises), ``dead`` (nothing is learned).
"""

import json
import math
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.protocol import commands, events
from studio.protocol.dataset_file import read_dataset
from tests.fake_engine_work import FakeFailure, reply_words, write_adapter, write_base

TROUBLE = os.environ.get("FAKE_ENGINE_TROUBLE", "")


CONDITIONS: dict[str, object] = {
    "device": "Imaginary processor", "python": "3.11.9", "torch": "2.13.0", "transformers": "5.23.0", "peft": "0.21.2",
    "bitsandbytes": "0.50.2", "micro_batch_tokens": 2048, "checkpoint_activations": False,
}  # fmt: skip


def nll(label: str, adapter_id: str) -> float:
    """A loss that is low where the adapter belongs to the lines."""
    return round(3.1 + random.Random(f"{label}|{adapter_id}").uniform(-0.3, 0.1) - (0.7 if adapter_id else 0.0), 4)


class FakeTraining:
    """One run. ``wish`` is set from outside: ``paused`` or ``stopped``; ``wants`` collects ``sample`` and ``save``."""

    def __init__(self, command: commands.Train, *, rest: Callable[[float], None]) -> None:
        self.wish = ""
        self.wants: list[str] = []
        self._command = command
        self._rest = rest
        self._options = command.options
        self._folder = Path(command.folder)
        self._seed = str(command.options.get("seed", 0))

    def work(self) -> Iterator[events.AnyEvent]:
        """Yield the events of the whole run, in the order in which the real engine tells them."""
        run, job = self._command.run_id, self._command.job
        self._measure_data()
        step = self._resume_step() if self._command.resume else 0
        yield events.Progress(job=job, what="checking", done=1, total=1)
        yield events.TrainingStarted(
            job=job, run_id=run, step=step, total_steps=self._total, trained_tokens=self._trained, tokens=self._tokens,
            heldout_tokens=500, trainable_parameters=4_884_480, quantization="nf4", conditions=CONDITIONS,
        )  # fmt: skip
        yield self._memory()
        if step == 0:
            yield events.Progress(job=job, what="evaluating", done=0, total=1)
            self._rest(3)
            yield self._told(0, "run_began", device="Imaginary processor")
            yield from self._measured(0)
            yield from self._samples(0)
        else:
            yield self._told(step, "run_resumed", at=step)
        every = max(1, self._total // 5)
        while step < self._total and not self.wish:
            step += 1
            self._rest(1)
            yield self._step(step)
            yield from self._wanted(step)
            if step % every == 0 and step < self._total:
                yield from self._measured(step)
                yield from self._samples(step)
                if TROUBLE != "dead" and (TROUBLE != "overfit" or step <= self._total // 2):
                    yield self._told(step, "run_new_best", loss=f"{self._heldout(step).loss:.3f}")
                yield self._checkpoint(step)
        yield from self._end(step)

    def _measure_data(self) -> None:
        rows = list(read_dataset(Path(self._command.data)))
        train = [row for row in rows if not row.heldout]
        learned = [turn for row in train for turn in row.turns if turn.role == "assistant" and turn.train]
        if not learned:
            raise FakeFailure("nothing_to_train")
        self._trained = sum(len(turn.text) // 4 + 2 for turn in learned)
        self._tokens = sum(len(turn.text) // 4 + 6 for row in train for turn in row.turns)
        batch, epochs = int(str(self._options.get("batch_size", 8))), float(str(self._options.get("epochs", 3)))
        self._total = max(1, math.ceil(len(train) / batch * epochs))
        if most := int(str(self._options.get("max_steps", 0))):
            self._total = min(self._total, most)

    def _loss(self, step: int) -> float:
        if TROUBLE == "dead":
            return 3.2
        noise = random.Random(f"{self._seed}:{step}").uniform(-0.08, 0.08)
        return 1.9 + 1.3 * math.exp(-4 * step / self._total) + noise

    def _heldout(self, step: int, side: str = "heldout") -> events.HeldOutMeasured:
        share = step / self._total
        if side == "neutral":
            loss = 2.6 + (0.9 if TROUBLE == "forgetting" else 0.02) * share
        else:
            loss = 3.15 if TROUBLE == "dead" else 2.2 + 0.95 * math.exp(-4 * share)
            loss += 0.8 * max(0.0, share - 0.4) if TROUBLE == "overfit" else 0.0
        tokens = 300 if side == "neutral" else 500
        return events.HeldOutMeasured(
            job=self._command.job, run_id=self._command.run_id, step=step, loss=loss, tokens=tokens, side=side,
            extra=self._choices(step) if side == "heldout" else {},
        )  # fmt: skip

    def _choices(self, step: int) -> dict[str, float]:
        """What a preference training measures of its held-out pairs; the base alone prefers nothing."""
        if self._command.method != "dpo" or not step:
            return {}
        share = step / self._total
        return {
            "preference_loss": 0.693 * math.exp(-1.2 * share), "preference_accuracy": 0.5 + 0.4 * share,
            "preference_margin": 1.1 * share,
        }  # fmt: skip

    def _measured(self, step: int) -> Iterator[events.AnyEvent]:
        yield self._heldout(step)
        if self._command.neutral:
            yield self._heldout(step, "neutral")

    def _samples(self, step: int, *, wished: bool = False) -> Iterator[events.AnyEvent]:
        """An answer to every probe; it sounds like the persona after the first checkpoint."""
        copied = 0.7 * step / self._total if TROUBLE == "overfit" else 0.0
        for probe in self._command.probes:
            gates = [commands.Gate(adapter_id=f"{self._command.run_id}@{step}", path="", base_fingerprint="")]
            row = commands.Row(messages=probe.messages, gates=gates if step else [], seed=probe.seed)
            asked = [message.text for message in probe.messages if message.role == "user"]
            self._rest(1)
            yield events.SampleWritten(
                job=self._command.job, run_id=self._command.run_id, step=step, key=probe.key,
                prompt=asked[-1] if asked else "", text="".join(reply_words(row)).strip(), seed=probe.seed,
                copied=copied, wished=wished,
            )  # fmt: skip

    def _wanted(self, step: int) -> Iterator[events.AnyEvent]:
        wants, self.wants = self.wants, []
        if "sample" in wants:
            yield from self._samples(step, wished=True)
        if "save" in wants:
            yield self._checkpoint(step)
            yield self._told(step, "run_saved")

    def _memory(self) -> events.MemoryMeasured:
        plan: dict[str, object] = {
            "micro_batch_tokens": 2048, "checkpoint_activations": False, "max_length": 1024,
            "offload_activations": False, "tokens": 2048,
        }  # fmt: skip
        return events.MemoryMeasured(
            job=self._command.job, run_id=self._command.run_id, peak_bytes=1150 * 2**20, available_bytes=16 * 2**30,
            plan=plan,
        )  # fmt: skip

    def _told(self, step: int, code: str, weight: str = "info", **details: object) -> events.RunTold:
        job, run = self._command.job, self._command.run_id
        return events.RunTold(job=job, run_id=run, step=step, code=code, details=details, weight=weight)

    def _step(self, step: int) -> events.StepDone:
        share = step / self._total
        return events.StepDone(
            job=self._command.job, run_id=self._command.run_id, step=step,
            epoch=share * float(str(self._options.get("epochs", 3))), loss=self._loss(step),
            learning_rate=float(str(self._options.get("learning_rate", 2e-4))) * 0.5 * (1 + math.cos(math.pi * share)),
            gradient_norm=1e-9 if TROUBLE == "dead" else 1.2 - 0.6 * share, tokens=self._tokens * step // self._total,
            trained_tokens=self._trained * step // self._total, seconds=step * 0.05, tokens_per_second=150.0,
            memory_bytes=1100 * 2**20, temperature=61.0 + round(9 * share, 1) if self._on_card else 0.0,
        )  # fmt: skip

    def _checkpoint(self, step: int) -> events.CheckpointSaved:
        folder = self._folder / "checkpoints" / f"step-{step:06d}"
        write_adapter(folder, self._rank, self._alpha)
        (folder / "state.json").write_text(json.dumps({"step": step}), encoding="utf-8")
        return events.CheckpointSaved(job=self._command.job, run_id=self._command.run_id, step=step, path=str(folder))

    def _resume_step(self) -> int:
        found = sorted((self._folder / "checkpoints").glob("step-*/state.json"))
        return int(json.loads(found[-1].read_text(encoding="utf-8"))["step"]) if found else 0

    @property
    def _on_card(self) -> bool:
        return os.environ.get("FAKE_ENGINE_DEVICE") == "cuda"

    @property
    def _rank(self) -> int:
        return int(str(self._options.get("rank", 16)))

    @property
    def _alpha(self) -> float:
        return float(str(self._options.get("alpha", 32)))

    def _end(self, step: int) -> Iterator[events.AnyEvent]:
        yield self._checkpoint(step)
        outcome = self.wish or "finished"
        adapter = self._folder / "adapter"
        after = None
        if outcome != "paused":
            write_base(adapter) if self._command.method == "full" else write_adapter(adapter, self._rank, self._alpha)
            after = self._heldout(step).loss
            yield from self._measured(step)
            yield from self._samples(step)
        yield events.RunEnded(
            job=self._command.job, run_id=self._command.run_id, outcome=outcome, step=step,
            adapter=str(adapter) if outcome != "paused" else "", seconds=step * 0.05,
            tokens=self._tokens * step // self._total, trained_tokens=self._trained * step // self._total,
            tokens_per_second=150.0, peak_memory_bytes=1150 * 2**20, heldout_nll_base=self._heldout(0).loss,
            heldout_nll_adapter=after,
        )  # fmt: skip
