"""Watching a run: samples, the neutral text, the best checkpoint and early stop, and that none of it changes a byte."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from studio.domain.run_findings import Measurement
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat import sampling
from studio.engine.training import best_checkpoint, heldout, training_loop
from studio.engine.training.checkpoints import Standing
from studio.engine.training.trainee import Trainee
from studio.engine.training.training_run import TrainingRun
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.commands import Gate, Message, Probe, Sampling, Train
from studio.protocol.events import (
    HeldOutMeasured,
    RowFinished,
    RunTold,
    SampleWritten,
    StepDone,
    TrainingStarted,
)
from studio.services.run_probes import neutral_text
from tests.engine.rig import (
    Listener,
    Office,
    adapter_bytes,
    ended,
    ferry_data,
    reply_command,
    run_training,
    train_command,
)  # fmt: skip

Tiny = Callable[..., LoadedBase]
DROPOUT = {"dropout": 0.3}
STEADY = {"scheduler": "constant", "warmup_ratio": 0.0}
"""A rate that does not depend on how many steps there are, so that a shorter run is the beginning of a longer one."""

GREEDY = Sampling(temperature=0.0, max_tokens=12)
DRAWN = Sampling(temperature=0.9, max_tokens=12)
QUESTIONS = ("Who goes there, number 3?", "When does the ferry leave?")


@pytest.fixture(autouse=True)
def _several_micro_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)


def watched(data: Path, folder: Path, sampling: Sampling = DRAWN, *, resume: bool = False, **options: Any) -> Train:
    """A run with two probes and the neutral text."""
    probes = [
        Probe(key=f"q{number}", messages=[Message(role="user", text=text)], seed=number)
        for number, text in enumerate(QUESTIONS)
    ]
    return msgspec.structs.replace(
        train_command(data, folder, resume=resume, **options),
        probes=probes, probe_sampling=sampling, neutral=str(neutral_text()),
    )  # fmt: skip


def texts(heard: Listener, step: int) -> list[str]:
    return [event.text for event in heard.of(SampleWritten) if event.step == step]


@pytest.mark.parametrize(("method", "quantization"), [("lora", "none"), ("qlora", "nf4")])
def test_a_watched_run_learns_the_same_bytes(tiny: Tiny, tmp_path: Path, method: str, quantization: str) -> None:
    base, data = tiny(quantization, torch.bfloat16), ferry_data(tmp_path / "data")
    run_training(base, train_command(data, tmp_path / "alone", method=method, **DROPOUT))
    heard = run_training(base, watched(data, tmp_path / "watched", method=method, **DROPOUT))
    assert adapter_bytes(tmp_path / "watched") == adapter_bytes(tmp_path / "alone")
    steps = [0, 2, 4, 6, 8, 10, 12]
    assert [event.step for event in heard.of(SampleWritten)] == [step for step in steps for _ in QUESTIONS]
    assert [event.step for event in heard.of(HeldOutMeasured) if event.side == "neutral"] == steps
    assert {event.key: event.prompt for event in heard.of(SampleWritten)} == {"q0": QUESTIONS[0], "q1": QUESTIONS[1]}


def test_with_one_chance_for_dropout_and_answers_it_would_not(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: answers that draw from torch's running chance, and dropout that goes on from there."""
    draw = sampling.Drawer.draw

    def drawing(drawer: Any, logits: torch.Tensor) -> torch.Tensor:
        torch.rand(1)
        return draw(drawer, logits)

    monkeypatch.setattr(sampling.Drawer, "draw", drawing)
    monkeypatch.setattr(training_loop, "chance_of", lambda *place: int(torch.randint(2**31, ())))
    base, data = tiny(), ferry_data(tmp_path / "data")
    run_training(base, train_command(data, tmp_path / "alone", **DROPOUT))
    run_training(base, watched(data, tmp_path / "watched", **DROPOUT))
    assert adapter_bytes(tmp_path / "watched") != adapter_bytes(tmp_path / "alone")


