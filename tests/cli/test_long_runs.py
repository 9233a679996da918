"""A run that somebody interrupts: from the keyboard, from another terminal; and how it goes on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Call

ROOT = Path(__file__).resolve().parents[2]
Begin = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def long_run(stocked: Call, tmp_path: Path) -> Iterator[Begin]:
    """Starts a training of many seconds in a process of its own, and returns when it takes steps."""
    begun: list[subprocess.Popen[str]] = []

    def begin() -> "subprocess.Popen[str]":
        words = ["--library", str(tmp_path / "library"), "--json", "train", "Orin", "--set", "epochs=400"]
        process = subprocess.Popen(
            [sys.executable, "-m", "studio", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=ROOT,
            env=os.environ | {"FAKE_ENGINE_SPEED": "2"},
        )  # fmt: skip
        begun.append(process)
        assert process.stderr is not None
        assert any(line.startswith("training") and "step" in line for line in process.stderr)
        return process

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl+C cannot be sent to one process there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_pauses_with_a_checkpoint_and_resume_ends_it(
    stocked: Call, long_run: Begin, number: signal.Signals
) -> None:
    process = long_run()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    paused = json.loads(out)
    assert (process.returncode, paused["state"], paused["adapter"]) == (130, "paused", "")
    assert 0 < paused["step"] < paused["total_steps"]
    assert f"runs resume {paused['run']}" in err
    resumed = stocked("runs", "resume", paused["run"], json=True)
    assert (resumed.code, resumed.document["state"]) == (0, "finished")
    assert resumed.document["adapter"]


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_another_terminal_ends_it(stocked: Call, long_run: Begin, wish: str, state: str) -> None:
    process = long_run()
    run = stocked("runs", "list", json=True).document[0]
    assert run["state"] == "running"
    asked = stocked("runs", wish, run["run"], json=True)
    assert asked.document == {"run": run["run"], "wish": wish, "asked": True}
    out, _ = process.communicate(timeout=60)
    ended = json.loads(out)
    assert (process.returncode, ended["state"]) == (0, state)
    assert bool(ended["adapter"]) == (wish == "stop")


def test_a_paused_run_can_be_stopped_and_keeps_what_it_learned(stocked: Call, long_run: Begin) -> None:
    process = long_run()
    run = stocked("runs", "list", json=True).document[0]["run"]
    stocked("runs", "pause", run)
    process.communicate(timeout=60)
    stopped = stocked("runs", "stop", run, json=True)
    assert (stopped.code, stopped.document["state"]) == (0, "stopped")
    assert stopped.document["adapter"]
