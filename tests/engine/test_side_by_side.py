"""A reply streams while a run trains: they take turns by single units, and neither notices the other."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec import structs

from studio.methods.method import METHODS
from studio.options import options_of
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.commands import Gate, Reply, Sampling, Train
from studio.protocol.events import ReplyAdvanced, RowFinished, RunEnded, StepDone
from tests.engine.rig import Office, adapter_bytes, ferry_data, reply_command, train_command

KINDS = ("lora", "dora", "ia3", "prompt_tuning")
DROPOUT = {"dropout": 0.3}


@pytest.fixture(autouse=True)
def _many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)
    monkeypatch.setattr("studio.engine.chat.replies.FLUSH_SECONDS", 0.0)


def _office(base: Path, quantization: str = "none", dtype: torch.dtype | None = None) -> Office:
    """Every unit takes a second, so that at a share of one half reply and training alternate."""
    office = Office(base, quantization, dtype)
    office.desk.scheduler._clock = itertools.count().__next__  # type: ignore[assignment]
    return office


def _gates(office: Office, place: Path, data: Path) -> list[Gate]:
    """One adapter of each kind that the rack holds in its own way: factors, magnitudes, factors on inputs, tokens."""
    for method in KINDS:
        office.do(_training(office, data, place / method, method=method, job=method, max_steps=3, learning_rate=0.05))
    return [
        Gate(adapter_id=one, path=str(place / one / "adapter"), base_fingerprint=office.loaded.fingerprint)
        for one in KINDS
    ]


def _training(
    office: Office, data: Path, folder: Path, *, share: float = 0.0, method: str = "lora", **more: Any
) -> Train:
    """Any method on the base as it is loaded."""
    four_bit = office.loaded.quantization == "nf4"
    if method == "lora":
        method = "qlora" if four_bit else "lora"
    else:
        more["base_precision"] = "4-bit" if four_bit else "16-bit"
    command = train_command(data, folder, method=method, **more)
    options = {name: one for name, one in command.options.items() if name in option_names(method)}
    return structs.replace(command, options=options, share_beside_others=share)


def option_names(method: str) -> set[str]:
    return set(options_of(METHODS.all()[method].options))


def _question(gates: Sequence[Gate], job: str, tokens: Sequence[int]) -> Reply:
    """The base and every adapter; their rows end one after another."""
    command = reply_command([("Who goes there?", []), *(("Who goes there?", [one]) for one in gates)], job=job)
    return structs.replace(
        command,
        rows=[
            structs.replace(row, sampling=Sampling(temperature=0.0, max_tokens=limit))
            for row, limit in zip(command.rows, tokens, strict=True)
        ],
    )


def _said(office: Office, job: str) -> dict[int, str]:
    return {one.row: one.text for one in office.heard.of(RowFinished) if one.job == job}


@pytest.mark.parametrize(("quantization", "dtype"), [("none", None), ("nf4", torch.bfloat16)], ids=["float32", "nf4"])
def test_a_reply_and_a_training_take_turns(
    tiny_base: Path, tmp_path: Path, quantization: str, dtype: torch.dtype | None
) -> None:
    data, office = ferry_data(tmp_path / "data"), _office(tiny_base, quantization, dtype)
    gates = _gates(office, tmp_path, data)
    lengths = (9, 40, 25, 14, 31)
    office.do(_question(gates, "alone", lengths))
    assert len(set(_said(office, "alone").values())) >= 3
    office.do(_training(office, data, tmp_path / "quiet", **DROPOUT))

    asked: list[int] = []

    def chat(unit: int) -> None:
        if len(office.heard.of(StepDone)) - before == 2 and not asked:
            asked.append(len(office.heard.events))
            office.desk.take(_question(gates, "beside", lengths))

    before = len(office.heard.of(StepDone))
    office.do(_training(office, data, tmp_path / "disturbed", share=0.5, **DROPOUT), between=chat)
    assert _said(office, "beside") == _said(office, "alone")
    assert adapter_bytes(tmp_path / "disturbed") == adapter_bytes(tmp_path / "quiet")
    _both_went_on(office, asked[0])


def _both_went_on(office: Office, start: int) -> None:
    """Steps end between the pieces of the reply, and the other way round."""
    kinds = "".join({ReplyAdvanced: "r", StepDone: "s"}.get(type(event), "") for event in office.heard.events[start:])
    assert "rsr" in kinds.replace("rr", "r").replace("rr", "r").replace("rr", "r").replace("rr", "r")
    during = kinds[: kinds.rindex("r")]
    assert during.count("s") >= 5


def test_a_run_may_end_while_it_answers(tiny_base: Path, tmp_path: Path) -> None:
    """It has said the first half while it trained; the second is its own as well."""
    data, office = ferry_data(tmp_path / "data"), _office(tiny_base)
    run = Gate(adapter_id="run", path="", base_fingerprint=office.loaded.fingerprint)
    asked: list[int] = []

    def chat(unit: int) -> None:
        if len(office.heard.of(StepDone)) == 10 and not asked:
            asked.append(unit)
            office.desk.take(_question([run], "beside", (30, 60)))

    office.do(_training(office, data, tmp_path / "run", share=0.5), between=chat)
    kinds = [type(event) for event in office.heard.events]
    assert kinds.index(RunEnded) < len(kinds) - 1 - kinds[::-1].index(RowFinished)
    assert len(_said(office, "beside")) == 2
    assert office.desk._base is not None
    assert not office.desk._base.rack.holds("run")


def test_without_a_share_training_rests(tiny_base: Path, tmp_path: Path) -> None:
    data, office = ferry_data(tmp_path / "data"), _office(tiny_base)
    asked: list[int] = []

    def chat(unit: int) -> None:
        if len(office.heard.of(StepDone)) == 2 and not asked:
            asked.append(len(office.heard.events))
            office.desk.take(_question([], "beside", (20,)))

    office.do(_training(office, data, tmp_path / "run"), between=chat)
    kinds = [type(event) for event in office.heard.events[asked[0] :]]
    assert StepDone not in kinds[: kinds.index(RowFinished)]
