"""Dry steps: they see what a run needs, and leave nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.modes import Stage
from studio.engine.training import training_run
from studio.engine.training.checkpoints import Standing
from studio.engine.training.dry_steps import dry_steps, heaviest, laid_tokens
from studio.engine.training.objective import ReplyObjective
from studio.engine.training.step_plan import StepPlan
from studio.engine.training.trainee import Trainee
from studio.engine.training.training_loop import TrainingLoop
from studio.methods.method import METHODS, TrainingOptions
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.events import MemoryMeasured
from tests.engine.rig import adapter_bytes, ended, ferry_data, ferry_windows, run_training, train_command

Tiny = Callable[..., LoadedBase]
DROPOUT = {"dropout": 0.3}


def _no_dry_steps(*all: object) -> Iterator[None]:
    yield


@pytest.mark.parametrize(("method", "quantization"), [("lora", "none"), ("qlora", "nf4"), ("full", "none")])
def test_a_run_ends_the_same_with_and_without(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, quantization: str
) -> None:
    base, data = tiny(quantization, torch.bfloat16), ferry_data(tmp_path / "data")
    options = {} if method == "full" else DROPOUT
    with_them, without = (
        train_command(data, tmp_path / name, method=method, max_steps=4, **options) for name in ("with", "without")
    )
    if method == "full":
        for command in (with_them, without):
            del command.options["rank"], command.options["alpha"]
    run_training(base, with_them)
    monkeypatch.setattr(training_run, "dry_steps", _no_dry_steps)
    run_training(base, without)
    files = [path for path in (tmp_path / "with/adapter").iterdir() if path.suffix == ".safetensors"]
    assert files
    assert all(one.read_bytes() == (tmp_path / "without/adapter" / one.name).read_bytes() for one in files)


def test_without_dropping_the_moments_it_would_not(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what the optimiser put down in dry steps would be felt in every step."""
    base, data = tiny(), ferry_data(tmp_path / "data")
    run_training(base, train_command(data, tmp_path / "clean", max_steps=4))
    monkeypatch.setattr("studio.engine.training.dry_steps._forget", lambda optimizer: None)
    run_training(base, train_command(data, tmp_path / "dirty", max_steps=4))
    assert adapter_bytes(tmp_path / "dirty") != adapter_bytes(tmp_path / "clean")


def _bench(base: LoadedBase, tmp_path: Path) -> tuple[Trainee, TrainingLoop, ReplyObjective]:  # type: ignore[type-arg]
    options = TrainingOptions(rank=4, alpha=8.0, batch_size=4, dropout=0.2)
    stage = Stage(base)
    trainee = Trainee(METHODS.get("lora"), options, base, stage)
    objective = ReplyObjective(base)
    loop = TrainingLoop(
        base, stage, ferry_windows(base, tmp_path, 8), objective, options, 10, trainee.learner, Standing()
    )
    return trainee, loop, objective


def _work(work: Iterator[None]) -> None:
    for _ in work:
        pass


def _state(trainee: Trainee) -> dict[str, bytes]:
    learner = trainee.learner
    found = {name: one.detach().numpy().tobytes() for name, one in learner.parameters.items()}
    for number, one in enumerate(learner.parameters.values()):
        for key, value in learner.optimizer.state.get(one, {}).items():
            found[f"{number}|{key}"] = torch.as_tensor(value).numpy().tobytes()
    return found | {"chance": torch.get_rng_state().numpy().tobytes()}


@pytest.mark.parametrize("steps_before", [0, 2])
def test_nothing_is_left_behind(tiny: Tiny, tmp_path: Path, steps_before: int) -> None:
    """Before a fresh run, and before a resumed one, whose optimiser has its moments already."""
    trainee, loop, objective = _bench(tiny(), tmp_path)
    for _ in range(steps_before):
        _work(loop.step())
    before, rates = _state(trainee), [group["lr"] for group in trainee.learner.optimizer.param_groups]
    standing = msgspec.structs.replace(loop.standing)
    assert bool(steps_before) == any("exp_avg" in name for name in before)
    _work(dry_steps(loop, objective, trainee.learner, loop._examples[:3]))
    assert _state(trainee) == before
    assert [group["lr"] for group in trainee.learner.optimizer.param_groups] == rates
    assert all(one.grad is None for one in trainee.learner.parameters.values())
    assert loop.standing == standing
    trainee.leave()


def test_moments_and_gradients_are_there_in_the_second_pass(tiny: Tiny, tmp_path: Path) -> None:
    """Else it would see less memory than the run."""
    trainee, loop, objective = _bench(tiny(), tmp_path)
    work = dry_steps(loop, objective, trainee.learner, loop._examples[:3])
    next(work)
    one = next(iter(trainee.learner.parameters.values()))
    assert "exp_avg" in trainee.learner.optimizer.state[one]
    assert one.grad is not None
    work.close()
    assert not trainee.learner.optimizer.state
    assert one.grad is None
    trainee.leave()


def test_the_heaviest_micro_batch_is_the_one_that_fills_the_budget(tiny: Tiny, tmp_path: Path) -> None:
    windows = ferry_windows(tiny(), tmp_path, 12)
    options = TrainingOptions(batch_size=4)
    budget = 4 * max(one.length for one in windows)
    group = heaviest(
        windows, options, StepPlan(micro_batch_tokens=budget, checkpoint_activations=False, max_length=512)
    )
    assert sum(one.tokens for one in group) <= budget
    assert laid_tokens(group, packed=False) > budget / 2
    assert laid_tokens(group) < sum(one.tokens for one in group)  # they all begin with the same words
    alone = heaviest(windows, options, StepPlan(micro_batch_tokens=1, checkpoint_activations=False, max_length=512))
    assert [one.length for one in alone] == [max(one.length for one in windows)]


def test_what_they_needed_is_told(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)
    heard = run_training(tiny(), train_command(ferry_data(tmp_path / "data"), tmp_path / "run", max_steps=2))
    (told,) = heard.of(MemoryMeasured)
    assert 0 < told.peak_bytes <= ended(heard).peak_memory_bytes
    assert told.expected_bytes >= told.peak_bytes
    assert told.peak_bytes < told.available_bytes
    assert told.plan["micro_batch_tokens"] == 256
    assert 0 < int(str(told.plan["tokens"])) <= 256
