"""Figures in words, and the curve's arithmetic: no Qt here."""

import random
import time

import pytest

from studio.gui import figures
from studio.gui.widgets.curve_maths import bucket_means, decimate, nearest, nice_ticks, smoothed


@pytest.mark.parametrize(
    ("value", "words"), [(5.6 * 2**30, "5.6 GB"), (640 * 2**20, "640 MB"), (0, "0 kB"), (12 * 2**30, "12.0 GB")]
)
def test_sizes_are_readable(value: float, words: str) -> None:
    assert figures.size(value) == words


def test_learning_rate_is_short() -> None:
    assert [figures.learning_rate(one) for one in (2e-4, 1.5e-5, 0.05, 0.0)] == ["2e-4", "1.5e-5", "0.05", "0"]


def test_duration_counts_up_in_units() -> None:
    assert [figures.duration(one) for one in (12.4, 240, 7800)] == ["12 s", "4 min", "2 h 10 min"]


def test_decimation_keeps_ends_spikes_and_order() -> None:
    points = [(float(i), 2.0 + random.Random(i).random()) for i in range(100_000)]
    points[54_321] = (54_321.0, 99.0)
    points[77_777] = (77_777.0, -1.0)
    began = time.process_time()
    kept = decimate(points, 600)
    assert time.process_time() - began < 1.0
    assert len(kept) <= 2 * 600 + 2
    assert kept[0] == points[0] and kept[-1] == points[-1]
    assert (54_321.0, 99.0) in kept and (77_777.0, -1.0) in kept
    assert [x for x, _ in kept] == sorted(x for x, _ in kept)


def test_few_points_are_not_thinned() -> None:
    points = [(0.0, 1.0), (1.0, 2.0)]
    assert decimate(points, 100) == points
    assert decimate([], 100) == []


def test_smoothing_keeps_a_constant_and_does_not_lag() -> None:
    assert all(abs(y - 3) < 1e-9 for _, y in smoothed([(float(i), 3.0) for i in range(50)]))
    step = [(float(i), 0.0 if i < 50 else 1.0) for i in range(100)]
    assert smoothed(step, 0.9)[49][1] + smoothed(step, 0.9)[50][1] == pytest.approx(1.0, abs=0.05)


def test_bucket_means_keep_the_mean_and_the_order() -> None:
    points = [(float(i), float(i % 10)) for i in range(100_000)]
    kept = bucket_means(points, 1000)
    assert len(kept) == 1000 and all(y == 4.5 for _, y in kept)
    assert bucket_means(points[:5], 1000) == points[:5]


def test_ticks_are_round_and_inside() -> None:
    assert nice_ticks(0, 480) == [0, 100, 200, 300, 400]
    assert nice_ticks(2.3, 4.8) == [2.5, 3.0, 3.5, 4.0, 4.5]
    assert nice_ticks(1, 1) == []
    assert nice_ticks(float("nan"), 2) == []


def test_nearest_point() -> None:
    points = [(float(i), float(i)) for i in range(0, 100, 10)]
    assert nearest(points, 34) == (30.0, 30.0)
    assert nearest(points, 1e9) == (90.0, 90.0)
    assert nearest([], 1) is None
