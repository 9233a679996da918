"""The queue on the command line: later, in which order, at what time; sweeps, comparisons, and a night's work."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.services.run_turns import RunTurns
from tests.cli.conftest import Call, Ended

ROOT = Path(__file__).resolve().parents[2]
SHORT = ("--set", "max_steps=2", "--later")


def queued(call: Call, *more: str) -> str:
    """Queue a short run; return its id."""
    ended = call("train", "Orin", *SHORT, *more, json=True)
    assert ended.code == 0, ended.err
    return str(ended.document["run"])


def ids(ended: Ended) -> list[str]:
    return [one["run"] for one in ended.document]


def test_later_means_later(stocked: Call) -> None:
    first, second, third = queued(stocked), queued(stocked), queued(stocked)
    assert ids(stocked("queue", "list", json=True)) == [first, second, third]
    moved = stocked("queue", "move", third, "--before", first, json=True)
    assert ids(moved) == [third, first, second]
    assert ids(stocked("queue", "move", third, json=True)) == [first, second, third]
    assert {one["state"] for one in stocked("queue", "list", json=True).document} == {"queued"}
    worked = stocked("queue", "run", json=True)
    assert (worked.code, ids(worked)) == (0, [first, second, third])
    assert {one["state"] for one in worked.document} == {"finished"}
    assert stocked("queue", "list", json=True).document == []


def test_a_table_for_people(stocked: Call) -> None:
    run = queued(stocked)
    assert stocked("queue", "list").out.startswith(f"{run}\tOrin\tqlora\tqueued\t0/0")
    stocked("runs", "stop", run)
    assert "Nothing is queued" in stocked("queue", "list").err


def test_a_time_is_waited_for(stocked: Call) -> None:
    soon = (datetime.now() + timedelta(seconds=3)).isoformat(timespec="seconds")
    ended = stocked("train", "Orin", "--set", "max_steps=2", "--starts-at", soon, json=True)
    assert (ended.code, ended.document["state"]) == (0, "finished")
    assert "starts at" in ended.err
    assert datetime.fromisoformat(ended.document["started_at"]).timestamp() >= datetime.fromisoformat(soon).timestamp()
    wrong = stocked("train", "Orin", "--starts-at", "soonish")
    assert wrong.code == 3 and "'soonish' is not a time" in wrong.err


def test_a_run_is_given_a_time(stocked: Call) -> None:
    run = queued(stocked)
    given = stocked("queue", "schedule", run, "23:59", json=True).document[0]
    assert given["starts_at"] and given["state"] == "queued"
    assert stocked("queue", "schedule", run, "now", json=True).document[0]["starts_at"] == ""


def test_one_more_with_a_change(trained: tuple[Call, dict[str, Any]]) -> None:
    call, run = trained
    made = call("queue", "duplicate", run["run"], "--set", "rank=4", json=True)
    assert made.code == 0 and made.document[0]["state"] == "finished"
    assert call("runs", "show", made.document[0]["run"], json=True).document["options"]["rank"] == 4
    assert call("queue", "duplicate", "run-nobody").code == 3


def test_going_on_from_an_adapter(trained: tuple[Call, dict[str, Any]]) -> None:
    call, run = trained
    ended = call("train", "Orin", "--continue", "Orin v1", "--set", "max_steps=2", json=True)
    assert (ended.code, ended.document["continues"]) == (0, run["adapter"])
    refused = call("train", "Orin", "--continue", "Orin v1", "--set", "rank=3")
    assert refused.code == 3 and "only that can be continued" in refused.err


def test_a_sweep(stocked: Call) -> None:
    words = ("queue", "sweep", "Orin", "--over", "rank=4,8", "--over", "learning_rate=1e-4,2e-4")
    later = stocked(*words, *SHORT, json=True)
    assert len(later.document) == 4 and len({one["group"] for one in later.document}) == 1
    worked = stocked("queue", "run", json=True)
    assert [one["state"] for one in worked.document] == ["finished"] * 4
    assert stocked("queue", "sweep", "Orin", "--over", "rank").code == 2
    assert stocked("queue", "sweep", "Orin", "--over", "rank=0").code == 3


def test_methods_compared(stocked: Call) -> None:
    words = ("compare-methods", "Orin", "--methods", "qlora,lora", "--set", "max_steps=2")
    compared = stocked(*words, json=True)
    assert compared.code == 0, compared.err
    rows = compared.document
    assert [row["method"] for row in rows] == ["qlora", "lora"] and {row["steps"] for row in rows} == {2}
    wanted = ("trainable", "trainable_share", "peak_memory_bytes", "tokens_per_second", "size_bytes", "heldout_base",
              "heldout_adapter")  # fmt: skip
    assert all(row[name] for row in rows for name in wanted)
    group = stocked("runs", "list", json=True).document[0]["group"]
    markdown = stocked("compare-methods", "Orin", "--group", group, "--markdown").out.splitlines()
    assert markdown[0].startswith("| method | trained share | peak memory")
    assert markdown[1].startswith("| --- |") and markdown[2].startswith("| QLoRA |") and len(markdown) == 4
    table = stocked("compare-methods", "Orin", "--group", group).out.splitlines()
    assert [line.split("\t")[0] for line in table] == ["QLoRA", "LoRA"]
    assert stocked("compare-methods", "Orin", "--methods", "lora").code == 3


def test_a_failure_in_the_night_is_told_at_its_end(stocked: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(stocked)
    with monkeypatch.context() as patch:
        patch.setenv("FAKE_ENGINE_FAIL", 'train:loss_not_finite:{"value": "nan", "step": 3}')
        ended = stocked("queue", "run", json=True)
    assert (ended.code, ended.document[0]["state"]) == (3, "failed")
    assert "The loss became nan at step 3" in ended.err


def test_an_engine_that_cannot_start_ends_the_wait(stocked: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(stocked), queued(stocked)
    monkeypatch.setenv("FAKE_ENGINE_PROTOCOL", "99")
    ended = stocked("queue", "run", json=True)
    assert ended.code == 5 and [one["state"] for one in ended.document] == ["interrupted", "queued"]


def work(tmp_path: Path) -> "subprocess.Popen[str]":
    """``queue run`` in a process of its own, at a pace at which one can act; returns when it takes steps."""
    process = subprocess.Popen(
        [sys.executable, "-m", "studio", "--library", str(tmp_path / "library"), "--json", "queue", "run"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=ROOT,
        env=os.environ | {"FAKE_ENGINE_SPEED": "4"},
    )  # fmt: skip
    assert process.stderr is not None
    assert any(line.startswith("training") and "step" in line for line in process.stderr)
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl+C cannot be sent to one process there")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_night_that_is_cut_off_goes_on(stocked: Call, tmp_path: Path, end: signal.Signals) -> None:
    long = stocked("train", "Orin", "--set", "epochs=200", "--later", json=True).document["run"]
    behind = queued(stocked)
    process = work(tmp_path)
    process.send_signal(end)
    out, _ = process.communicate(timeout=60)
    if end is signal.SIGINT:
        assert process.returncode == 130
        assert [(one["state"], one["resting"]) for one in json.loads(out)] == [("paused", "closed"), ("queued", "")]
    again = stocked("queue", "run", json=True)
    assert (again.code, ids(again)) == (0, [long, behind])
    assert [one["state"] for one in again.document] == ["finished", "finished"]


def test_other_commands_leave_the_queue_alone(
    trained: tuple[Call, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    call, _ = trained
    queued(call)
    monkeypatch.setattr(RunTurns, "_begin", lambda self, run: pytest.fail("a run was begun"))
    assert call("adapters", "export", "Orin v1", "--out", tmp_path / "out").code == 0
    assert call("queue", "list", json=True).document[0]["state"] == "queued"
