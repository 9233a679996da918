"""Keeping the computer awake: taken with work, given back with its end, and never in a run's way."""

import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from studio.domain.base_model import BaseModel
from studio.domain.persona import Persona
from studio.domain.run import RunState
from studio.services import wakefulness
from studio.services.studio import Studio
from studio.services.wakefulness import NoGrip, ProcessGrip, Wakefulness, WindowsGrip, system_grip
from tests.services.app_thread import AppThread
from tests.services.test_queue import begun, in_hours, long_run, settled, short_run

WAITS_FOR_US = [sys.executable, "-c", "import sys; sys.stdin.read()"]


class FakeGrip:
    """Counts; fails when told to."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.acts: list[str] = []
        self.trouble = trouble

    def take(self) -> None:
        self.acts.append("take")
        if self.trouble:
            raise self.trouble

    def let_go(self) -> None:
        self.acts.append("let go")
        if self.trouble:
            raise self.trouble


def with_grip(studio: Studio, trouble: Exception | None = None) -> FakeGrip:
    grip = FakeGrip(trouble)
    studio.training.wakefulness = Wakefulness(grip)
    return grip


def test_awake_as_long_as_something_trains(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    grip = with_grip(studio)
    runs = [short_run(studio, persona), short_run(studio, persona)]
    settled(studio, app, *runs)
    assert grip.acts[0] == "take" and grip.acts[-1] == "let go"
    assert grip.acts == ["take", "let go"] * (len(grip.acts) // 2)


@pytest.mark.parametrize("end", ["pause", "close", "die"])
def test_let_go_however_it_ends(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    grip = with_grip(studio)
    run = long_run(studio, persona)
    begun(studio, app, run)
    assert grip.acts == ["take"]
    if end == "pause":
        studio.training.pause(run.id)
        settled(studio, app, run)
    elif end == "close":
        studio.close()
    else:
        monkeypatch.setenv("FAKE_ENGINE_DIE_AFTER", "train")
        studio.engine.kill()
        settled(studio, app, run)
    assert grip.acts[-1] == "let go" and not studio.training.wakefulness.held


def test_closing_lets_go_while_a_run_waits_for_its_time(studio: Studio, base: BaseModel, persona: Persona) -> None:
    grip = with_grip(studio)
    short_run(studio, persona, starts_at=in_hours(2))
    studio.training.poll_control()
    assert grip.acts == ["take"]
    studio.close()
    assert grip.acts == ["take", "let go"]


def test_only_where_it_is_wanted(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    grip = with_grip(studio)
    studio.settings.set("keep_awake", False)
    run = long_run(studio, persona)
    begun(studio, app, run)
    assert grip.acts == []
    studio.settings.set("keep_awake", True)
    studio.training.poll_control()
    assert grip.acts == ["take"]


def test_a_system_that_refuses_fails_no_run(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    grip = with_grip(studio, OSError("no such service"))
    assert settled(studio, app, short_run(studio, persona))[0].state is RunState.FINISHED
    assert "take" in grip.acts


def test_windows() -> None:
    class Kernel:
        asked: list[int] = []

        def SetThreadExecutionState(self, flags: int) -> int:
            self.asked.append(flags)
            return 1

    awake = Wakefulness(WindowsGrip(Kernel()))
    awake.want(True)
    awake.want(True)
    awake.want(False)
    assert Kernel.asked == [0x80000001, 0x80000000]


def test_a_process_holds_the_wish_and_goes_with_it() -> None:
    grip = ProcessGrip(WAITS_FOR_US)
    grip.take()
    process = grip._process
    assert process is not None and process.poll() is None
    grip.let_go()
    assert process.poll() is not None
    grip.let_go()


def test_a_process_that_cannot_be_started_is_no_trouble() -> None:
    awake = Wakefulness(ProcessGrip(["/nowhere/at-all"]))
    awake.want(True)
    awake.want(False)


def test_the_process_ends_when_this_program_is_killed() -> None:
    program = (
        "import sys, time; from studio.services.wakefulness import ProcessGrip\n"
        f"grip = ProcessGrip({WAITS_FOR_US!r}); grip.take(); print(grip._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 30
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it outlived the program"
        time.sleep(0.05)


@pytest.mark.parametrize("there", [True, False])
def test_each_system_has_a_way(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    find: Callable[[str], str | None] = lambda name: f"/usr/bin/{name}" if there else None  # noqa: E731
    monkeypatch.setattr(wakefulness.shutil, "which", find)  # type: ignore[attr-defined]
    mac, linux = system_grip("darwin"), system_grip("linux")
    assert isinstance(mac, ProcessGrip) and mac._command[:2] == ["caffeinate", "-i"]
    if there:
        assert isinstance(linux, ProcessGrip) and "--what=sleep:idle" in linux._command
    else:
        assert isinstance(linux, NoGrip)
