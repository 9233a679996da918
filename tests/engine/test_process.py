"""The real engine as a process: a whole working day, and deaths in the middle of a run."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from studio.protocol import commands as ask
from studio.protocol import events as told
from tests.engine.engine_process import EngineProcess
from tests.engine.rig import adapter_bytes, ferry_data, reply_command, train_command


def _load(base: Path, job: str = "load") -> ask.LoadBase:
    return ask.LoadBase(job=job, base_id=base.name, path=str(base), quantization="none")


def _bad_bases(tiny: Path, place: Path) -> dict[str, Path]:
    """A folder for each code."""
    bad = {code: Path(shutil.copytree(tiny, place / code)) for code in ("base_pickled", "base_custom_code")}
    (bad["base_pickled"] / "model.safetensors").rename(bad["base_pickled"] / "pytorch_model.bin")
    config = bad["base_custom_code"] / "config.json"
    config.write_text(config.read_text().replace("{", '{"auto_map": {},', 1))
    bad["base_no_template"] = Path(shutil.copytree(tiny, place / "base_no_template"))
    (bad["base_no_template"] / "chat_template.jinja").unlink()
    return bad


def test_a_working_day(tiny_base: Path, tmp_path: Path) -> None:
    data = ferry_data(tmp_path / "data")
    with EngineProcess(tmp_path / "log") as engine:
        for code, folder in _bad_bases(tiny_base, tmp_path).items():
            engine.send(_load(folder, code))
            with pytest.raises(AssertionError, match=code):
                engine.until(told.BaseLoaded)
        engine.process.stdin.write(b"not of the protocol\n")  # type: ignore[union-attr]
        engine.send(_load(tiny_base))
        engine.until(told.BaseLoaded, job="load")
        _three_rows_stream(engine)
        _chat_while_training(engine, data, tmp_path / "run")
        _pause_resume_stop(engine, data, tmp_path / "run")
        engine.send(ask.UnloadBase(job="unload"))
        engine.until(told.JobDone, job="unload")
        engine.send(ask.Shutdown())
        assert engine.process.wait(60) == 0
    assert "refused a line" in (tmp_path / "log").read_text()


def _three_rows_stream(engine: EngineProcess) -> None:
    engine.send(reply_command([("Who?", []), ("Who goes there?", []), ("Tell me.", [])], tokens=40))
    for row in range(3):
        engine.until(told.RowFinished, job="reply")
        assert any(isinstance(event, told.ReplyAdvanced) for event in engine.events), row
    engine.until(told.JobDone, job="reply")


def _chat_while_training(engine: EngineProcess, data: Path, folder: Path) -> None:
    engine.send(train_command(data, folder, epochs=1000))
    engine.until(told.StepDone, step=3)
    engine.send(reply_command([("Who?", [])], tokens=10, job="meanwhile"))
    engine.until(told.JobDone, job="meanwhile")
    engine.until(told.StepDone)  # and training goes on


def _pause_resume_stop(engine: EngineProcess, data: Path, folder: Path) -> None:
    engine.send(ask.Pause(job="train"))
    paused = engine.until(told.RunEnded)
    assert paused.outcome == "paused"
    engine.send(train_command(data, folder, epochs=1000, resume=True))
    assert engine.until(told.TrainingStarted).step == paused.step
    engine.until(told.StepDone, step=paused.step + 2)
    engine.send(ask.Stop(job="train"))
    stopped = engine.until(told.RunEnded)
    assert stopped.outcome == "stopped"
    assert adapter_bytes(folder)


MOMENTS: list[tuple[type, dict[str, Any]]] = [
    (told.StepDone, {"step": 2}),  # before there is any checkpoint
    (told.CheckpointSaved, {}),
    (told.StepDone, {"step": 17}),  # somewhere behind one
]


def test_killed_three_times_it_ends_with_the_same_adapter(tiny_base: Path, tmp_path: Path) -> None:
    data = ferry_data(tmp_path / "data")
    options: dict[str, Any] = {"epochs": 10, "dropout": 0.3}
    for number, (kind, fields) in enumerate(MOMENTS):
        with EngineProcess(tmp_path / "log") as engine:
            engine.send(_load(tiny_base), train_command(data, tmp_path / "run", resume=number > 0, **options))
            engine.until(kind, **fields)
    with EngineProcess(tmp_path / "log") as engine:
        engine.send(_load(tiny_base), train_command(data, tmp_path / "run", resume=True, **options))
        assert engine.until(told.TrainingStarted).step >= 15
        assert engine.until(told.RunEnded).step == 30
        engine.send(train_command(data, tmp_path / "whole", **options))
        engine.until(told.RunEnded)
        engine.send(train_command(data, tmp_path / "cut", epochs=1000))
        engine.until(told.StepDone, step=2)
        assert engine.end() == 0  # the app is gone: the run is checkpointed, the engine leaves
    assert adapter_bytes(tmp_path / "run") == adapter_bytes(tmp_path / "whole")
    assert list((tmp_path / "cut/checkpoints").iterdir())
