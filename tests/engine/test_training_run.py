"""Whole runs: resumed, disturbed, damaged and broken off, they end as they must, to the byte."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import load_file

from studio.domain.errors import StudioError
from studio.engine import durable_files
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward import evaluation
from studio.engine.rack.adapter_files import read_adapter
from studio.engine.training import objective, training_loop
from studio.engine.training.training_run import TrainingRun
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.commands import Gate, Train
from studio.protocol.events import CheckpointSaved, HeldOutMeasured, RowFinished, StepDone, TrainingStarted
from tests.engine.rig import (
    WEIGHTS,
    Listener,
    Office,
    adapter_bytes,
    ended,
    ferry_data,
    loaded,
    logits_of,
    random_adapter,
    reply_command,
    run_training,
    train_command,
)  # fmt: skip

Tiny = Callable[..., LoadedBase]
DROPOUT = {"dropout": 0.3}


@pytest.fixture(autouse=True)
def _several_micro_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)


@pytest.fixture(scope="module")
def undisturbed(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The adapter of a run with dropout that nothing disturbed (fp32)."""
    place = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)
        run_training(loaded(tiny_base), train_command(ferry_data(place / "data"), place, **DROPOUT))
    return adapter_bytes(place)


def _pause_after(steps: int) -> Callable[[TrainingRun, Listener], None]:
    def on_unit(run: TrainingRun, heard: Listener) -> None:
        if len(heard.of(StepDone)) >= steps:
            run.wish.word = "pause"

    return on_unit


def _paused_and_resumed(base: LoadedBase, data: Path, folder: Path, steps: int, **options: Any) -> bytes:
    heard = run_training(base, train_command(data, folder, **options), _pause_after(steps))
    assert (ended(heard).outcome, ended(heard).step, ended(heard).adapter) == ("paused", steps, "")
    heard = run_training(base, train_command(data, folder, resume=True, **options))
    assert heard.of(TrainingStarted)[0].step == steps
    assert heard.of(StepDone)[0].step == steps + 1
    assert (ended(heard).outcome, ended(heard).step) == ("finished", 12)
    return adapter_bytes(folder)