@pytest.mark.parametrize("how", ["rack", "layers"])
def test_samples_are_what_the_chat_would_say(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Step 0 is the base alone; the last step is the finished adapter, same seed and sampler."""
    if how == "layers":
        monkeypatch.setattr(Trainee, "snapshot", lambda trainee: None)
    data, office = ferry_data(tmp_path / "data"), Office(tiny_base)
    drawn = DRAWN if how == "rack" else GREEDY
    office.do(watched(data, tmp_path / "run", drawn))
    sampled = office.heard
    gate = Gate(adapter_id="a", path=str(tmp_path / "run/adapter"), base_fingerprint=office.loaded.fingerprint)
    plain = msgspec.structs.asdict(drawn)
    plain.pop("max_tokens")
    for step, gates in ((0, []), (12, [gate])):
        asked = reply_command([(text, gates) for text in QUESTIONS], 12, job=f"reply{step}", **plain)
        office.do(asked)
        said = [one.text for one in office.heard.of(RowFinished) if one.job == f"reply{step}"]
        order = [one.row for one in office.heard.of(RowFinished) if one.job == f"reply{step}"]
        assert [text for _, text in sorted(zip(order, said, strict=True))] == texts(sampled, step)
    assert texts(sampled, 0) != texts(sampled, 12)


@pytest.mark.parametrize("method", ["dora", "ia3", "prompt_tuning", "full"])
def test_runs_of_every_kind_write_samples(tiny: Tiny, tmp_path: Path, method: str) -> None:
    """As base alone at first; then, but for a base of its own, as its adapter would in the chat."""
    base, data = tiny(), ferry_data(tmp_path / "data")
    options = {"batch_size": 4, "epochs": 4, "learning_rate": 3e-3 if method == "full" else 1e-1}
    precision = {} if method == "full" else {"base_precision": "16-bit"}
    command = msgspec.structs.replace(
        watched(data, tmp_path / "run", GREEDY, method=method), options={**options, **precision}
    )
    heard = run_training(base, command)
    assert ended(heard).outcome == "finished"
    assert texts(heard, 0) != texts(heard, 12)
    run_training(base, msgspec.structs.replace(command, probes=[], neutral="", folder=str(tmp_path / "alone")))
    weights = "model.safetensors" if method == "full" else "adapter_model.safetensors"
    learned = [(tmp_path / run / "adapter" / weights).read_bytes() for run in ("run", "alone")]
    assert learned[0] == learned[1]


def test_what_was_learned_by_heart_counts_as_copied(tiny: Tiny, tmp_path: Path) -> None:
    """The tiny base learns the ferry's few lines by heart in 36 big steps."""
    long = Sampling(temperature=0.0, max_tokens=60, repetition_penalty=1.0)
    heard = run_training(tiny(), watched(ferry_data(tmp_path / "data"), tmp_path / "run", long, epochs=12))
    copied = {step: [one.copied for one in heard.of(SampleWritten) if one.step == step] for step in (0, 36)}
    assert copied[0] == [0.0, 0.0]
    assert max(copied[36]) > 0.5


def scripted(monkeypatch: pytest.MonkeyPatch, losses: dict[int, float]) -> None:
    """Held-out losses by step instead of measured ones; the neutral text is measured."""
    measured = heldout.HeldOut._loss

    def loss(self: Any, standing: Standing, mode: Any) -> Iterator[None]:
        found = yield from measured(self, standing, mode)
        return losses.get(standing.step, found)

    monkeypatch.setattr(heldout.HeldOut, "_loss", loss)


CURVE = {0: 3.0, 2: 2.0, 4: 1.5, 6: 1.7, 8: 1.6, 10: 1.4, 12: 1.3}


def test_early_stop_and_the_best_is_kept(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, CURVE)
    base, data = tiny(), ferry_data(tmp_path / "data")
    heard = run_training(base, watched(data, tmp_path / "run", early_stop=2, keep_best=True, **STEADY))
    end = ended(heard)
    assert (end.outcome, end.step, end.best_step, end.heldout_nll_adapter) == ("finished", 8, 4, 1.5)
    assert [event.code for event in heard.of(RunTold)][-2:] == ["run_ended_early", "run_best_kept"]
    run_training(base, train_command(data, tmp_path / "short", max_steps=4, **STEADY))
    assert adapter_bytes(tmp_path / "run") == adapter_bytes(tmp_path / "short")
    heard = run_training(base, watched(data, tmp_path / "last", early_stop=2, **STEADY))
    assert (ended(heard).step, ended(heard).best_step) == (8, 0)
    assert adapter_bytes(tmp_path / "last") != adapter_bytes(tmp_path / "short")
    heard = run_training(base, watched(data, tmp_path / "patient", early_stop=3, keep_best=True, **STEADY))
    assert (ended(heard).step, ended(heard).best_step) == (12, 0), "the last step is the best: nothing to go back to"


def test_resumed_anywhere_it_stops_at_the_same_step_with_the_same_best(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paused after every 13th unit, milestones included, over and over."""
    scripted(monkeypatch, CURVE)
    base, data = tiny(), ferry_data(tmp_path / "data")
    options = {"early_stop": 2, "keep_best": True, **DROPOUT}
    whole = run_training(base, watched(data, tmp_path / "whole", **options))
    final, parts = None, 0
    told: list[tuple[int, str, str]] = []
    while final is None:
        heard = run_training(
            base, watched(data, tmp_path / "parts", resume=parts > 0, **options), _pause_at_unit(31 + parts)
        )
        told += [(one.step, one.key, one.text) for one in heard.of(SampleWritten)]
        parts += 1
        final = ended(heard) if ended(heard).outcome == "finished" else None
    assert parts > 3
    assert (final.step, final.best_step) == (8, 4)
    assert final.heldout_nll_adapter == ended(whole).heldout_nll_adapter
    assert adapter_bytes(tmp_path / "parts") == adapter_bytes(tmp_path / "whole")
    assert set(told) == {(one.step, one.key, one.text) for one in whole.of(SampleWritten)}


def _pause_at_unit(unit: int) -> Callable[[TrainingRun, Listener], None]:
    units: list[int] = []

    def on_unit(run: TrainingRun, heard: Listener) -> None:
        units.append(1)
        if len(units) >= unit and heard.of(TrainingStarted):
            run.wish.word = "pause"

    return on_unit


def test_without_what_a_checkpoint_keeps_of_it_it_would_not(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a run that forgets its best when it is resumed goes on for longer."""
    scripted(monkeypatch, CURVE)
    base, data = tiny(), ferry_data(tmp_path / "data")
    options = {"early_stop": 2, "keep_best": True}

    def after_six(run: TrainingRun, heard: Listener) -> None:
        if len(heard.of(StepDone)) >= 7:
            run.wish.word = "pause"

    run_training(base, watched(data, tmp_path / "run", **options), after_six)
    load = msgspec.json.decode

    def forgetful(*args: Any, **more: Any) -> Any:
        found = load(*args, **more)
        if hasattr(found, "standing"):
            found.standing.unimproved = 0
        return found

    monkeypatch.setattr("studio.engine.training.checkpoints.msgspec.json.decode", forgetful)
    assert ended(run_training(base, watched(data, tmp_path / "run", resume=True, **options))).step != 8


def test_what_a_run_notes_when_it_begins(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny()
    heard = run_training(base, watched(ferry_data(tmp_path / "data"), tmp_path / "run", max_steps=1))
    noted = heard.of(TrainingStarted)[0].conditions
    assert noted["base_fingerprint"] == base.fingerprint
    assert noted["torch"] == torch.__version__.partition("+")[0] or noted["torch"] == torch.__version__
    assert {"device", "python", "transformers", "peft", "bitsandbytes", "micro_batch_tokens"} <= noted.keys()


def test_the_best_is_no_recitation() -> None:
    """A step whose samples recite is not the best as long as there is one that does not."""
    standing = Standing()
    for step, loss, copied in ((2, 2.0, 0.0), (4, 1.5, 0.1), (6, 1.2, 0.6), (8, 1.6, 0.0)):
        standing.step = step
        best_checkpoint.take_in(standing, loss, copied)
    assert best_checkpoint.best_so_far(standing) == Measurement(step=4, loss=1.5, copied=0.1)
    assert standing.unimproved == 2
    assert best_checkpoint.is_hopeless(standing, 2)
    assert not best_checkpoint.is_hopeless(standing, 0)
