"""The queue: its order, times, what a failed run and a dying engine do to it, and what closing leaves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.importers import ImportItem, ImportPlan, PersonaDraft
from studio.library.library import Library
from studio.protocol import commands
from studio.services import engine, run_times
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import conversation

ENDLESS = {"epochs": 1000, "batch_size": 1}
"""Options of a run that does not come to its end by itself, however long the app is kept from looking."""


def begun(studio: Studio, app: AppThread, run: Run, steps: int = 2, seconds: float = 30) -> None:
    app.until(lambda: (live := studio.training.live(run.id)) is not None and live.step > steps, seconds)


def long_run(studio: Studio, persona: Persona, **more: str) -> Run:
    return studio.training.start(persona.id, options=ENDLESS, **more)  # type: ignore[arg-type]


def short_run(studio: Studio, persona: Persona, **more: str) -> Run:
    return studio.training.start(persona.id, options={"max_steps": 2}, **more)  # type: ignore[arg-type]


def settled(studio: Studio, app: AppThread, *runs: Run, seconds: float = 30) -> list[Run]:
    jobs = [studio.training.wait_job(run.id) for run in runs]
    app.until(lambda: all(job.ended for job in jobs), seconds)
    return [studio.training.get(run.id) for run in runs]


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")


def order(studio: Studio) -> list[str]:
    return [run.id for run in studio.training.queue()]


def test_runs_wait_in_the_order_that_one_gives_them(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    active = long_run(studio, persona)
    a, b, c = (short_run(studio, persona) for _ in range(3))
    assert order(studio) == [active.id, a.id, b.id, c.id]
    studio.training.move(c.id, before=a.id)
    studio.training.move(a.id)
    assert order(studio) == [active.id, c.id, b.id, a.id]
    d = short_run(studio, persona)
    assert order(studio)[-1] == d.id, "a new run comes last, also after moving"
    with pytest.raises(StudioError, match="run_not_queued"):
        studio.training.move(active.id, before=a.id)
    with pytest.raises(StudioError, match="run_not_queued"):
        studio.training.move(a.id, before=active.id)
    studio.training.stop(active.id)
    settled(studio, app, a, b, c, d)
    began = sorted((run for run in studio.training.runs() if run.id != active.id), key=lambda run: run.number)
    adapters = {adapter.run_id: adapter.name for adapter in studio.adapters.list()}
    made = sorted((run.id for run in began), key=lambda run_id: int(adapters[run_id].rpartition("v")[2]))
    assert made == [c.id, b.id, a.id, d.id]


def test_the_order_survives_closing(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    active = long_run(studio, persona)
    a, b = short_run(studio, persona), short_run(studio, persona)
    studio.training.move(b.id, before=a.id)
    begun(studio, app, active)
    studio.close()
    again = open_studio()
    assert again.training.get(active.id).resting == "closed"
    assert order(again) == [b.id, a.id]
    again.training.poll_control()
    assert again.training.get(active.id).state is RunState.RUNNING, "what closing cut off goes on first"
    again.training.stop(active.id)
    ended = settled(again, app, active, b, a)
    assert [run.state for run in ended] == [RunState.STOPPED, RunState.FINISHED, RunState.FINISHED]
    log = [note.code for note in again._open_library.run_records.notes(active.id)]
    assert log.index("run_rests_closed") < log.index("run_taken_up")


def test_closing_before_the_first_step_leaves_the_run_in_the_queue(
    open_studio: Callable[[], Studio], studio: Studio, base: BaseModel, persona: Persona
) -> None:
    run = long_run(studio, persona)
    studio.close()
    assert open_studio().training.get(run.id).state is RunState.QUEUED


def test_what_the_user_paused_or_does_not_want_stays(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    paused, cut = long_run(studio, persona), long_run(studio, persona)
    begun(studio, app, paused)
    studio.training.pause(paused.id)
    begun(studio, app, cut)
    studio.settings.set("go_on_at_start", False)
    studio.close()
    again = open_studio()
    again.training.poll_control()
    found = [again.training.get(run.id) for run in (paused, cut)]
    assert [(run.state, run.resting) for run in found] == [(RunState.PAUSED, "user"), (RunState.PAUSED, "closed")]


def cut_power(studio: Studio, *running: Run) -> None:
    """Leave the library as a power cut does: rows of runs that nobody trains any more."""
    studio.close()
    with Library.open(studio.library) as library:
        for run in running:
            step = {"step": run.step} if run.step else {}
            library.runs.update(run.id, state=RunState.RUNNING, resting="", **step)


def test_a_power_cut(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run, behind = long_run(studio, persona), short_run(studio, persona)
    begun(studio, app, run)
    cut_power(studio, run)
    again = open_studio()
    found = again.training.get(run.id)
    assert found.state is RunState.INTERRUPTED and found.step
    again.training.poll_control()
    assert again.training.get(run.id).state is RunState.RUNNING, "it goes on before the others"
    cut_power(again, found)
    third = open_studio()
    third.training.poll_control()
    assert third.training.get(run.id).state is RunState.INTERRUPTED, "it got no further: others first"
    assert third.training.get(behind.id).state is RunState.RUNNING
    third.training.resume(run.id)
    assert third.training.get(run.id).state is RunState.QUEUED


def test_a_failed_run_does_not_stop_the_next(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    impossible = silent_run(studio)
    behind = short_run(studio, persona)
    failed, finished = settled(studio, app, impossible, behind)
    assert (failed.state, finished.state) == (RunState.FAILED, RunState.FINISHED)
    assert "nothing_to_train" in failed.failure


def silent_run(studio: Studio) -> Run:
    """A run that is found to be impossible when it begins: nothing it was given is to be learned."""
    talks = tuple(
        replace(talk, turns=tuple(replace(turn, train=False) for turn in talk.turns))
        for talk in (conversation(number, "Hush") for number in range(12))
    )
    name = f"Silent {len(studio.personas.list())}"
    item = ImportItem(
        path=Path("hush.txt"), format="plain_script", format_label="Script", persona_name=name,
        card=PersonaDraft(name=name), conversations=talks,
    )  # fmt: skip
    report = studio.imports.commit(ImportPlan(items=(item,)))
    return short_run(studio, studio.personas.get(report.personas[0].persona_id))


def test_a_run_that_kills_every_engine_is_left_and_the_next_one_goes_on(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("FAKE_ENGINE_DIE_AFTER", "train")
        studio.engine.restart()
        deadly, behind = short_run(studio, persona), short_run(studio, persona)
        job = studio.training.wait_job(deadly.id)
        app.until(lambda: job.ended)
    left, finished = settled(studio, app, deadly, behind)
    assert left.state is RunState.INTERRUPTED and "engine_gave_up" in left.failure
    assert finished.state is RunState.FINISHED


def test_a_run_that_never_gets_further_is_left_however_slowly_it_kills(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "RESTART_WINDOW_SECONDS", -1.0)
    with monkeypatch.context() as patch:
        patch.setenv("FAKE_ENGINE_DIE_AFTER", "train")
        studio.engine.restart()
        deadly, behind = short_run(studio, persona), short_run(studio, persona)
        job = studio.training.wait_job(deadly.id)
        app.until(lambda: job.ended)
    left, finished = settled(studio, app, deadly, behind)
    assert left.state is RunState.INTERRUPTED and "run_keeps_dying" in left.failure
    assert finished.state is RunState.FINISHED


def test_a_run_starts_at_its_time(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    tonight = short_run(studio, persona, starts_at=in_hours(5))
    now = short_run(studio, persona)
    assert settled(studio, app, now)[0].state is RunState.FINISHED
    studio.training.poll_control()
    assert studio.training.get(tonight.id).state is RunState.QUEUED
    assert studio.training.wakefulness.held, "the computer stays awake for what is to begin tonight"
    clock = in_hours(6)
    monkeypatch.setattr(run_times, "now", lambda: clock)
    studio.training.poll_control()
    assert settled(studio, app, tonight)[0].state is RunState.FINISHED
    monkeypatch.undo()
    later = short_run(studio, persona, starts_at=in_hours(40))
    studio.training.poll_control()
    assert not studio.training.wakefulness.held
    studio.training.schedule(later.id, "")
    assert settled(studio, app, later)[0].state is RunState.FINISHED


def test_a_paused_run_goes_on_at_a_time(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = long_run(studio, persona)
    begun(studio, app, run)
    studio.training.pause(run.id)
    settled(studio, app, run)
    studio.training.schedule(run.id, in_hours(1))
    waiting = studio.training.get(run.id)
    assert waiting.state is RunState.QUEUED and waiting.starts_at and waiting.step > 0
    studio.training.schedule(run.id, "")
    assert studio.training.get(run.id).state is RunState.RUNNING


def test_times_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 11, 22, 12, 0).astimezone()
    monkeypatch.setattr(run_times, "now", lambda: noon.astimezone(UTC).isoformat(timespec="seconds"))

    def read(text: str) -> datetime:
        return datetime.fromisoformat(run_times.as_moment(text))

    assert run_times.as_moment(" ") == ""
    assert read("23:00") == noon.replace(hour=23)
    assert read("1:30") == noon.replace(day=23, hour=1, minute=30)
    assert read("2026-11-24T01:30") == noon.replace(day=24, hour=1, minute=30)
    assert run_times.as_moment("2026-11-22T13:00:00+02:00") == "2026-11-22T11:00:00+00:00"
    for wrong in ("25:00", "soon", "12.30"):
        with pytest.raises(StudioError, match="start_time_unreadable"):
            run_times.as_moment(wrong)
    with pytest.raises(StudioError, match="start_time_far"):
        run_times.as_moment("2036-01-01T00:00")


def test_a_wish_to_stop_wins_over_a_pause_under_way(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = long_run(studio, persona)
    begun(studio, app, run)
    tell, deaf = studio.engine.tell, [True]

    def tell_late(command: commands.AnyCommand) -> None:
        if not isinstance(command, commands.Stop) or not deaf.pop():
            tell(command)

    monkeypatch.setattr(studio.engine, "tell", tell_late)
    studio.training.pause(run.id)
    studio.training.stop(run.id)
    monkeypatch.undo()
    stopped = settled(studio, app, run)[0]
    assert stopped.state is RunState.STOPPED and stopped.adapter_id


def test_ends_are_told_where_that_is_wanted(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, tmp_path: Path
) -> None:
    heard: list[Run] = []
    unheard = studio.training.when_ended(heard.append)
    settled(studio, app, short_run(studio, persona), silent_run(studio))
    assert [run.state for run in heard] == [RunState.FINISHED, RunState.FAILED]
    paused = long_run(studio, persona)
    begun(studio, app, paused)
    studio.training.pause(paused.id)
    settled(studio, app, paused)
    studio.settings.set("notify_when_done", False)
    settled(studio, app, short_run(studio, persona))
    assert len(heard) == 2
    studio.settings.set("notify_when_done", True)
    unheard()
    settled(studio, app, short_run(studio, persona))
    assert len(heard) == 2
