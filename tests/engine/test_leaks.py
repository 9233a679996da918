"""No conversation hears another one that is read with it, however a batch lies in memory: losses and gradients."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward import loss_head
from studio.engine.forward.batches import collate
from studio.engine.forward.evaluation import autocast
from studio.engine.forward.loss_head import position_losses
from studio.engine.forward.modes import Mode
from studio.engine.text.chat_encoding import Window
from tests.engine.rig import Bench, ferry_windows

TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 0.05}
"""In nats, where a batch has another shape and sums run in another order; with the same shape it is nothing at all."""


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=[False, True], ids=["padded", "packed"])
def bench(request: pytest.FixtureRequest, dtype: torch.dtype, tiny: Callable[..., LoadedBase], tmp_path: Path) -> Bench:
    base = tiny("none", dtype)
    return Bench(base, ferry_windows(base, tmp_path, 6), packed=request.param)


def _losses(bench: Bench, windows: Sequence[Window]) -> list[Tensor]:
    """Each window's losses, token by token, as the batch of all of them gives."""
    bench.stage.enter(Mode.MEASURING)
    batch = collate(windows, bench.base.tokenizer.pad_token_id, torch.device("cpu"))
    with autocast(bench.base):
        found = position_losses(bench.base.model, batch)
    return list(found.split([sum(window.trained[1:]) for window in windows]))


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).detach().abs().max())


def _shared(windows: Sequence[Window]) -> int:
    """How many tokens all begin with; they may lie in memory once, for all."""
    columns = zip(*(window.ids for window in windows), strict=False)
    return next(place for place, column in enumerate(columns) if len(set(column)) > 1)


def _other(window: Window, length: int | None = None, kept: int = 0) -> Window:
    """Other words, in the same places or in more or fewer of them, but for the first ``kept``."""
    ids = [one if place < kept else 10 + (one * 7 + 3) % 240 for place, one in enumerate(window.ids)]
    trained = list(window.trained)
    length = length or len(ids)
    while len(ids) < length:
        ids, trained = ids + ids, trained + trained
    return replace(window, ids=tuple(ids[:length]), trained=tuple(trained[:length]))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_other_words_of_one_leave_the_others_to_the_bit(bench: Bench, place: int) -> None:
    windows = bench.windows[:4]
    kept = _shared(windows)
    changed = [_other(one, kept=kept) if number == place else one for number, one in enumerate(windows)]
    assert kept > 10
    assert _shared(changed) == kept
    before, after = _losses(bench, windows), _losses(bench, changed)
    assert not torch.equal(before[place], after[place])
    assert all(torch.equal(before[number], after[number]) for number in range(4) if number != place)


@pytest.mark.parametrize("length", [9, 60, 150])
def test_another_length_of_one_leaves_the_others(bench: Bench, length: int) -> None:
    first, second, third = bench.windows[:3]
    before, after = _losses(bench, [first, second, third]), _losses(bench, [_other(first, length), second, third])
    for one, other in zip(before[1:], after[1:], strict=True):
        assert _apart(one, other) < TOLERANCE[bench.base.device.compute_dtype]


def test_together_is_as_alone(bench: Bench) -> None:
    """Positions are counted from each one's own beginning."""
    together = _losses(bench, bench.windows)
    for window, found in zip(bench.windows, together, strict=True):
        (alone,) = _losses(bench, [window])
        assert _apart(found, alone) < TOLERANCE[bench.base.device.compute_dtype]


def test_the_order_changes_nothing(bench: Bench) -> None:
    forward, backward = _losses(bench, bench.windows), _losses(bench, bench.windows[::-1])[::-1]
    for one, other in zip(forward, backward, strict=True):
        assert _apart(one, other) < TOLERANCE[bench.base.device.compute_dtype]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_gradient_reaches_the_words_of_another(bench: Bench, place: int) -> None:
    """Of all embedded words, only those of the window whose loss it is can have a gradient."""
    windows, embedded = bench.windows[:3], []

    def keep(module: Any, given: Any, found: Tensor) -> Tensor:
        embedded.append(found.detach().requires_grad_())
        return embedded[-1]

    hook = bench.base.model.get_input_embeddings().register_forward_hook(keep)
    try:
        with torch.enable_grad():
            _losses(bench, windows)[place].sum().backward()  # type: ignore[no-untyped-call]
    finally:
        hook.remove()
    gradient = embedded[0].grad
    assert gradient is not None
    reached = gradient.flatten(0, -2).abs().sum(-1) > 0
    trained = windows[place].trained
    assert int(reached.sum()) == max(index for index, one in enumerate(trained) if one)  # all before the last one


def test_a_leak_would_be_found(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: attention that also looks at what else is in the batch."""
    real = loss_head.hidden_states

    def leaking(model: Any, laid: Any) -> Tensor:
        states = real(model, laid)
        return states + 0.01 * states.mean(0)

    monkeypatch.setattr(loss_head, "hidden_states", leaking)
    before = _losses(bench, bench.windows[:2])
    after = _losses(bench, [_other(bench.windows[0], kept=_shared(bench.windows[:2])), bench.windows[1]])
    assert not torch.equal(before[1], after[1])
