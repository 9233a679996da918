"""What the engine's tests are built from: a wire that listens, bases, adapters, data, and runs without a process."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import torch
from peft import LoraConfig
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from studio.engine.bases.base_loader import LoadedBase, load_base
from studio.engine.desk import Desk
from studio.engine.devices import Device
from studio.engine.forward.evaluation import mean_loss
from studio.engine.forward.modes import Mode, Stage
from studio.engine.memory import MemoryMeter
from studio.engine.rack.adapter_files import AdapterFactors, plain_config, read_adapter, write_adapter
from studio.engine.rack.dense_weight import dense_weight
from studio.engine.text.chat_encoding import Window
from studio.engine.text.preflight import encode_dataset
from studio.engine.training.checkpoints import Learner, Standing
from studio.engine.training.learning_parts import PeftLayers
from studio.engine.training.objective import ReplyObjective
from studio.engine.training.training_loop import TrainingLoop
from studio.engine.training.training_run import TrainingRun
from studio.methods.method import METHODS, TrainingOptions
from studio.protocol.codec import decode_event, encode
from studio.protocol.commands import AnyCommand, Gate, LoadBase, Message, Reply, Row, Sampling, Train
from studio.protocol.dataset_file import ConversationLine, TurnLine
from studio.protocol.events import BaseLoaded, JobFailed, RunEnded
from tests.bases import tiny_tokenizer

E = TypeVar("E")
WEIGHTS = "adapter_model.safetensors"


class Listener:
    """Stands where the wire stands; every event travels through the codec, so nothing unsendable passes."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def send(self, event: msgspec.Struct) -> None:
        self.events.append(decode_event(encode(event)))

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


def device(dtype: torch.dtype | None = None) -> Device:
    return Device(kind="cpu", name="test", memory_total=2**33, compute_dtype=dtype or torch.float32)


def loaded(folder: Path, quantization: str = "none", dtype: torch.dtype | None = None) -> LoadedBase:
    return load_base(folder.name, folder, quantization, device(dtype))


def random_adapter(
    base: LoadedBase, folder: Path, *, rank: int, alpha: float, seed: int, layers: Iterable[str] = (), **more: Any
) -> Path:
    """Write a LoRA of random factors; ``layers`` are last parts of names (all linear layers by default)."""
    chance = torch.Generator().manual_seed(seed)
    wanted = sorted(layers) or base.linear_names
    tensors = {}
    for name, layer in base.linears.items():
        if name.rpartition(".")[2] in wanted:
            sizes = {"A": (rank, layer.in_features), "B": (layer.out_features, rank)}
            for side, size in sizes.items():
                drawn = torch.randn(size, generator=chance) / size[1] ** 0.5
                tensors[f"base_model.model.{name}.lora_{side}.weight"] = drawn * more.get("size", 0.5)
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=wanted, task_type="CAUSAL_LM")  # type: ignore[arg-type]
    write_adapter(folder, tensors, plain_config(config, "test") | more.get("config", {}))
    return folder


def scaling_factors(base: LoadedBase, kind: str, factors: AdapterFactors) -> AdapterFactors:
    """These factors as a DoRA with other magnitudes than its weights have, or as an IA³ beside them."""
    chance = torch.Generator().manual_seed(7)

    def near_one(size: int) -> Tensor:
        return 1 + 0.3 * torch.randn(size, generator=chance)

    if kind == "dora":
        norms = {name: dense_weight(base.linears[name]).float().norm(dim=1) for name in factors.pairs}
        return replace(factors, magnitudes={name: one * near_one(len(one)) for name, one in norms.items()})
    sizes = {name: (int(one.in_features), int(one.out_features)) for name, one in base.linears.items()}
    return replace(
        factors,
        inputs={name: near_one(wide) for name, (wide, _) in sizes.items() if name.endswith(("o_proj", "down_proj"))},
        outputs={name: near_one(high) for name, (_, high) in sizes.items() if name.endswith(("k_proj", "v_proj"))},
    )


