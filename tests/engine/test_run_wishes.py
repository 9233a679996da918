"""What is asked of a run while it trains: samples, a checkpoint, and a talk with what it has learned so far."""

from pathlib import Path

from studio.protocol.commands import Gate, SampleNow, SaveNow
from studio.protocol.events import CheckpointSaved, RowFinished, RunTold, SampleWritten, StepDone
from tests.engine.rig import Office, adapter_bytes, ferry_data, reply_command, train_command
from tests.engine.test_run_watch import DROPOUT, GREEDY, QUESTIONS, STEADY, watched


def test_sample_now_and_save_now(tiny_base: Path, tmp_path: Path) -> None:
    data, office = ferry_data(tmp_path / "data"), Office(tiny_base)
    office.do(watched(data, tmp_path / "quiet", **DROPOUT))
    wished: list[int] = []

    def wish(unit: int) -> None:
        if len(office.heard.of(StepDone)) == 12 + 3 and not wished:
            office.desk.take(SampleNow(job="train"))
            office.desk.take(SaveNow(job="train"))
            wished.append(unit)

    office.do(watched(data, tmp_path / "wishes", **DROPOUT), between=wish)
    samples = [event for event in office.heard.of(SampleWritten) if event.wished]
    assert len(samples) == len(QUESTIONS)
    assert samples[0].step in (3, 4)
    saved = [event.step for event in office.heard.of(CheckpointSaved) if "wishes" in event.path]
    assert samples[0].step in saved
    assert [event.step for event in office.heard.of(RunTold) if event.code == "run_saved"] == [samples[0].step]
    assert adapter_bytes(tmp_path / "wishes") == adapter_bytes(tmp_path / "quiet")
    office.do(SampleNow(job="gone"))


def test_talking_to_the_run_while_it_trains(tiny_base: Path, tmp_path: Path) -> None:
    """It answers with what it has learned by then: as the adapter of a run that ended at that step does."""
    data, office = ferry_data(tmp_path / "data"), Office(tiny_base)
    fingerprint = office.loaded.fingerprint
    run = Gate(adapter_id="run", path="", base_fingerprint=fingerprint)
    asked: list[int] = []

    def chat(unit: int) -> None:
        steps = len(office.heard.of(StepDone))
        if steps in (5, 9) and steps not in asked:
            asked.append(steps)
            office.desk.take(reply_command([(QUESTIONS[0], []), (QUESTIONS[0], [run])], 12, job=f"at{steps}"))

    office.do(watched(data, tmp_path / "run", GREEDY, **STEADY), between=chat)
    said = {one.job: one.text for one in office.heard.of(RowFinished) if one.row == 1}
    assert said.keys() == {"at5", "at9"}
    for steps in (5, 9):
        office.do(train_command(data, tmp_path / f"to{steps}", job=f"to{steps}", max_steps=steps, **STEADY))
        gate = Gate(adapter_id=f"to{steps}", path=str(tmp_path / f"to{steps}/adapter"), base_fingerprint=fingerprint)
        office.do(reply_command([(QUESTIONS[0], [gate])], 12, job=f"check{steps}"))
        (text,) = [one.text for one in office.heard.of(RowFinished) if one.job == f"check{steps}"]
        assert said[f"at{steps}"] == text
    assert said["at5"] != said["at9"]
    office.do(reply_command([(QUESTIONS[0], [run])], 12, job="late"))
    assert office.failure("late").code == "run_not_training"
