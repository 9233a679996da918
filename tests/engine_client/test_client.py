"""The client: events in order, a death noticed at once with its reason, and an end that always comes."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.engine_client.client import EngineClient
from studio.engine_client.death import Death
from studio.protocol import commands, events

FAKE_ENGINE = [sys.executable, "-m", "tests.fake_engine"]


class Listener:
    """Collects what a client tells."""

    def __init__(self) -> None:
        self.events: list[events.AnyEvent] = []
        self.deaths: list[Death] = []
        self.changed = threading.Condition()

    def event(self, event: events.AnyEvent) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def death(self, death: Death) -> None:
        with self.changed:
            self.deaths.append(death)
            self.changed.notify_all()

    def wait(self, reached: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(reached, 30)


def started(tmp_path: Path, *command: str) -> tuple[EngineClient, Listener]:
    listener = Listener()
    client = EngineClient(
        command or FAKE_ENGINE, tmp_path / "logs" / "engine.log", on_event=listener.event, on_exit=listener.death
    )
    return client, listener


def test_it_answers_and_leaves(tmp_path: Path) -> None:
    client, heard = started(tmp_path)
    client.send(commands.LoadBase(job="a", base_id="b", path=str(tmp_path)))
    heard.wait(lambda: any(isinstance(event, events.BaseLoaded) for event in heard.events))
    assert isinstance(heard.events[0], events.EngineReady)
    before = time.monotonic()
    client.close(patience=60)
    assert time.monotonic() - before < 30
    assert [death.returncode for death in heard.deaths] == [0]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_engine_is_noticed_at_once(tmp_path: Path) -> None:
    def until_it_is_noticed() -> float:
        client, heard = started(tmp_path)
        heard.wait(lambda: heard.events)
        killed = time.monotonic()
        os.kill(client.pid, signal.SIGKILL)
        heard.wait(lambda: heard.deaths)
        took = time.monotonic() - killed
        assert "lack of memory" in heard.deaths[0].reason
        client.send(commands.UnloadBase(job="late"))
        client.close()
        assert len(heard.deaths) == 1
        return took

    assert any(until_it_is_noticed() < 1.0 for _ in range(3)), "once more only where a busy machine held it up"


def test_an_engine_that_will_not_leave_is_ended(tmp_path: Path) -> None:
    client, heard = started(
        tmp_path, sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    )
    before = time.monotonic()
    client.close(patience=0.2)
    assert time.monotonic() - before < 30 and len(heard.deaths) == 1


def test_an_engine_that_goes_mute_is_ended(tmp_path: Path) -> None:
    client, heard = started(tmp_path, sys.executable, "-c", "import os, time; os.close(1); time.sleep(60)")
    heard.wait(lambda: heard.deaths)
    client.close()


def test_what_is_not_of_the_protocol_ends_it(tmp_path: Path) -> None:
    client, heard = started(tmp_path, sys.executable, "-c", "print('hello', flush=True); import time; time.sleep(60)")
    heard.wait(lambda: heard.deaths)
    assert heard.deaths[0].garbled and "not of the protocol" in heard.deaths[0].reason
    client.close()


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    client, heard = started(tmp_path, sys.executable, "-c", "import a_package_that_is_not_here")
    heard.wait(lambda: heard.deaths)
    assert heard.deaths[0].missing_package == "a_package_that_is_not_here"
    assert "a_package_that_is_not_here" in heard.deaths[0].log_tail
    client.close()


@pytest.mark.parametrize(
    ("returncode", "tail", "words"),
    [
        (-9, "", "lack of memory"),
        (137, "", "lack of memory"),
        (-11, "", "segmentation fault"),
        (139, "", "segmentation fault"),
        (0xC0000005, "", "access violation"),
        (0xC0000005 - 2**32, "", "access violation"),
        (1, "Traceback\ntorch.OutOfMemoryError: CUDA out of memory", "ran out of memory"),
        (1, "Traceback\nValueError: odd", "exit code 1: ValueError: odd"),
        (3, "", "exit code 3"),
        (0, "", "without being asked"),
    ],
)
def test_reasons(returncode: int, tail: str, words: str) -> None:
    assert words in Death(returncode=returncode, log_tail=tail).reason


def test_the_log_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine_client.launch.LOG_LIMIT", 10)
    for _ in range(3):
        client, _ = started(tmp_path, sys.executable, "-c", "import sys; sys.stderr.write('words of a log')")
        client.close()
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [
        "engine.log", "engine.log.1", "engine.log.2",
    ]  # fmt: skip
