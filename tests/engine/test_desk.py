"""Commands become jobs: replies before training, refusals with their codes, and the engine goes on."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.engine.chat import decoding, replies
from studio.protocol import commands as ask
from studio.protocol import events as told
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from tests.engine.rig import Office, adapter_bytes, ferry_data, random_adapter, reply_command, train_command


@pytest.fixture
def office(tiny_base: Path) -> Office:
    return Office(tiny_base)


@pytest.fixture
def gate(office: Office, tmp_path: Path) -> Callable[..., ask.Gate]:
    """Make a random adapter and a gate for it."""
    assert office.desk._base is not None

    def make(name: str, **more: Any) -> ask.Gate:
        folder = random_adapter(office.desk._base, tmp_path / name, rank=4, alpha=8, seed=len(name))
        ready = {"adapter_id": name, "path": str(folder), "base_fingerprint": office.loaded.fingerprint} | more
        return ask.Gate(**ready)

    return make


def _texts(office: Office, job: str = "reply") -> dict[int, str]:
    return {event.row: event.text for event in office.heard.of(told.RowFinished) if event.job == job}


def test_rows_of_a_batch_answer_as_they_would_alone(office: Office, gate: Callable[..., ask.Gate]) -> None:
    prompts = [("Who?", []), ("Who goes there, at this hour?", [gate("a")]), ("Tell me.", [gate("bb", strength=0.5)])]
    office.do(reply_command(prompts, tokens=12))
    together = _texts(office)
    assert len(set(together.values())) == 3
    for number, prompt in enumerate(prompts):
        office.do(reply_command([prompt], tokens=12, job=f"alone{number}"))
        assert _texts(office, f"alone{number}") == {0: together[number]}
    started = [type(event) for event in office.heard.events if event.job == "reply"]
    assert started[0] is told.JobStarted
    assert started[-1] is told.JobDone


def test_pieces_make_the_text_and_rows_end_on_their_own(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "FLUSH_SECONDS", 0.0)
    rows = [
        ask.Row(messages=[ask.Message(role="user", text="Go on.")], seed=n, sampling=ask.Sampling(max_tokens=limit))
        for n, limit in enumerate((3, 9, 6))
    ]
    office.do(ask.Reply(job="reply", rows=rows))
    ends = {event.row: event for event in office.heard.of(told.RowFinished)}
    assert {row: (end.tokens, end.reason) for row, end in ends.items()} == {
        0: (3, "length"), 1: (9, "length"), 2: (6, "length")
    }  # fmt: skip
    for row, end in ends.items():
        said = "".join(event.pieces.get(row, "") for event in office.heard.of(told.ReplyAdvanced))
        assert end.text.startswith(said.strip())
        assert end.prompt_tokens > 10


def test_a_row_stops_at_the_end_of_its_turn(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.desk._base is not None
    stop, plain = next(iter(office.desk._base.template.stop_ids)), 60
    script = iter([[plain, stop], [plain], [stop]])
    monkeypatch.setattr(decoding.Drawer, "draw", lambda self, logits: torch.tensor(next(script)))
    office.do(reply_command([("One.", []), ("Two.", [])]))
    ends = {event.row: event for event in office.heard.of(told.RowFinished)}
    assert [(ends[row].tokens, ends[row].reason) for row in (0, 1)] == [(2, "end"), (0, "end")]


def test_a_reply_comes_before_training_goes_on(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)
    asked: list[int] = []

    def ask_once(unit: int) -> None:
        if unit == 12:
            asked.append(len(office.heard.events))
            office.desk.take(reply_command([("Who?", [])], tokens=5))

    office.do(train_command(ferry_data(tmp_path / "data"), tmp_path / "run"), between=ask_once)
    after = office.heard.events[asked[0] :]
    answered = next(n for n, event in enumerate(after) if isinstance(event, told.JobDone) and event.job == "reply")
    assert {event.job for event in after[: answered + 1]} == {"reply"}
    assert any(isinstance(event, told.RunEnded) for event in after[answered:])


@pytest.mark.parametrize("unit", [2, 5, 9])
def test_cancelling_a_training_gives_the_base_back(office: Office, tmp_path: Path, unit: int) -> None:
    office.do(reply_command([("Who?", [])], job="before"))
    train = train_command(ferry_data(tmp_path / "data"), tmp_path / "run")
    units = []

    def cancel(number: int) -> None:
        units.append(number)
        if number == unit:
            office.desk.take(ask.Cancel(job="train"))

    office.do(train, between=cancel)
    assert len(units) == unit + 1
    assert office.failure("train").code == "cancelled"
    office.do(reply_command([("Who?", [])], job="after"))
    assert _texts(office, "after") == _texts(office, "before")
    assert not (tmp_path / "run/adapter").exists()


def test_cancelling_a_reply_tells_what_was_said(office: Office) -> None:
    def cancel(unit: int) -> None:
        if unit == 3:
            office.desk.take(ask.Cancel(job="reply"))

    office.do(reply_command([("Who?", [])] * 2, tokens=50), between=cancel)
    assert office.failure("reply").code == "cancelled"
    ends = office.heard.of(told.RowFinished)
    assert [event.reason for event in ends] == ["cancelled"] * 2
    assert ends[0].tokens == ends[1].tokens
    assert 1 <= ends[0].tokens <= 4  # the first units may have read the prompts


def test_refusals_are_told_and_the_engine_goes_on(
    office: Office, gate: Callable[..., ask.Gate], tmp_path: Path
) -> None:
    empty = ask.Row(messages=[ask.Message(role="user", text="  ")])
    nine = [("Who?", [])] * 9
    refused: list[tuple[ask.AnyCommand, str]] = [
        (ask.Reply(job="r1", rows=[empty]), "prompt_empty"),
        (reply_command(nine, job="r2"), "too_many_rows"),
        (reply_command([("Who? " * 500, [])], job="r3"), "prompt_too_long"),
        (reply_command([("Who?", [gate("a", base_fingerprint="other")])], job="r4"), "adapter_wrong_base"),
        (reply_command([("Who?", [gate("b", path=str(tmp_path / "none"))])], job="r5"), "adapter_broken"),
        (train_command(tmp_path / "none", tmp_path / "run", method="qlora", job="t1"), "base_other_quantization"),
        (ask.LoadBase(job="l1", base_id="other", path=str(tmp_path / "none")), "file_missing"),
    ]
    for command, code in refused:
        office.do(command)
        assert office.failure(command.job).code == code
        assert not office.failure(command.job).trace
    office.do(reply_command([("Who?", [])]))
    assert office.failure("reply").code == "base_not_loaded"  # the base made room for the one that could not be loaded


def test_a_bug_is_told_with_its_trace(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding.DecodingBatch, "advance", lambda self: {}["gone"])
    office.do(reply_command([("Who?", [])]))
    failure = office.failure("reply")
    assert failure.code == "bug"
    assert "KeyError" in failure.trace
    monkeypatch.undo()
    office.do(reply_command([("Who?", [])], job="again"))
    assert _texts(office, "again")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out_of_memory"),
        (OSError(28, "No space left on device", "there"), "disk_full"),
    ],
)
def test_memory_and_disk_have_their_sentences(
    office: Office, monkeypatch: pytest.MonkeyPatch, trouble: Exception, code: str
) -> None:
    def fail(self: object) -> None:
        raise trouble

    monkeypatch.setattr(decoding.DecodingBatch, "advance", fail)
    office.do(reply_command([("Who?", [])]))
    assert office.failure("reply").code == code


def test_the_base_stays_while_a_training_holds_it(office: Office, tiny_base: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(tiny_base, tmp_path / "other"))
    wishes = [
        ask.LoadBase(job="other", base_id="other", path=str(other)),
        ask.LoadBase(job="same", base_id="tiny", path=str(tiny_base)),
        ask.UnloadBase(job="unload"),
    ]

    def wish(unit: int) -> None:
        if unit == 6:
            for one in wishes:
                office.desk.take(one)

    office.do(train_command(ferry_data(tmp_path / "data"), tmp_path / "run"), between=wish)
    assert office.failure("other").code == office.failure("unload").code == "base_busy"
    assert [event.job for event in office.heard.of(told.BaseLoaded)] == ["load", "same"]
    assert office.heard.of(told.RunEnded)[0].outcome == "finished"
    office.do(*wishes)
    assert office.heard.of(told.BaseLoaded)[2].base_id == "other"
    assert office.desk._base is None


def test_shutting_down_pauses_the_training_and_drops_the_rest(office: Office, tmp_path: Path) -> None:
    data = ferry_data(tmp_path / "data")

    def leave(unit: int) -> None:
        if unit == 8:
            office.desk.take(train_command(data, tmp_path / "second", job="second"))
            office.desk.take(reply_command([("Who?", [])]))
            office.desk.take(ask.Shutdown())

    office.do(train_command(data, tmp_path / "run"), between=leave)
    assert office.heard.of(told.RunEnded)[0].outcome == "paused"
    assert office.failure("second").code == office.failure("reply").code == "cancelled"
    assert list((tmp_path / "run/checkpoints").iterdir())


def test_the_identity_matrix(office: Office, tmp_path: Path) -> None:
    """What a run measures for itself, and what an evaluation finds for its adapter on the rack, are the same."""
    data = ferry_data(tmp_path / "data")
    office.do(train_command(data, tmp_path / "run"))
    end = office.heard.of(told.RunEnded)[0]
    gates = [
        ask.Gate(adapter_id="r", path=end.adapter, base_fingerprint=office.loaded.fingerprint, strength=strength)
        for strength in (1.0, 0.0)
    ]
    for number, gate in enumerate(gates):
        sets = [
            ask.EvaluationSet(label="x", data=str(data)),
            ask.EvaluationSet(label="y", data=str(data), side="train"),
        ]
        office.do(ask.Evaluate(job=f"e{number}", gates=[gate], sets=sets))
    (whole, train), (off, _) = (event.nll for event in office.heard.of(told.Evaluated))
    assert whole == pytest.approx([end.heldout_nll_base, end.heldout_nll_adapter], rel=1e-5)
    assert off[0] == pytest.approx(off[1], rel=1e-5) == whole[0]
    assert train[1] < train[0] - 1
    assert adapter_bytes(tmp_path / "run")


def test_an_evaluation_without_end_is_refused(office: Office, gate: Callable[..., ask.Gate], tmp_path: Path) -> None:
    """Infinity cannot travel: as JSON it would be null, and the app would take the engine for broken."""
    sets = [ask.EvaluationSet(label="x", data=str(ferry_data(tmp_path / "data")))]
    office.do(ask.Evaluate(job="e", gates=[gate("a", strength=1e38)], sets=sets))
    assert office.failure("e").code == "adapter_broken"


def test_counting_and_measuring(office: Office, gate: Callable[..., ask.Gate], tmp_path: Path) -> None:
    data = ferry_data(tmp_path / "data", count=6, heldout=0)
    office.do(ask.CountTokens(job="c", data=str(data), max_length=512))
    counted = office.heard.of(told.TokensCounted)[0]
    assert counted.windowed == 0
    office.do(train_command(data, tmp_path / "run", max_steps=1))
    started = office.heard.of(told.TrainingStarted)[0]
    assert (counted.tokens, counted.trained_tokens) == (started.tokens, started.trained_tokens)
    asked: list[int] = []

    def interrupt(unit: int) -> None:
        if unit == 20:
            asked.append(1)
            office.desk.take(reply_command([("Who?", [])], tokens=3))

    office.do(ask.Measure(job="m", gates=[gate("a"), gate("bb")], rows=4, tokens=4), between=interrupt)
    measured = office.heard.of(told.Measured)[0]
    assert asked
    assert measured.rows == 4
    assert 0 < measured.swap_ms < 50
    assert measured.ratio_to_one_row > 0
