"""Pausing, stopping, failing, closing, and wishes from another process."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio import atomic_files
from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.log_setup import start_logging, stop_logging
from studio.services import control
from studio.services.studio import Studio
from studio.texts import SENTENCES
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona
from tests.services.test_queue import begun, long_run


def under_way(studio: Studio, app: AppThread, persona: Persona) -> Run:
    """A run that has made some steps."""
    run = long_run(studio, persona)
    begun(studio, app, run)
    return run


def wait(studio: Studio, app: AppThread, run: Run) -> Run:
    """Until it is neither queued nor running."""
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert job.result is not None
    return job.result


def test_pause_and_resume(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = under_way(studio, app, persona)
    studio.training.pause(run.id)
    paused = wait(studio, app, run)
    assert paused.state is RunState.PAUSED and 0 < paused.step < paused.total_steps
    assert studio.training.live(run.id) is None
    with pytest.raises(StudioError, match="run_not_active"):
        studio.training.pause(run.id)
    studio.training.resume(run.id)
    app.until(lambda: (live := studio.training.live(run.id)) is not None and live.step > paused.step)
    studio.training.stop(run.id)
    stopped = wait(studio, app, run)
    assert stopped.state is RunState.STOPPED and studio.adapters.get(stopped.adapter_id).step == stopped.step
    with pytest.raises(StudioError, match="run_not_resumable"):
        studio.training.resume(run.id)


def test_stopping_a_paused_run_keeps_what_it_learned(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = under_way(studio, app, persona)
    studio.training.pause(run.id)
    wait(studio, app, run)
    studio.training.stop(run.id)
    stopped = wait(studio, app, run)
    assert stopped.state is RunState.STOPPED and stopped.adapter_id


def test_closing_pauses(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = under_way(studio, app, persona)
    studio.close()
    again = open_studio()
    paused = again.training.get(run.id)
    assert paused.state is RunState.PAUSED
    again.training.resume(run.id)
    app.until(lambda: (live := again.training.live(run.id)) is not None and live.step > paused.step)


def test_a_run_left_running_is_interrupted(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = under_way(studio, app, persona)
    studio.training.pause(run.id)
    wait(studio, app, run)
    studio._open_library.runs.update(run.id, state=RunState.RUNNING)
    studio.close()
    assert open_studio().training.get(run.id).state is RunState.INTERRUPTED


def test_a_failure_is_kept_with_its_sentence(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", 'train:loss_not_finite:{"value": "nan", "step": 3}')
    studio.engine.restart()
    failed = wait(studio, app, studio.training.start(persona.id))
    assert failed.state is RunState.FAILED
    kept = json.loads(failed.failure)
    assert "nan at step 3" in SENTENCES[kept["code"]].format(**kept["details"])


def test_what_cannot_be_trained(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    empty = studio.personas.create("Empty")
    with pytest.raises(StudioError, match="nothing_to_train"):
        studio.training.start(empty.id)
    with pytest.raises(StudioError, match="method_unknown"):
        studio.training.start(persona.id, method="magic")
    with pytest.raises(StudioError, match="preset_unknown"):
        studio.training.start(persona.id, preset="magic")
    with pytest.raises(StudioError, match="rank must be between"):
        studio.training.start(persona.id, options={"rank": 0})
    assert studio.training.runs() == []


def test_a_full_disk_loses_no_run(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(staged: Path, target: Path) -> None:
        raise StudioError("disk_full", path=str(target))

    with monkeypatch.context() as patch:
        patch.setattr(atomic_files, "place_folder", full)
        run = wait(studio, app, studio.training.start(persona.id, preset="taste"))
    assert (run.state, run.resting) == (RunState.PAUSED, "disk") and "disk_full" in run.failure
    studio.training.resume(run.id)
    ended = wait(studio, app, run)
    assert ended.state is RunState.FINISHED and ended.failure == "" and ended.adapter_id


def test_wishes_of_another_process(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = under_way(studio, app, persona)
    wish = "import sys; from pathlib import Path; from studio.services.control import request; "
    wish += "request(Path(sys.argv[1]), sys.argv[2], 'pause')"
    subprocess.run([sys.executable, "-c", wish, str(studio.library), run.id], check=True)
    studio.training.poll_control()
    assert wait(studio, app, run).state is RunState.PAUSED
    control.request(studio.library, run.id, "resume")
    control.request(studio.library, "run-nobody", "pause")
    studio.training.poll_control()
    assert studio.training.get(run.id).state is RunState.RUNNING
    assert not list((studio.library / "control").iterdir())


def test_a_second_program_is_refused(open_studio: Callable[[], Studio], studio: Studio) -> None:
    with pytest.raises(StudioError, match="library_in_use"):
        open_studio()
    program = (
        "import sys; from pathlib import Path; from studio.services.studio import Studio\n"
        "Studio.open(Path(sys.argv[1]), deliver=lambda act: None)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(studio.library)], capture_output=True, text=True)
    assert "library_in_use" in ended.stderr
    looked = subprocess.run(
        [sys.executable, "-c", program.replace("None)", "None, read_only=True)"), str(studio.library)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (looked.returncode, looked.stderr) == (0, "")


def test_chatting_shares_the_base_of_a_training(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = under_way(studio, app, persona)
    chat = studio.chats.create()
    reply = studio.chats.ask(chat.id, "Still there?")
    app.until(lambda: reply.ended)
    assert reply.result is not None, reply.error
    assert studio.engine.status().quantization == "nf4"
    assert studio.training.get(run.id).state is RunState.RUNNING
    other = studio.engine.ensure_base(base.id, "none")
    assert other.error is not None and other.error.code == "base_busy"
    with pytest.raises(StudioError, match="run_active"):
        studio.personas.delete(persona.id)
    with pytest.raises(StudioError, match="run_active"):
        studio.models.remove(base.id)


def test_progress_is_told_sparingly(studio: Studio, app: AppThread, base: BaseModel) -> None:
    told: list[frozenset[str]] = []
    persona = add_persona(studio, "Mira", 30)
    run = under_way(studio, app, persona)
    studio.changes.subscribe(lambda change: told.append(change.ids) if "run_progress" in change.kinds else None)
    before = studio.training.live(run.id)
    begun(studio, app, run, before.step + 500 if before else 500)
    app.until(lambda: len(told) > 3)
    after = studio.training.live(run.id)
    assert before is not None and after is not None
    assert after.step - before.step > 2 * len(told) > 0


def test_reading_only(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    looking = Studio.open(studio.library, deliver=app.deliver, read_only=True)
    try:
        assert looking.read_only and looking.personas.get("Oswin") == persona
        assert looking.data.overview(persona.id).persona_turns == 80
        with pytest.raises(StudioError, match="library_read_only"):
            looking.training.start(persona.id)
        with pytest.raises(StudioError, match="library_read_only"):
            looking.settings.set("theme", "dark")
    finally:
        looking.close()


def test_no_words_of_a_chat_in_the_logs(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    start_logging(studio.library / "logs", verbose=True)
    try:
        reply = studio.chats.ask(studio.chats.create().id, "Xylophone in the attic?")
        app.until(lambda: reply.ended)
        wait(studio, app, studio.training.start(persona.id, preset="taste"))
        studio.engine.kill()
        app.until(lambda: studio.engine.status().notice)
    finally:
        stop_logging()
    logs = "".join(path.read_text("utf-8") for path in (studio.library / "logs").iterdir())
    assert "ended by itself" in logs
    assert "Xylophone" not in logs and "says Oswin" not in logs
