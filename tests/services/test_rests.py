"""Runs that rest by themselves: on battery, for another program's memory, on a full disk; and that wake again."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.services import active_run, power, run_rests
from studio.services.run_rests import Surroundings
from studio.services.studio import Studio
from studio.services.yielding import GROWTH, LOOKS_TO_RETURN, MemoryLook, Yielding, look_at_memory
from tests.services.app_thread import AppThread
from tests.services.test_queue import begun, long_run, settled, short_run

GIGABYTE = 2**30


class World:
    """A world in a test's hands; every poll is a new look."""

    def __init__(self, studio: Studio) -> None:
        self.on_battery = False
        self.others = 1 * GIGABYTE
        self.disk = 100 * GIGABYTE
        self.seconds = 0.0
        self._studio = studio
        studio.training.rests.surroundings = Surroundings(
            battery=lambda: self.on_battery, memory=self._memory, disk_free=lambda folder: self.disk, clock=self._clock
        )

    def _clock(self) -> float:
        return self.seconds

    def _memory(self, device: str, name: str, ours: int) -> MemoryLook:
        assert ours < 3 * GIGABYTE
        return MemoryLook(free=max(0, 8 * GIGABYTE - self.others - ours), total=8 * GIGABYTE, ours=ours)

    def poll(self, times: int = 1) -> None:
        for _ in range(times):
            self.seconds += run_rests.SECONDS_BETWEEN_LOOKS
            self._studio.training.poll_control()


@pytest.fixture
def world(studio: Studio) -> World:
    return World(studio)


def resting(studio: Studio, app: AppThread, run: Run) -> str:
    app.until(lambda: studio.training.get(run.id).state is RunState.PAUSED)
    return studio.training.get(run.id).resting


def notes(studio: Studio, run: Run) -> list[str]:
    return [note.code for note in studio._open_library.run_records.notes(run.id) if note.code.startswith("run_")]


def test_on_battery_nothing_trains(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, world: World
) -> None:
    run, behind = long_run(studio, persona), short_run(studio, persona)
    begun(studio, app, run)
    world.on_battery = True
    world.poll()
    assert studio.training.is_active, "nobody asked for that"
    studio.settings.set("pause_on_battery", True)
    patient = studio.training.wait_job(run.id, through_rests=True)
    world.poll()
    assert resting(studio, app, run) == "battery"
    world.poll()
    assert studio.training.held_by == "battery" and not studio.training.is_active
    assert [one.id for one in studio.training.queue()] == [behind.id, run.id]
    assert not patient.ended and not studio.training.wakefulness.held
    world.on_battery = False
    world.poll()
    assert studio.training.get(run.id).state is RunState.RUNNING, "what rested goes on before the others"
    studio.training.stop(run.id)
    assert [one.state for one in settled(studio, app, run, behind)] == [RunState.STOPPED, RunState.FINISHED]
    assert patient.ended
    log = notes(studio, run)
    assert log.index("run_rests_battery") < log.index("run_woke_battery")


def test_a_resting_run_can_be_kept_and_stopped_by_hand(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, world: World
) -> None:
    run = long_run(studio, persona)
    begun(studio, app, run)
    studio.settings.set("pause_on_battery", True)
    world.on_battery = True
    world.poll()
    assert resting(studio, app, run) == "battery"
    patient = studio.training.wait_job(run.id, through_rests=True)
    studio.training.pause(run.id)
    assert patient.ended and studio.training.get(run.id).resting == "user"
    world.on_battery = False
    world.poll()
    assert studio.training.get(run.id).state is RunState.PAUSED
    world.on_battery = True
    world.poll()
    studio.training.stop(run.id)
    assert settled(studio, app, run)[0].adapter_id, "to end it takes moments, and may happen on battery"


def test_a_run_makes_room_for_a_game(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, world: World
) -> None:
    studio.settings.set("yield_free_memory_mb", 1024)
    run = long_run(studio, persona)
    begun(studio, app, run)
    world.poll(3)
    assert studio.training.is_active
    world.others = 7 * GIGABYTE
    world.poll()
    assert studio.training.is_active, "one look is not enough"
    world.poll()
    assert resting(studio, app, run) == "memory"
    app.until(lambda: studio.engine.status().base is None)
    world.poll(10)
    assert studio.training.get(run.id).state is RunState.PAUSED
    world.others = 1 * GIGABYTE
    world.poll(LOOKS_TO_RETURN - 1)
    assert studio.training.get(run.id).state is RunState.PAUSED, "the game may only be loading its next level"
    world.poll()
    assert studio.training.get(run.id).state is RunState.RUNNING
    begun(studio, app, run)
    assert studio.engine.status().base is not None