def write_family(kind: str, folder: Path, **sizes: int) -> Path:
    """A base of half a megabyte of another family, its norms and biases not the ones and zeros it begins with."""
    tokenizer = tiny_tokenizer()
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        kind, vocab_size=len(tokenizer), hidden_size=64, num_hidden_layers=2, head_dim=16,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.1,
        bos_token_id=None, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        **({"intermediate_size": 128} | sizes), **({} if kind == "gemma2" else {"sliding_window": None}),
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for one in model.parameters():
            if one.ndim == 1:
                one.add_(torch.randn_like(one) * 0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def hung(base: LoadedBase, **folders: Path) -> None:
    for name, folder in folders.items():
        base.rack.hang(name, read_adapter(folder))


def talk(key: str, *texts: str, heldout: bool = False, system: str = "", untrained: tuple[int, ...] = ()) -> Any:
    """A conversation in which user and persona take turns, the user first; ``untrained`` are indices of texts."""
    turns = [TurnLine(role="system", text=system)] if system else []
    turns += [
        TurnLine(role="assistant" if index % 2 else "user", text=text, train=index not in untrained)
        for index, text in enumerate(texts)
    ]
    return ConversationLine(key=key, heldout=heldout, turns=turns)


def write_data(path: Path, lines: Iterable[ConversationLine]) -> Path:
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return path


def ferry_data(path: Path, count: int = 12, heldout: int = 2) -> Path:
    """Conversations of unequal length, the last ones held out."""
    lines = [
        talk(
            f"c{number}",
            f"Who goes there, number {number}?",
            "The ferry leaves at dawn, friend. " * (1 + number % 4) + f"Bell {number}.",
            heldout=number >= count - heldout,
        )
        for number in range(count)
    ]
    return write_data(path, lines)


def ferry_windows(base: LoadedBase, place: Path, count: int = 6) -> list[Window]:
    return encode_dataset(ferry_data(place / "windows.jsonl", count, 0), base.template, 512).train


def reply_command(prompts: Iterable[tuple[str, list[Gate]]], tokens: int = 8, job: str = "reply", **more: Any) -> Reply:
    sampling = Sampling(**{"temperature": 0.0, "max_tokens": tokens} | more)
    return Reply(
        job=job,
        rows=[
            Row(messages=[Message(role="user", text=text)], gates=gates, seed=number, sampling=sampling)
            for number, (text, gates) in enumerate(prompts)
        ],
    )


def train_command(
    data: Path, folder: Path, *, method: str = "lora", resume: bool = False, job: str = "train", **options: Any
) -> Train:
    """Twelve steps on ``ferry_data`` unless told otherwise: three a pass, four passes."""
    ready = {"rank": 4, "alpha": 8.0, "learning_rate": 1e-2, "batch_size": 4, "epochs": 4} | options
    return Train(job=job, run_id="run", method=method, options=ready, data=str(data), folder=str(folder), resume=resume)


def run_training(
    base: LoadedBase,
    command: Train,
    on_unit: Callable[[TrainingRun, Listener], None] = lambda run, heard: None,
    stage: Stage | None = None,
) -> Listener:
    """Work a ``Train`` off, calling ``on_unit`` after every unit; returns what was heard."""
    heard = Listener()
    run = TrainingRun(command, base, stage or Stage(base), heard, MemoryMeter("cpu"))  # type: ignore[arg-type]
    for _ in run.work():
        on_unit(run, heard)
    return heard


class GradientRecorder(torch.optim.SGD):
    """Learns nothing; keeps the gradients of its last step."""

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        self.recorded = [one.grad.clone() for group in self.param_groups for one in group["params"]]


class Bench:
    """A base with PEFT's layers hung in as a run does it (B not zero, so that A has gradients), to look at one step."""

    def __init__(self, base: LoadedBase, windows: list[Window], *, packed: bool = False, **options: Any) -> None:
        self.base, self.stage, self.windows = base, Stage(base), windows
        self.options = TrainingOptions(**({"rank": 4, "alpha": 8.0, "batch_size": len(windows)} | options))
        torch.manual_seed(0)
        part = PeftLayers(METHODS.get("lora").peft_config(self.options, base.linear_names), base, self.stage)
        self.peft, self.parameters, self._part = part._peft, part.parameters, part
        with torch.no_grad():
            for name, one in self.parameters.items():
                if "lora_B" in name:
                    one.normal_(std=0.05)
        assert self.stage.try_packing(windows, 512) or not packed
        if not packed and self.stage._fast is not None:
            self.stage._fast.unpack()

    def leave(self) -> None:
        """Give the base back, as a run does."""
        self._part.leave()
        self.stage.dismiss()

    def gradients(self) -> list[torch.Tensor]:
        """Gradients of the first step of the loop, unclipped if the caller saw to that."""
        recorder = GradientRecorder(self.parameters.values(), lr=0.0)
        learner = Learner(parameters=self.parameters, optimizer=recorder)
        self.loop = TrainingLoop(
            self.base, self.stage, self.windows, ReplyObjective(self.base), self.options, 1, learner, Standing()
        )
        for _ in self.loop.step():
            pass
        return recorder.recorded

    def gradients_of_steps(self, count: int) -> list[list[torch.Tensor]]:
        """Gradients of the loop's first steps, all at the same weights."""
        recorder = GradientRecorder(self.parameters.values(), lr=0.0)
        learner = Learner(parameters=self.parameters, optimizer=recorder)
        loop = TrainingLoop(
            self.base, self.stage, self.windows, ReplyObjective(self.base), self.options, count, learner, Standing()
        )
        found = []
        for _ in range(count):
            for _ in loop.step():
                pass
            found.append(recorder.recorded)
        return found

    def evaluate(self, mode: Mode = Mode.MEASURING) -> float:
        work = mean_loss(self.base, self.windows, lambda rows: self.stage.enter(mode))
        while True:
            try:
                next(work)
            except StopIteration as end:
                return float(end.value)


class Office:
    """A desk without a process: takes commands and works units off, one at a time if need be."""

    def __init__(self, base: Path, quantization: str = "none", dtype: torch.dtype | None = None) -> None:
        self.heard = Listener()
        self.desk = Desk(self.heard, device(dtype))  # type: ignore[arg-type]
        self.do(LoadBase(job="load", base_id=base.name, path=str(base), quantization=quantization))
        (self.loaded,) = self.heard.of(BaseLoaded)

    def do(self, *commands: AnyCommand, between: Callable[[int], None] = lambda unit: None) -> Listener:
        """Take the commands and work until nothing is left, calling ``between`` after every unit."""
        for command in commands:
            self.desk.take(command)
        unit = 0
        while not self.desk.scheduler.idle:
            self.desk.scheduler.run_unit()
            between(unit)
            unit += 1
        return self.heard

    def failure(self, job: str) -> JobFailed:
        (event,) = [one for one in self.heard.of(JobFailed) if one.job == job]
        return event


def adapter_bytes(folder: Path) -> bytes:
    return (folder / "adapter" / WEIGHTS).read_bytes()


def ended(heard: Listener) -> RunEnded:
    (event,) = heard.of(RunEnded)
    return event


def logits_of(base: LoadedBase, rows: Iterable[Mapping[str, float]], texts: Iterable[str]) -> torch.Tensor:
    """Logits [rows, length, vocabulary] of one mixed batch through the rack; all texts have the same length."""
    ids = torch.tensor([base.tokenizer.encode(text, add_special_tokens=False) for text in texts])
    base.rack.gate(list(rows))
    with torch.no_grad():
        found = base.model(input_ids=ids).logits.float()
    base.rack.open_gates()
    return found
