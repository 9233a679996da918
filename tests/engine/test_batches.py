"""Which windows are read when: a pure function, nothing lost, nothing twice, within the budget; and the schedule."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.forward.batches import LENGTH_MULTIPLE, Laid, collate, micro_batches, steps_of_epoch
from studio.engine.text.chat_encoding import Window
from studio.engine.training.schedule import learning_rate, total_steps
from studio.methods.method import TrainingOptions


def _windows(lengths: list[int]) -> list[Window]:
    return [
        Window(key=f"w{number}", ids=tuple(range(10, 10 + length)), trained=(False, *[True] * (length - 1)))
        for number, length in enumerate(lengths)
    ]


lengths = st.lists(st.integers(1, 90), min_size=1, max_size=150)


@given(lengths, st.integers(1, 9), st.integers(0, 5), st.integers(0, 3))
def test_every_window_once_an_epoch(sizes: list[int], batch: int, seed: int, epoch: int) -> None:
    windows = _windows(sizes)
    steps = steps_of_epoch(windows, batch, seed, epoch)
    assert sorted(index for step in steps for index in step) == list(range(len(sizes)))
    assert len(steps) == -(-len(sizes) // batch)
    assert all(1 <= len(step) <= batch for step in steps)
    assert steps == steps_of_epoch(list(windows), batch, seed, epoch)


def test_epochs_and_seeds_differ() -> None:
    windows = _windows([5 + n % 7 for n in range(60)])
    orders = [steps_of_epoch(windows, 4, seed, epoch) for seed in (0, 1) for epoch in (0, 1)]
    assert all(one != other for n, one in enumerate(orders) for other in orders[:n])


@given(lengths, st.integers(1, 400))
def test_micro_batches_keep_to_the_budget(sizes: list[int], budget: int) -> None:
    windows = _windows(sizes)
    groups = list(micro_batches(windows, budget))
    assert sorted(window.key for group in groups for window in group) == sorted(window.key for window in windows)
    for group in groups:
        assert len(group) == 1 or sum(len(window.ids) for window in group) <= budget


def test_micro_batches_do_not_depend_on_the_order() -> None:
    windows = _windows([7, 7, 3, 9, 7])
    assert list(micro_batches(windows, 20)) == list(micro_batches(windows[::-1], 20))


def test_collating_pads_on_the_right() -> None:
    laid = collate(_windows([2, 4]), 0, torch.device("cpu")).padded()
    assert laid.ids.shape == (2, LENGTH_MULTIPLE)
    assert laid.ids[:, :4].tolist() == [[10, 11, 0, 0], [10, 11, 12, 13]]
    assert not laid.ids[:, 4:].any()
    assert laid.layout is None
    _predicted_rightly(laid, [[11], [11, 12, 13]])


def test_packing_puts_the_common_beginning_once() -> None:
    laid = collate(_windows([2, 4, 3]), 0, torch.device("cpu")).packed()
    assert laid.ids.shape == (1, LENGTH_MULTIPLE) and laid.layout is not None and laid.positions is not None
    # What all begin with is one token less than the shortest: each window keeps a token of its own.
    assert (laid.layout.prefix, laid.layout.rows) == (1, ((1, 2), (2, 5), (5, 7)))
    assert laid.ids[0, :7].tolist() == [10, 11, 11, 12, 13, 11, 12]
    assert laid.positions[0, :7].tolist() == [0, 1, 1, 2, 3, 1, 2]
    _predicted_rightly(laid, [[11], [11, 12, 13], [11, 12]])


def test_one_window_alone_has_nothing_in_common() -> None:
    laid = collate(_windows([5]), 0, torch.device("cpu")).packed()
    assert laid.layout is not None and (laid.layout.prefix, laid.layout.rows) == (0, ((0, 5),))
    _predicted_rightly(laid, [[11, 12, 13, 14]])


def _predicted_rightly(laid: Laid, expected: list[list[int]]) -> None:
    """``_windows`` count upwards, so a token is predicted by the place that holds the one before it."""
    found: list[list[int]] = [[] for _ in expected]
    for row, place, target in zip(laid.rows, laid.predictors, laid.targets, strict=True):
        assert int(laid.ids.flatten()[place]) == int(target) - 1
        found[int(row)].append(int(target))
    assert found == expected


@pytest.mark.parametrize(("scheduler", "last"), [("cosine", 0.0), ("linear", 0.0), ("constant", 1.0)])
def test_the_rate_rises_then_falls(scheduler: str, last: float) -> None:
    options = TrainingOptions(learning_rate=1.0, warmup_ratio=0.1, scheduler=scheduler)
    rates = [learning_rate(step, 100, options) for step in range(101)]
    assert rates[:10] == pytest.approx([(n + 1) / 10 for n in range(10)])
    assert rates[10] == 1.0
    assert all(one >= other for one, other in zip(rates[10:], rates[11:], strict=False))
    assert rates[100] == pytest.approx(last)


def test_cosine_is_half_way_in_the_middle() -> None:
    options = TrainingOptions(learning_rate=2.0, warmup_ratio=0.0)
    assert learning_rate(50, 100, options) == pytest.approx(1.0)
    assert learning_rate(0, 1, TrainingOptions(warmup_ratio=1.0, learning_rate=0.5)) == 0.5


@pytest.mark.parametrize(
    ("windows", "options", "steps"),
    [
        (10, {"batch_size": 4, "epochs": 2.0}, 6),
        (10, {"batch_size": 4, "epochs": 0.5}, 2),
        (10, {"batch_size": 4, "epochs": 2.0, "max_steps": 5}, 5),
        (10, {"batch_size": 4, "epochs": 2.0, "max_steps": 50}, 6),
        (1, {"batch_size": 8, "epochs": 0.01}, 1),
    ],
)
def test_steps_of_a_run(windows: int, options: dict[str, float], steps: int) -> None:
    assert total_steps(windows, TrainingOptions(**options)) == steps  # type: ignore[arg-type]
