"""Out of memory is no end: the ladder's rungs, at dry steps and in mid-run, and what they leave as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from studio.domain.errors import StudioError
from studio.engine import memory
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.devices import Device
from studio.engine.forward import evaluation
from studio.engine.memory import LimitPassed, MemoryMeter, Room
from studio.engine.training import offload, training_loop
from studio.engine.training.objective import ReplyObjective
from studio.engine.training.offload import Offloading
from studio.engine.training.rungs import fitting_plan, next_rung
from studio.engine.training.step_plan import StepPlan
from studio.methods.method import TrainingOptions
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.events import CheckpointSaved, MemoryMeasured, RunTold, StepDone, TrainingStarted
from tests.engine.rig import (
    WEIGHTS,
    Bench,
    Listener,
    adapter_bytes,
    ended,
    ferry_data,
    ferry_windows,
    run_training,
    talk,
    train_command,
    write_data,
)

Tiny = Callable[..., LoadedBase]
CARD = Device(kind="cuda", name="card", memory_total=2**34, compute_dtype=torch.bfloat16)
OPTIONS = TrainingOptions(batch_size=4)


class Shortage:
    """An allocator that fails on micro-batches that are too large for it, from a certain micro-step on."""

    def __init__(self, patch: pytest.MonkeyPatch, fails: Callable[[Any, list[Any]], bool], after: int = 0) -> None:
        self.steps: list[list[int]] = []
        micro_step, calls = training_loop.TrainingLoop.micro_step, [0]

        def tried(loop: Any, group: list[Any], number: int, weight: int) -> torch.Tensor:
            calls[0] += 1
            loss = micro_step(loop, group, number, weight)  # gradients are summed already when it fails
            if calls[0] > after and fails(loop, group):
                raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes")
            self.steps.append([loop.standing.step, len(group)])
            return loss

        patch.setattr(training_loop.TrainingLoop, "micro_step", tried)


def _told(heard: Listener) -> list[str]:
    return [event.code for event in heard.of(RunTold) if event.code.startswith("memory_")]


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter" / WEIGHTS)


def _same_learning(one: Path, other: Path) -> None:
    """To the order of sums: the effective batch is the same, so every step is."""
    first, second = _weights(one), _weights(other)
    for name, tensor in first.items():
        assert float((tensor - second[name]).norm() / tensor.norm()) < 1e-3, name


@pytest.fixture
def plain(tiny: Tiny, tmp_path: Path) -> Listener:
    """A run whose memory suffices."""
    return run_training(tiny(), train_command(ferry_data(tmp_path / "data"), tmp_path / "plain"))


@pytest.mark.parametrize("after", [0, 5])  # at the dry steps, and in the second step
def test_micro_batches_halve_and_the_step_stays_the_step(
    tiny: Tiny, tmp_path: Path, plain: Listener, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    shortage = Shortage(monkeypatch, lambda loop, group: len(group) > 2, after)
    heard = run_training(tiny(), train_command(tmp_path / "data", tmp_path / "lean"))
    assert set(_told(heard)) == {"memory_rung_batch"}
    assert ended(heard).outcome == "finished"
    assert [event.step for event in heard.of(StepDone)] == list(range(1, 13))
    assert [event.tokens for event in heard.of(StepDone)] == [event.tokens for event in plain.of(StepDone)]
    assert max(size for _, size in shortage.steps[-6:]) <= 2
    losses, expected = ([event.loss for event in one.of(StepDone)] for one in (heard, plain))
    assert losses == pytest.approx(expected, rel=1e-3)
    _same_learning(tmp_path / "lean", tmp_path / "plain")


def test_checkpointing_comes_when_nothing_can_be_halved(
    tiny: Tiny, tmp_path: Path, plain: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    Shortage(monkeypatch, lambda loop, group: not loop.plan.checkpoint_activations)
    base = tiny()
    heard = run_training(base, train_command(tmp_path / "data", tmp_path / "lean"))
    told = _told(heard)
    assert told[-1] == "memory_rung_checkpointing"
    assert set(told[:-1]) == {"memory_rung_batch"}
    assert heard.of(MemoryMeasured)[-1].plan["checkpoint_activations"] is True
    _same_learning(tmp_path / "lean", tmp_path / "plain")
    assert not base.model.is_gradient_checkpointing


def test_the_window_is_last_and_told_as_a_warning(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replies = [word for _ in range(6) for word in ("Who goes there?", "The ferry leaves at dawn, friend.")]
    data = write_data(tmp_path / "data", [talk(f"c{number}", *replies, heldout=number == 7) for number in range(8)])
    Shortage(monkeypatch, lambda loop, group: max(one.length for one in group) > 130, after=9)
    heard = run_training(tiny(), train_command(data, tmp_path / "run", batch_size=2, epochs=4))
    told = [event for event in heard.of(RunTold) if event.code == "memory_rung_window"]
    assert [event.weight for event in told] == ["warning"] * len(told)
    assert int(str(told[-1].details["tokens"])) <= 130 < int(str(told[0].details["before"]))
    first, last = heard.of(TrainingStarted)[0], heard.of(TrainingStarted)[-1]
    assert last.total_steps > first.total_steps
    assert last.step / last.total_steps == pytest.approx(told[0].step / last.total_steps, abs=0.2)
    assert (ended(heard).outcome, ended(heard).step) == ("finished", last.total_steps)
    steps = [event.step for event in heard.of(StepDone)]
    assert steps == sorted(set(steps))


def test_a_window_that_no_reply_fits_into_is_not_taken(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is left to try, that is said, and the base is as it was."""
    Shortage(monkeypatch, lambda loop, group: True)
    base = tiny()
    data = write_data(tmp_path / "data", [talk(f"c{number}", "Who?", "The ferry leaves. " * 20) for number in range(4)])
    with pytest.raises(StudioError, match="memory_exhausted"):
        run_training(base, train_command(data, tmp_path / "run"))
    assert not hasattr(base.model, "peft_config")


