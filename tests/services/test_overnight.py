"""A night: five runs, one impossible, one whose engine is killed, one paused by the user; and how they end."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.domain.base_model import BaseModel
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.services.studio import Studio
from studio.services.wakefulness import Wakefulness
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona
from tests.services.test_queue import ENDLESS, begun, silent_run
from tests.services.test_wakefulness import FakeGrip


def kill_engine() -> None:
    """As the system does when memory runs out, or a user in a task manager."""
    engines = [
        child for child in psutil.Process().children() if {"--engine", "tests.fake_engine"} & set(child.cmdline())
    ]
    assert len(engines) == 1
    engines[0].kill()


def night(
    studio: Studio, app: AppThread, persona: Persona, monkeypatch: pytest.MonkeyPatch, *, steps: int
) -> list[Run]:
    """Queue five runs, have two things happen to them, and return the runs as they are in the morning."""
    ordinary, long = {"max_steps": 4}, {"epochs": 1000, "max_steps": steps}
    runs = [
        silent_run(studio),
        studio.training.start(persona.id, options=long),
        studio.training.start(persona.id, options=ordinary),
        studio.training.start(persona.id, options=ENDLESS),
        studio.training.start(persona.id, options=ordinary),
    ]
    begun(studio, app, runs[1], seconds=90)
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "40")
    kill_engine()
    begun(studio, app, runs[3], seconds=90)
    studio.training.pause(runs[3].id)
    app.until(lambda: not studio.training.queue(), 90)
    return [studio.training.get(run.id) for run in runs]


def in_the_morning(
    studio: Studio, app: AppThread, persona: Persona, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    ended: list[str] = []
    studio.training.when_ended(lambda run: ended.append(run.id))
    grip = FakeGrip()
    studio.training.wakefulness = Wakefulness(grip)
    impossible, killed, first, paused, last = night(studio, app, persona, monkeypatch, steps=steps)
    assert impossible.state is RunState.FAILED and json.loads(impossible.failure)["code"] == "nothing_to_train"
    assert (killed.state, killed.step, killed.failure) == (RunState.FINISHED, steps, "")
    assert first.state is last.state is RunState.FINISHED
    assert (paused.state, paused.resting) == (RunState.PAUSED, "user") and 2 < paused.step < paused.total_steps
    points = [point.step for point in studio.training.points(killed.id) if point.kind == "train"]
    assert points == list(range(1, steps + 1)), "every step once, in order, whatever happened in between"
    assert {adapter.run_id for adapter in studio.adapters.list()} == {killed.id, first.id, last.id}
    assert ended == [impossible.id, killed.id, first.id, last.id]
    assert grip.acts[0] == "take" and grip.acts[-1] == "let go"
    assert "started again" in studio.engine.status().notice
    studio.training.resume(paused.id)
    begun(studio, app, paused, paused.step, seconds=90)
    studio.training.stop(paused.id)
    app.until(lambda: studio.training.get(paused.id).state is RunState.STOPPED, 60)
    assert studio.training.get(paused.id).adapter_id


def test_a_night(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "2")  # slow until it is killed: the run must not end before that
    studio.engine.restart()
    in_the_morning(studio, app, persona, monkeypatch, steps=400)


@pytest.fixture
def true_studio(tmp_path: Path, app: AppThread) -> Iterator[Studio]:
    studio = Studio.open(tmp_path / "library", deliver=app.deliver)
    yield studio
    studio.close()


@pytest.mark.engine
def test_a_night_with_the_true_engine(
    true_studio: Studio, app: AppThread, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    adding = true_studio.models.add(tiny_base)
    app.until(lambda: adding.ended, 60)
    assert adding.result is not None, adding.error
    in_the_morning(true_studio, app, add_persona(true_studio, "Oswin", 10), monkeypatch, steps=24)
