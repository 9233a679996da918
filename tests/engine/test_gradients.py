"""What a training step computes: PEFT's own gradients, whatever the micro-batches and chunks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward import loss_head
from studio.engine.training import training_loop
from studio.engine.training.checkpoints import Learner, Standing
from studio.engine.training.objective import ReplyObjective
from studio.engine.training.training_loop import TrainingLoop
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from tests.engine.rig import Bench, ferry_windows


@pytest.fixture(autouse=True)
def _unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))


@pytest.fixture
def bench(tiny: Callable[..., LoadedBase], tmp_path: Path) -> Bench:
    base = tiny()
    return Bench(base, ferry_windows(base, tmp_path, 8))


def _close(found: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    """fp32, where only the order of sums differs."""
    assert all(float(one.norm()) > 1e-4 for one in expected)
    for one, other in zip(found, expected, strict=True):
        assert float((one - other).norm() / other.norm()) < 1e-5


def _plainly(bench: Bench) -> tuple[float, list[torch.Tensor]]:
    """The oracle: one conversation after the other, full logits, PEFT's forward, torch's loss over trained tokens."""
    model, total = bench.peft, sum(window.trained_tokens for window in bench.windows)
    model.train()
    for module in model.modules():
        if hasattr(module, "_disable_adapters"):
            module._disable_adapters = False
    loss = torch.zeros(())
    for window in bench.windows:
        ids = torch.tensor([window.ids])
        labels = torch.where(torch.tensor([window.trained]), ids, -100)
        logits = model(input_ids=ids).logits[:, :-1].flatten(0, 1)
        loss = loss + functional.cross_entropy(logits.float(), labels[:, 1:].flatten(), reduction="sum") / total
    return float(loss.detach()), list(torch.autograd.grad(loss, list(bench.parameters.values())))


def test_a_step_is_pefts_plain_forward_and_backward(bench: Bench) -> None:
    found = bench.gradients()
    loss, expected = _plainly(bench)
    assert bench.loop.loss == pytest.approx(loss, rel=1e-5)
    _close(found, expected)
    norm = float(torch.stack([one.norm() for one in expected]).norm())
    assert bench.loop.gradient_norm == pytest.approx(norm, rel=1e-4)


def test_eight_together_are_eight_times_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    units = []
    micro_step = training_loop.TrainingLoop.micro_step
    monkeypatch.setattr(
        training_loop.TrainingLoop, "micro_step", lambda *all: units.append(len(all[1])) or micro_step(*all)
    )
    together, loss = bench.gradients(), bench.loop.loss
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 1)
    alone = bench.gradients()
    assert units == [8] + [1] * 8
    assert bench.loop.loss == pytest.approx(loss, rel=1e-5)
    _close(alone, together)


def _learned(bench: Bench) -> dict[str, torch.Tensor]:
    """The weights after three steps of the optimiser, from the same start."""
    start = {name: one.detach().clone() for name, one in bench.parameters.items()}
    optimizer = torch.optim.AdamW(bench.parameters.values(), lr=0.0, weight_decay=0.0)
    learner = Learner(parameters=bench.parameters, optimizer=optimizer)
    objective = ReplyObjective(bench.base)
    loop = TrainingLoop(bench.base, bench.stage, bench.windows, objective, bench.options, 3, learner, Standing())
    for _ in range(3):
        for _ in loop.step():
            pass
    learned = {name: one.detach().clone() for name, one in bench.parameters.items()}
    with torch.no_grad():
        for name, one in bench.parameters.items():
            one.copy_(start[name])
    return {name: one - start[name] for name, one in learned.items()}


def test_eight_together_learn_what_eight_times_one_learns(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the optimiser made of the gradients, over three steps: Adam divides by their size, so small ones count."""
    bench.options = replace(bench.options, learning_rate=1e-2, warmup_ratio=0.0)
    together = _learned(bench)
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 1)
    alone = _learned(bench)
    for name, moved in together.items():
        assert float(moved.abs().max()) > 5e-3, name
        assert float((moved - alone[name]).norm() / moved.norm()) < 2e-3, name
    monkeypatch.setattr(training_loop, "micro_batches", lambda examples, budget: iter([list(examples)[:7]]))
    fewer = _learned(bench)  # the negative control: one of the eight is left out
    assert max(float((moved - fewer[name]).norm() / moved.norm()) for name, moved in together.items()) > 0.05


def test_chunks_of_the_loss_head_change_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bench.gradients()
    loss = bench.loop.loss
    monkeypatch.setattr(loss_head, "LOSS_CHUNK_TOKENS", 7)
    _close(bench.gradients(), whole)
    assert bench.loop.loss == pytest.approx(loss, rel=1e-5)


def test_evaluation_is_the_loss_of_training(bench: Bench) -> None:
    bench.gradients()
    assert bench.evaluate() == pytest.approx(bench.loop.loss, rel=1e-5)


def test_only_trained_tokens_carry_loss(bench: Bench) -> None:
    before = bench.evaluate()
    first = bench.windows[0]
    none = type(first)(key="other", ids=first.ids, trained=(False,) * len(first.ids))
    bench.windows.append(none)
    assert bench.evaluate() == pytest.approx(before, rel=1e-5)


def test_activation_checkpointing_changes_no_gradient(bench: Bench) -> None:
    """What a card does to save memory; the layers must really have been computed again."""
    kept = bench.gradients()
    passes: list[int] = []
    watch = bench.base.model.model.layers[0].input_layernorm.register_forward_hook(lambda *_: passes.append(1))
    bench.base.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    saved = bench.gradients()
    watch.remove()
    assert len(passes) == 2
    _close(saved, kept)