def test_the_smaller_plan_is_in_the_next_checkpoint_and_resumed_exactly(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, base = ferry_data(tmp_path / "data"), tiny()

    def stop_after(steps: int) -> Callable[[Any, Listener], None]:
        def on_unit(run: Any, heard: Listener) -> None:
            if len(heard.of(StepDone)) >= steps:
                run.wish.word = "pause"

        return on_unit

    with monkeypatch.context() as patch:
        Shortage(patch, lambda loop, group: len(group) > 2, after=5)
        run_training(base, train_command(data, tmp_path / "whole"))
    with monkeypatch.context() as patch:
        Shortage(patch, lambda loop, group: len(group) > 2, after=5)
        heard = run_training(base, train_command(data, tmp_path / "parts"), stop_after(6))
    told = next(event for event in heard.of(RunTold) if event.code == "memory_rung_batch")
    assert told.step + 1 in [event.step for event in heard.of(CheckpointSaved)]
    heard = run_training(base, train_command(data, tmp_path / "parts", resume=True))
    assert not _told(heard)
    assert adapter_bytes(tmp_path / "parts") == adapter_bytes(tmp_path / "whole")


def test_a_step_half_taken_is_undone_by_the_checkpoint(
    tiny: Tiny, tmp_path: Path, plain: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The optimiser fails after it has changed some weights: the run goes on from step 5, not from what is half."""
    step, calls = torch.optim.AdamW.step, [0]

    def half(optimizer: Any, closure: Any = None) -> None:
        calls[0] += 1
        step(optimizer)
        if calls[0] == 2 + 7:  # two dry ones
            raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.optim.AdamW, "step", half)
    heard = run_training(tiny(), train_command(tmp_path / "data", tmp_path / "lean"))
    assert [event.step for event in heard.of(StepDone)] == [1, 2, 3, 4, 5, 6, *range(6, 13)]
    assert _told(heard) == ["memory_rung_batch"]
    _same_learning(tmp_path / "lean", tmp_path / "plain")


def test_a_limit_is_kept_to(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a processor nothing fails by itself: the peak is looked at after each micro-step."""
    meter: dict[str, int] = {"peak": 0}
    micro_step = training_loop.TrainingLoop.micro_step

    def counted(loop: Any, group: list[Any], number: int, weight: int) -> torch.Tensor:
        meter["peak"] = max(meter["peak"], len(group) * 2**30)
        return micro_step(loop, group, number, weight)

    monkeypatch.setattr(training_loop.TrainingLoop, "micro_step", counted)
    monkeypatch.setattr(MemoryMeter, "peak", property(lambda self: meter["peak"]))
    monkeypatch.setattr(MemoryMeter, "used", property(lambda self: 0))
    monkeypatch.setattr(MemoryMeter, "restart", lambda self: meter.update(peak=0))
    data = ferry_data(tmp_path / "data")
    command = train_command(data, tmp_path / "run")
    limited = type(command)(
        **{name: getattr(command, name) for name in command.__struct_fields__} | {"memory_limit": 2 * 2**30}
    )
    heard = run_training(tiny(), limited)
    assert set(_told(heard)) == {"memory_rung_batch"}
    assert (ended(heard).outcome, heard.of(MemoryMeasured)[-1].available_bytes) == ("finished", 2 * 2**30)


def test_where_no_limit_is_set_fear_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = MemoryMeter("cpu")
    monkeypatch.setattr(memory, "free_memory", lambda: 0)
    monkeypatch.setattr(MemoryMeter, "peak", property(lambda self: 2 * self.used))
    room = Room(meter)
    for _ in range(2):
        with pytest.raises(LimitPassed):
            room.check()
    assert room.dare()
    room.check()
    assert not Room(meter, 5).dare()


def test_a_step_of_the_ladder_on_a_card(tiny: Tiny, tmp_path: Path) -> None:
    windows = ferry_windows(tiny(), tmp_path, 8)
    plan: StepPlan | None = StepPlan(micro_batch_tokens=8192, checkpoint_activations=False, max_length=512)
    codes = []
    while plan and (rung := next_rung(plan, CARD, windows, OPTIONS)) and len(codes) < 9:
        plan = rung.plan
        codes.append(rung.code)
        if rung.code == "memory_rung_window":
            break
    order = ["memory_rung_batch", "memory_rung_checkpointing", "memory_rung_offload", "memory_rung_window"]
    assert sorted(codes, key=order.index) == codes
    assert set(codes) >= set(order[:3])


def test_the_quickest_plan_that_fits_is_chosen(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tiny()
    windows = ferry_windows(base, tmp_path, 16)
    whole, needed = fitting_plan(base, OPTIONS, windows, 2**40)
    assert not whole.checkpoint_activations
    less, fewer = fitting_plan(base, OPTIONS, windows, needed)
    assert fewer < needed
    assert (less.checkpoint_activations, less.micro_batch_tokens < whole.micro_batch_tokens) == (False, True)
    least, _ = fitting_plan(base, OPTIONS, windows, needed // 4)
    assert least.checkpoint_activations
    always, _ = fitting_plan(base, TrainingOptions(batch_size=4, activation_checkpointing="on"), windows, 2**40)
    assert always.checkpoint_activations
    never, _ = fitting_plan(base, TrainingOptions(batch_size=4, activation_checkpointing="off"), windows, 1)
    assert not never.checkpoint_activations
    assert never.micro_batch_tokens <= MICRO_BATCH_TOKENS["cpu"]


def test_offload_changes_no_gradient_and_leaves_weights_alone(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))
    moved: list[torch.Tensor] = []
    away = offload.moved_out
    monkeypatch.setattr(offload, "worth_moving", lambda tensor: tensor.numel() > 256)
    monkeypatch.setattr(offload, "moved_out", lambda tensor: moved.append(tensor) or away(tensor))
    base = tiny()
    bench = Bench(base, ferry_windows(base, tmp_path, 4))
    expected = bench.gradients()
    weights = {one.untyped_storage().data_ptr() for one in base.model.parameters()}
    assert not moved
    monkeypatch.setattr("tests.engine.rig.ReplyObjective", lambda base: Offloading(ReplyObjective(base), base))
    for checkpointed in (False, True):
        if checkpointed:
            base.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        moved.clear()
        found = bench.gradients()
        assert moved
        assert not weights & {one.untyped_storage().data_ptr() for one in moved}
        assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def test_held_out_lines_are_read_in_halves_where_memory_ends(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tiny(), [])
    bench.windows = ferry_windows(bench.base, tmp_path, 6)
    expected, loss, sizes = bench.evaluate(), evaluation.trained_loss, []

    def short(model: Any, batch: Any) -> torch.Tensor:
        if len(batch.windows) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        sizes.append(len(batch.windows))
        return loss(model, batch)

    monkeypatch.setattr(evaluation, "trained_loss", short)
    assert bench.evaluate() == pytest.approx(expected, rel=1e-5)
    assert sum(sizes) == 6


def test_nothing_to_offload_on_a_processor_is_said(tiny: Tiny, tmp_path: Path) -> None:
    command = train_command(ferry_data(tmp_path / "data"), tmp_path / "run", offload="on", max_steps=1)
    assert _told(run_training(tiny(), command)) == ["memory_offload_useless"]
