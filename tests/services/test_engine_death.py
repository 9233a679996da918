"""An engine that dies: told within a second, nothing lost, runs go on, and an end to trying."""

import time
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Contestant
from studio.domain.conversation import Role
from studio.domain.persona import Persona
from studio.domain.run import RunState
from studio.services.engine import EngineState
from studio.services.replies import ReplyJob
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.test_queue import begun


def test_a_run_survives(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_DIE_AFTER", "train")
    monkeypatch.setenv("FAKE_ENGINE_DIE_UNITS", "30")
    monkeypatch.setenv("FAKE_ENGINE_DIE_ONCE", str(tmp_path / "died"))
    studio.engine.restart()
    seen: list[RunState] = []
    run = studio.training.start(persona.id, options={"epochs": 8, "batch_size": 4})
    studio.changes.subscribe(lambda change: seen.append(studio.training.get(run.id).state))
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    ended = studio.training.get(run.id)
    assert (tmp_path / "died").exists() and ended.state is RunState.FINISHED, ended
    assert RunState.INTERRUPTED in seen
    steps = [point.step for point in studio.training.points(run.id) if point.kind == "train"]
    assert steps == list(range(1, ended.total_steps + 1)), "every step once, in order"
    assert len(studio.adapters.list()) == 1
    notice = studio.engine.status().notice
    assert "lack of memory" in notice and "started again" in notice


def killed_while_it_answers(
    studio: Studio, app: AppThread, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ReplyJob, float]:
    """The chat, the reply, and the seconds until its end was told."""
    chat = studio.chats.create(contestants=[Contestant()])
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0.3")  # so slow that it does not end before it is killed
    studio.engine.restart()
    job = studio.chats.ask(chat.id, "Tell me everything.")
    app.until(lambda: len(job.texts[0]) > 20)
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "40")
    killed = time.monotonic()
    studio.engine.kill()
    app.until(lambda: job.ended)
    return chat.id, job, time.monotonic() - killed


def test_a_reply_fails_at_once_and_keeps_its_words(
    studio: Studio, app: AppThread, base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id, job, seconds = killed_while_it_answers(studio, app, monkeypatch)
    if seconds >= 1.0:  # once more only where a busy machine held it up
        chat_id, job, seconds = killed_while_it_answers(studio, app, monkeypatch)
    assert seconds < 1.0
    assert job.error is not None and job.error.code == "engine_died"
    thread = studio.chats.thread(chat_id, 0)
    assert thread[0].text == "Tell me everything." and thread[1].role is Role.PERSONA
    assert thread[1].text == job.texts[0].strip() and thread[1].made_by["reason"] == "interrupted"
    app.until(lambda: studio.engine.state is EngineState.READY)
    again = studio.chats.regenerate(chat_id, 0)
    app.until(lambda: again.ended)
    assert again.result is not None and len(studio.chats.siblings(thread[1].id)) == 2


def test_it_is_not_started_for_ever(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_DIE_AFTER", "train")
    studio.engine.restart()
    run = studio.training.start(persona.id)
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert studio.engine.state is EngineState.FAILED
    interrupted = studio.training.get(run.id)
    assert interrupted.state is RunState.INTERRUPTED and "engine_gave_up" in interrupted.failure
    reply = studio.chats.answer_once("Hello?", [Contestant()])
    app.until(lambda: reply.ended)
    assert reply.error is not None and reply.error.code == "engine_gave_up"
    monkeypatch.delenv("FAKE_ENGINE_DIE_AFTER")
    studio.engine.restart()
    studio.training.resume(run.id)
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert studio.training.get(run.id).state is RunState.FINISHED


def test_another_protocol_is_refused(studio: Studio, app: AppThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_PROTOCOL", "99")
    studio.engine.start()
    app.until(lambda: studio.engine.state is EngineState.FAILED)
    assert "99" in studio.engine.status().notice


def test_a_missing_command_is_a_sentence(tmp_path: Path, app: AppThread) -> None:
    studio = Studio.open(tmp_path / "other", deliver=app.deliver, engine_command=[str(tmp_path / "nothing-here")])
    try:
        studio.engine.start()
        app.until(lambda: studio.engine.state is EngineState.FAILED)
        assert studio.engine.status().notice.startswith("The engine could not be started")
    finally:
        studio.close()


def test_the_memory_of_a_restart_by_hand(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "2")
    studio.engine.restart()
    run = studio.training.start(persona.id, options={"epochs": 50})
    begun(studio, app, run, 3)
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "40")
    studio.engine.restart()
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended, seconds=60)
    assert studio.training.get(run.id).state is RunState.FINISHED


def test_an_engine_that_failed_to_start_is_tried_again_on_a_wish(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("FAKE_ENGINE_PROTOCOL", "99")
        studio.engine.restart()
        run = studio.training.start(persona.id, preset="taste")
        job = studio.training.wait_job(run.id)
        app.until(lambda: job.ended)
        interrupted = studio.training.get(run.id)
        assert interrupted.state is RunState.INTERRUPTED and "engine_protocol" in interrupted.failure
    studio.training.resume(run.id)
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert studio.training.get(run.id).state is RunState.FINISHED
