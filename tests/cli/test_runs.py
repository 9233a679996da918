"""``runs``: one run's story, two side by side, and wishes to a run in another program."""

import json
import subprocess
import time
from typing import Any

from tests.cli.conftest import Call
from tests.cli.test_long_runs import Begin, long_run

__all__ = ["long_run"]


def test_show_tells_the_whole_story(trained: tuple[Call, dict[str, Any]]) -> None:
    call, run = trained
    document = call("runs", "show", run["run"], json=True).document
    assert document["conditions"]["torch"] == "2.13.0"
    assert "Training begins on Imaginary processor." in [note["sentence"] for note in document["notes"]]
    assert {sample["key"] for sample in document["samples"]} == {"greeting", "everyday", "emotional", "out_of_world"}
    assert {point["kind"] for point in document["points"]} == {"train", "heldout", "neutral", "copied"}
    assert [finding["code"] for finding in document["findings"]] == ["too_few_steps"]
    said = call("runs", "show", run["run"], "--samples").out
    assert "! The run made only 3 steps" in said
    assert "→ Add passes" in said
    assert "PyTorch: 2.13.0" in said
    assert "› Are you an AI?" in said
    assert "Are you an AI?" not in call("runs", "show", run["run"]).out


def test_two_runs_side_by_side(trained: tuple[Call, dict[str, Any]]) -> None:
    call, first = trained
    call("train", "Orin", "--preset", "taste", "--set", "max_steps=3", "--set", "rank=4")
    second = call("runs", "list", json=True).document[0]
    document = call("runs", "compare", first["run"], second["run"], json=True).document
    assert document["same_data"]
    assert {row["key"] for row in document["rows"] if row["differs"] and row["part"] == "recipe"} == {"rank"}
    lines = call("runs", "compare", first["run"], second["run"]).out.splitlines()
    assert any(line.startswith("Rank\t") and line.endswith("\t4") for line in lines)
    assert not any(line.startswith("Batch size\t") for line in lines)
    assert "Batch size\t" in call("runs", "compare", first["run"], second["run"], "--all").out
    same = call("runs", "compare", first["run"], first["run"])
    assert (same.code, same.out) == (0, "")
    assert "do not differ" in same.err


def test_sample_and_save_from_another_terminal(stocked: Call, long_run: Begin) -> None:
    process: subprocess.Popen[str] = long_run()
    run = stocked("runs", "list", json=True).document[0]["run"]
    for wish in ("sample", "save"):
        assert stocked("runs", wish, run, json=True).document == {"run": run, "wish": wish, "asked": True}
    wished, saved, deadline = 0, False, time.monotonic() + 30
    while (wished < 4 or not saved) and time.monotonic() < deadline:
        document = stocked("runs", "show", run, json=True).document
        wished = len([sample for sample in document["samples"] if sample["wished"]])
        saved = any(note["code"] == "run_saved" for note in document["notes"])
    assert wished == 4 and saved
    stocked("runs", "stop", run)
    out, _ = process.communicate(timeout=60)
    assert json.loads(out)["state"] == "stopped"


def test_a_run_that_does_not_train_cannot_be_sampled(trained: tuple[Call, dict[str, Any]]) -> None:
    call, run = trained
    for wish in ("sample", "save"):
        refused = call("runs", wish, run["run"])
        assert refused.code != 0
        assert "nothing to pause, stop, sample or save" in refused.err
