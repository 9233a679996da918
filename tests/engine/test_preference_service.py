"""The whole way with the true engine: a persona with swipes becomes an adapter that was trained to choose."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.domain.run import RunState
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona


@pytest.fixture
def app() -> AppThread:
    return AppThread()


@pytest.fixture
def studio(tmp_path: Path, app: AppThread, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    engine = [sys.executable, "-m", "studio", "--engine"]
    studio = Studio.open(tmp_path / "library", deliver=app.deliver, engine_command=engine)
    yield studio
    studio.close()


def test_a_persona_with_swipes_learns_from_them(studio: Studio, app: AppThread, tiny_base: Path) -> None:
    added = studio.models.add(tiny_base)
    app.until(lambda: added.ended, 120)
    assert added.result is not None, added.error
    persona = add_persona(studio, "Oswin", 24)
    options = {"base_precision": "16-bit", "rank": 4, "max_steps": 3, "heldout_fraction": 0.3, "learning_rate": 1e-2}
    run = studio.training.start(persona.id, base_id=added.result.id, method="dpo", options=options)
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended, 180)
    ended = studio.training.get(run.id)
    assert ended.state is RunState.FINISHED, ended.failure
    points = studio.training.points(run.id)
    losses = [point.loss for point in points if point.kind == "train"]
    assert len(losses) == 3 and losses[0] == pytest.approx(0.6931, abs=0.01) and losses[-1] < 0.6
    kinds = {point.kind for point in points}
    assert kinds >= {"heldout", "preference_loss", "preference_accuracy", "preference_margin"}
    assert studio.adapters.get(ended.adapter_id).method == "dpo"
