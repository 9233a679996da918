"""Killed at twenty random moments, a run ends as if nothing had happened: adapter, moments, standing, every loss."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.protocol.events import RunEnded
from tests.engine.killed_training import Life
from tests.engine.kills import PLACES, Told, Way, differences, killed, launcher, undisturbed
from tests.engine.rig import ferry_data

KILLS = 20
OPTIONS = {"dropout": 0.3, "batch_size": 2, "epochs": 15, "target_modules": "attention", "keep_best": True}
SHORT = {**OPTIONS, "max_steps": 12}
"""Checkpoints after steps 5 and 10."""

Lives = Callable[..., Life]


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with launcher(tmp_path_factory.mktemp("kills") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def life(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """A run of the tiny base in a folder of its own, several micro-steps to a step."""
    place = tmp_path_factory.mktemp("lives")
    data = ferry_data(place / "data", count=10, heldout=2)

    def make(name: str, options: dict[str, object], without: str = "") -> Life:
        folder = place / name
        folder.mkdir()
        return Life(
            base=str(tiny_base), data=str(data), folder=str(folder), told=str(folder / "told"), resume=False,
            options=options, micro_batch_tokens=128, without=without,
        )  # fmt: skip

    return make


def _compared(one: Life, other: Life, told: Told, others: Told) -> list[str]:
    return differences(Path(one.folder), Path(other.folder), told, others)


def test_killed_at_twenty_random_moments_nothing_differs(way: Way, life: Lives) -> None:
    whole, parts = life("whole", OPTIONS), life("parts", OPTIONS)
    told = undisturbed(way, whole)
    (end,) = [event for event in told.events if isinstance(event, RunEnded)]
    assert end.step == 60
    found = killed(way, parts, KILLS, end.step, seed=4)
    assert len(found.fell) >= KILLS
    assert set(PLACES) <= set(found.fell), found.fell
    assert not _compared(whole, parts, told, found.told)


@pytest.mark.parametrize("without", ["", "chance", "order", "moments"])
def test_with_what_stands_for_randomness_taken_away_it_differs(way: Way, life: Lives, without: str) -> None:
    """Negative controls: dropout or the order drawn from a running state, or Adam's moments forgotten."""
    whole, parts = life(f"whole {without}", SHORT, without), life(f"parts {without}", SHORT, without)
    told = undisturbed(way, whole)
    if without in ("chance", "order"):  # it is the kill that makes the difference, not the sabotage
        again = life(f"again {without}", SHORT, without)
        assert not _compared(whole, again, told, undisturbed(way, again))
    found = killed(way, parts, 1, 12, seed=1, reach=0.9)
    assert bool(_compared(whole, parts, told, found.told)) == bool(without)