def test_a_full_disk_is_waited_for(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(version: Path, target: Path, *rest: object, **more: object) -> None:
        raise StudioError("disk_full", path=str(target))

    with monkeypatch.context() as patch:
        patch.setattr(active_run, "write_run_data", full)
        run = short_run(studio, persona)
        assert resting(studio, app, run) == "disk"
        world.disk = 0
        world.seconds += 10_000
        world.poll()
        assert studio.training.get(run.id).state is RunState.PAUSED
        world.disk = 100 * GIGABYTE
        world.poll()
        again = studio.training.get(run.id)
        assert (again.state, again.resting) == (RunState.PAUSED, "disk"), "tried again, and full again"
        world.poll()
        assert notes(studio, run).count("run_rests_disk") == 2, "less and less often"
    world.seconds += 10_000
    world.poll()
    assert settled(studio, app, run)[0].state is RunState.FINISHED


def test_what_a_run_takes_itself_is_no_reason_to_rest() -> None:
    yielding = Yielding()
    yielding.begun(MemoryLook(free=7 * GIGABYTE, total=8 * GIGABYTE, ours=0))
    full_by_us = MemoryLook(free=GIGABYTE // 2, total=8 * GIGABYTE, ours=6 * GIGABYTE + GIGABYTE // 2)
    assert not any(yielding.must_yield(full_by_us, GIGABYTE) for _ in range(10))
    full_by_others = MemoryLook(free=0, total=8 * GIGABYTE, ours=6 * GIGABYTE)
    assert full_by_others.others - GIGABYTE >= GROWTH
    assert [yielding.must_yield(full_by_others, GIGABYTE) for _ in range(2)] == [False, True]


def test_it_does_not_come_back_to_where_it_would_have_to_leave_again() -> None:
    yielding = Yielding()
    yielding.begun(MemoryLook(free=7 * GIGABYTE, total=8 * GIGABYTE, ours=0))
    crowded = MemoryLook(free=0, total=8 * GIGABYTE, ours=5 * GIGABYTE)
    assert [yielding.must_yield(crowded, GIGABYTE) for _ in range(2)] == [False, True]
    half_gone = MemoryLook(free=5 * GIGABYTE, total=8 * GIGABYTE, ours=0)
    assert not any(yielding.may_return(half_gone, GIGABYTE) for _ in range(20))
    gone = MemoryLook(free=6 * GIGABYTE, total=8 * GIGABYTE, ours=0)
    assert [yielding.may_return(gone, GIGABYTE) for _ in range(LOOKS_TO_RETURN)][-2:] == [False, True]


def test_a_run_of_an_earlier_program_waits_while_there_is_no_room(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = long_run(studio, persona)
    begun(studio, app, run)
    studio.training.pause(run.id)
    settled(studio, app, run)
    fields = {"resting": "memory", "peak_memory_bytes": 4 * GIGABYTE}
    studio._open_library.runs.update(run.id, **fields)
    studio.settings.set("yield_free_memory_mb", 1024)
    studio.close()
    again = open_studio()
    world = World(again)
    world.others = 6 * GIGABYTE
    world.poll(20)
    assert again.training.get(run.id).state is RunState.PAUSED
    world.others = 2 * GIGABYTE
    world.poll(LOOKS_TO_RETURN)
    assert again.training.get(run.id).state is RunState.RUNNING


def test_main_memory_where_no_card_trains() -> None:
    look = look_at_memory("cpu", "Imaginary processor", 5)
    assert look is not None and 0 < look.free < look.total == psutil.virtual_memory().total and look.ours == 5


@pytest.mark.parametrize(("plugged", "battery"), [(True, False), (False, True), (None, False)])
def test_the_battery(monkeypatch: pytest.MonkeyPatch, plugged: bool | None, battery: bool) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: SimpleNamespace(power_plugged=plugged), raising=False)
    assert power.on_battery() is battery


def test_computers_without_a_battery_or_a_word_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert not power.on_battery()

    def broken() -> None:
        raise OSError("the driver is gone")

    monkeypatch.setattr(psutil, "sensors_battery", broken, raising=False)
    assert not power.on_battery()
    monkeypatch.delattr(psutil, "sensors_battery")
    assert not power.on_battery()
