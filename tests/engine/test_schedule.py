"""The learning rate and the number of steps, for runs of one step as for runs of a thousand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.training.schedule import learning_rate, total_steps
from studio.methods.method import CommonOptions, TrainingOptions

SCHEDULES = ("cosine", "linear", "constant")


def _rates(total: int, **options: object) -> list[float]:
    wanted = TrainingOptions(**({"learning_rate": 1.0} | options))  # type: ignore[arg-type]
    return [learning_rate(step, total, wanted) for step in range(total)]


@given(st.integers(1, 400), st.sampled_from(SCHEDULES), st.floats(0, 1))
def test_every_step_counts_and_the_peak_is_reached(total: int, scheduler: str, warmup: float) -> None:
    rates = _rates(total, scheduler=scheduler, warmup_ratio=warmup)
    assert all(0 < rate <= 1 for rate in rates)
    assert max(rates) == pytest.approx(1.0)
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


@pytest.mark.parametrize("scheduler", SCHEDULES)
@pytest.mark.parametrize("total", range(1, 11))
def test_tiny_runs_are_not_spent_on_warming_up(scheduler: str, total: int) -> None:
    rates = _rates(total, scheduler=scheduler)
    assert rates[0] == 1.0
    assert sum(rates) >= total / 2
    assert rates[-1] > 0.02


def test_one_step_is_at_the_full_rate() -> None:
    for scheduler in SCHEDULES:
        for warmup in (0.0, 0.06, 0.5, 1.0):
            assert _rates(1, scheduler=scheduler, warmup_ratio=warmup) == [1.0]


def test_two_to_five_steps_by_hand() -> None:
    assert _rates(2, scheduler="linear") == [1.0, 1.0]
    assert _rates(4, scheduler="linear", warmup_ratio=0.5) == [0.5, 1.0, 1.0, 0.5]
    assert _rates(5, scheduler="linear", warmup_ratio=0.0) == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2])
    assert _rates(3, scheduler="cosine") == pytest.approx([1.0, 1.0, 0.5])


@pytest.mark.parametrize(("ratio", "total", "warmup"), [(0.07, 100, 7), (0.1, 30, 3), (0.29, 100, 29), (0.06, 51, 4)])
def test_the_last_bits_of_a_product_add_no_step(ratio: float, total: int, warmup: int) -> None:
    rates = _rates(total, warmup_ratio=ratio)
    assert rates[:warmup] == pytest.approx([(step + 1) / warmup for step in range(warmup)])


@pytest.mark.parametrize(
    ("windows", "options", "steps"),
    [
        (80, {"batch_size": 8, "epochs": 1.1}, 11),  # 1.1 × 10 is a little more than 11
        (800, {"batch_size": 8, "epochs": 0.07}, 7),
        (80, {"batch_size": 8, "epochs": 0.01}, 1),
        (81, {"batch_size": 8, "epochs": 1.0}, 11),
        (81, {"batch_size": 8, "epochs": 0.5}, 6),
        (3, {"batch_size": 8, "epochs": 2.5}, 3),
        (1, {"batch_size": 1, "epochs": 1.0}, 1),
        (80, {"batch_size": 8, "epochs": 3.0, "max_steps": 1}, 1),
    ],
)
def test_part_of_a_pass_is_part_of_its_steps(windows: int, options: dict[str, float], steps: int) -> None:
    assert total_steps(windows, CommonOptions(**options)) == steps  # type: ignore[arg-type]


@given(st.integers(1, 500), st.integers(1, 16), st.floats(0.01, 9), st.integers(0, 50))
def test_steps_never_fall_short_nor_run_over(windows: int, batch: int, epochs: float, most: int) -> None:
    steps = total_steps(windows, CommonOptions(batch_size=batch, epochs=epochs, max_steps=most))
    a_pass = math.ceil(windows / batch)
    assert 1 <= steps <= (most or math.inf)
    if not most:
        assert epochs * a_pass - 1e-5 <= steps < epochs * a_pass + 1