def test_a_run_learns_tells_and_writes_a_peft_folder(tiny: Tiny, tmp_path: Path) -> None:
    heard = run_training(tiny(), train_command(ferry_data(tmp_path / "data"), tmp_path / "run"))
    start, end = heard.of(TrainingStarted)[0], ended(heard)
    assert [event.step for event in heard.of(StepDone)] == list(range(1, 13))
    assert (start.total_steps, start.trainable_parameters) == (12, sum(map(_size, _tensors(tmp_path / "run"))))
    assert end.trained_tokens == 4 * start.trained_tokens
    assert end.tokens == 4 * start.tokens
    assert [event.step for event in heard.of(HeldOutMeasured)] == [0, 2, 4, 6, 8, 10, 12]
    assert end.heldout_nll_base is not None
    assert end.heldout_nll_adapter is not None
    assert end.heldout_nll_adapter < end.heldout_nll_base - 1
    config = json.loads((tmp_path / "run/adapter/adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (4, 8.0, "LORA")
    assert str(tmp_path) not in json.dumps(config)
    assert read_adapter(tmp_path / "run/adapter").scaling == 2.0


def _tensors(folder: Path) -> list[torch.Tensor]:
    return list(load_file(folder / "adapter" / WEIGHTS).values())


def _size(tensor: torch.Tensor) -> int:
    return tensor.numel()


@pytest.mark.parametrize(("method", "quantization"), [("lora", "none"), ("qlora", "nf4")])
def test_resumed_equals_uninterrupted(tiny: Tiny, tmp_path: Path, method: str, quantization: str) -> None:
    base, data = tiny(quantization, torch.bfloat16), ferry_data(tmp_path / "data")
    run_training(base, train_command(data, tmp_path / "whole", method=method, **DROPOUT))
    resumed = _paused_and_resumed(base, data, tmp_path / "parts", 5, method=method, **DROPOUT)
    assert resumed == adapter_bytes(tmp_path / "whole")
    run_training(base, train_command(data, tmp_path / "other", method=method, **DROPOUT, seed=1))
    assert adapter_bytes(tmp_path / "other") != resumed


def test_without_a_seed_for_each_micro_step_it_would_not(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: with dropout drawn from torch's running state the test above must fail."""
    monkeypatch.setattr(training_loop, "chance_of", lambda *place: int(torch.randint(2**31, ())))
    base, data = tiny(), ferry_data(tmp_path / "data")
    run_training(base, train_command(data, tmp_path / "whole", **DROPOUT))
    run_training(base, train_command(data, tmp_path / "again", **DROPOUT))
    assert adapter_bytes(tmp_path / "again") == adapter_bytes(tmp_path / "whole")
    assert _paused_and_resumed(base, data, tmp_path / "parts", 5, **DROPOUT) != adapter_bytes(tmp_path / "whole")


@pytest.mark.parametrize(("method", "quantization"), [("lora", "none"), ("qlora", "nf4")])
def test_replies_in_between_change_nothing(tiny_base: Path, tmp_path: Path, method: str, quantization: str) -> None:
    data = ferry_data(tmp_path / "data")
    office = Office(tiny_base, quantization, torch.bfloat16)
    office.do(train_command(data, tmp_path / "quiet", method=method, **DROPOUT))
    assert office.desk._base is not None
    folder = random_adapter(office.desk._base, tmp_path / "a", rank=3, alpha=6, seed=4)
    gate = Gate(adapter_id="a", path=str(folder), base_fingerprint=office.loaded.fingerprint)

    def chat(unit: int) -> None:
        if unit % 7 == 3 and office.desk.scheduler.names() == ["train"]:
            office.desk.take(reply_command([("Who goes there?", []), ("Who?", [gate])], tokens=3, temperature=0.9))

    office.do(train_command(data, tmp_path / "disturbed", method=method, **DROPOUT), between=chat)
    assert len(office.heard.of(RowFinished)) >= 10
    assert adapter_bytes(tmp_path / "disturbed") == adapter_bytes(tmp_path / "quiet")


def test_a_damaged_newest_checkpoint_falls_back(tiny: Tiny, tmp_path: Path, undisturbed: bytes) -> None:
    base, data, parts = tiny(), ferry_data(tmp_path / "data"), tmp_path / "parts"
    heard = run_training(base, train_command(data, parts, **DROPOUT), _pause_after(7))
    assert [event.step for event in heard.of(CheckpointSaved)] == [5, 7]
    newest = parts / "checkpoints" / "step-00000007" / "adapter.safetensors"
    content = bytearray(newest.read_bytes())
    content[-1] ^= 1
    newest.write_bytes(content)
    heard = run_training(base, train_command(data, parts, resume=True, **DROPOUT))
    assert heard.of(TrainingStarted)[0].step == 5
    assert adapter_bytes(parts) == undisturbed


def test_nothing_but_damage_is_told(tiny: Tiny, tmp_path: Path) -> None:
    base, data = tiny(), ferry_data(tmp_path / "data")
    run_training(base, train_command(data, tmp_path / "run"), _pause_after(6))
    for manifest in (tmp_path / "run/checkpoints").glob("*/manifest.json"):
        manifest.write_text("{")
    with pytest.raises(StudioError, match="checkpoint_broken"):
        run_training(base, train_command(data, tmp_path / "run", resume=True))


def test_a_checkpoint_of_something_else_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    base, data, folder = tiny(), ferry_data(tmp_path / "data"), tmp_path / "run"
    run_training(base, train_command(data, folder), _pause_after(2))
    other = ferry_data(tmp_path / "other", count=13)
    refused: list[tuple[LoadedBase, Train, str]] = [
        (base, train_command(other, folder, resume=True), "data"),
        (base, train_command(data, folder, resume=True, learning_rate=2e-2), "options"),
        (tiny("nf4"), train_command(data, folder, resume=True, method="qlora"), "base"),
    ]
    for one, command, what in refused:
        with pytest.raises(StudioError, match="resume_mismatch") as caught:
            run_training(one, command)
        assert caught.value.details == {"what": what}


def test_a_full_disk_leaves_the_last_good_checkpoint(
    tiny: Tiny, tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, data, parts = tiny(), ferry_data(tmp_path / "data"), tmp_path / "parts"
    synced: list[Path] = []

    def full(act: str, path: Path, to: Path | None = None) -> None:
        synced.extend([path] if act == "sync" else [])
        if len(synced) > 6:  # a checkpoint is four files: the second one breaks in its middle
            raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(durable_files, "reached", full)
        heard = run_training(base, train_command(data, parts, **DROPOUT))
    assert (ended(heard).outcome, ended(heard).resting, ended(heard).step) == ("paused", "disk", 5)
    assert [path.name for path in (parts / "checkpoints").iterdir()] == ["step-00000005"]
    heard = run_training(base, train_command(data, parts, resume=True, **DROPOUT))
    assert heard.of(TrainingStarted)[0].step == 5
    assert adapter_bytes(parts) == undisturbed


@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_the_base_comes_back_as_it_was(tiny: Tiny, tmp_path: Path, quantization: str) -> None:
    base, data = tiny(quantization, torch.bfloat16), ferry_data(tmp_path / "data")
    method = "qlora" if quantization == "nf4" else "lora"
    before = logits_of(base, [{}], ["The ferry leaves."])
    run_training(base, train_command(data, tmp_path / "run", method=method, max_steps=2))
    assert torch.equal(logits_of(base, [{}], ["The ferry leaves."]), before)
    assert not any(isinstance(module, BaseTunerLayer) for module in base.model.modules())
    assert not hasattr(base.model, "peft_config")
    assert not base.model.training
    assert not any(one.requires_grad for one in base.model.parameters())
    assert all(base.model.get_submodule(name) is layer for name, layer in base.linears.items())


@pytest.mark.parametrize("unit", [1, 4, 6, 15])  # checking, between micro-steps, evaluating
def test_pausing_takes_effect_within_one_unit(tiny: Tiny, tmp_path: Path, undisturbed: bytes, unit: int) -> None:
    base, data, units = tiny(), ferry_data(tmp_path / "data"), []

    def on_unit(run: TrainingRun, heard: Listener) -> None:
        units.append(1)
        if len(units) == unit:
            run.wish.word = "pause"

    heard = run_training(base, train_command(data, tmp_path / "parts", **DROPOUT), on_unit)
    assert ended(heard).outcome == "paused"
    assert len(units) <= unit + 1
    run_training(base, train_command(data, tmp_path / "parts", resume=True, **DROPOUT))
    assert adapter_bytes(tmp_path / "parts") == undisturbed


def test_stopping_keeps_what_was_learned(tiny: Tiny, tmp_path: Path) -> None:
    base, data = tiny(), ferry_data(tmp_path / "data")

    def stop(run: TrainingRun, heard: Listener) -> None:
        if len(heard.of(StepDone)) == 4:
            run.wish.word = "stop"

    heard = run_training(base, train_command(data, tmp_path / "run"), stop)
    assert (ended(heard).outcome, ended(heard).step) == ("stopped", 4)
    assert heard.of(HeldOutMeasured)[-1].step == 4
    assert any(float(tensor.abs().max()) > 0 for tensor in _tensors(tmp_path / "run"))


def test_finishing_touches_after_a_death(tiny: Tiny, tmp_path: Path) -> None:
    """Killed between the last checkpoint and the adapter: resuming writes the adapter and trains nothing."""
    base, data, folder = tiny(), ferry_data(tmp_path / "data"), tmp_path / "run"
    run_training(base, train_command(data, folder))
    content = adapter_bytes(folder)
    shutil.rmtree(folder / "adapter")
    heard = run_training(base, train_command(data, folder, resume=True))
    assert not heard.of(StepDone)
    assert (ended(heard).outcome, ended(heard).step) == ("finished", 12)
    assert adapter_bytes(folder) == content


def test_a_loss_that_is_no_number_ends_the_run(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objective, "trained_loss", lambda *all: torch.tensor(float("nan"), requires_grad=True))
    base = tiny()
    with pytest.raises(StudioError, match="loss_not_finite"):
        run_training(base, train_command(ferry_data(tmp_path / "data"), tmp_path / "run"))
    assert not hasattr(base.model, "peft_config")
    assert not (tmp_path / "run/checkpoints").exists()


def test_a_held_out_loss_that_is_no_number_ends_it_too(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "trained_loss", lambda *all: torch.tensor(float("inf")))
    with pytest.raises(StudioError, match="loss_not_finite"):
        run_training(tiny(), train_command(ferry_data(tmp_path / "data"), tmp_path / "run"))


def test_wrong_methods_and_options_are_refused(tiny: Tiny, tmp_path: Path) -> None:
    base, data = tiny(), ferry_data(tmp_path / "data")
    for command, code in [
        (train_command(data, tmp_path / "run", method="magic"), "method_unknown"),
        (train_command(data, tmp_path / "run", method="qlora"), "base_other_quantization"),
        (train_command(data, tmp_path / "run", rank=0), "options_invalid"),
    ]:
        with pytest.raises(StudioError, match=code):
            run_training(base, command)
    assert not list((tmp_path / "run").glob("*"))
