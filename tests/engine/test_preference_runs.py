"""Whole runs on swipes: what they tell, what they learn, and that breaks change nothing, to the byte."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.training.preference_reference import NAME
from studio.engine.training.training_run import TrainingRun
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.commands import Gate, Train
from studio.protocol.events import HeldOutMeasured, RunTold, StepDone, TrainingStarted
from tests.engine.families import TEMPLATES
from tests.engine.rig import (
    WEIGHTS,
    Listener,
    Office,
    adapter_bytes,
    ended,
    random_adapter,
    reply_command,
    run_training,
    talk,
    train_command,
    write_data,
)  # fmt: skip
from tests.engine.swipe_rig import swiped, swiped_data, swiped_talk

Tiny = Callable[..., LoadedBase]
SIXTEEN: dict[str, Any] = {"method": "dpo", "base_precision": "16-bit", "dropout": 0.3, "learning_rate": 3e-3}


@pytest.fixture(autouse=True)
def _several_micro_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 512)


def _command(data: Path, folder: Path, **more: Any) -> Train:
    """Four steps a pass, three passes."""
    return train_command(data, folder, **{**SIXTEEN, "epochs": 3, **more})


def _pause_after(steps: int) -> Callable[[TrainingRun, Listener], None]:
    def on_unit(run: TrainingRun, heard: Listener) -> None:
        if len(heard.of(StepDone)) >= steps:
            run.wish.word = "pause"

    return on_unit


def test_a_run_learns_to_choose(tiny: Tiny, tmp_path: Path) -> None:
    data = swiped_data(tmp_path / "data", 24, 6)
    heard = run_training(tiny(), _command(data, tmp_path / "run", epochs=8, dropout=0.0))
    start, (first, *_, last) = heard.of(TrainingStarted)[0], heard.of(StepDone)
    assert first.loss == pytest.approx(math.log(2), abs=1e-6), "before anything is learned nothing is preferred"
    assert last.loss < 0.2
    measured = [event for event in heard.of(HeldOutMeasured) if event.side == "heldout"]
    start_of_all = {"preference_loss": math.log(2), "preference_accuracy": 0.5, "preference_margin": 0.0}
    assert (measured[0].step, measured[0].extra) == (0, start_of_all)
    figures = [event.extra for event in measured[1:]]
    assert all(set(one) == {"preference_loss", "preference_accuracy", "preference_margin"} for one in figures)
    assert figures[-1]["preference_loss"] < 0.4 and figures[-1]["preference_accuracy"] > 0.85
    assert figures[-1]["preference_margin"] > figures[0]["preference_margin"]
    end = ended(heard)
    assert end.heldout_nll_base == measured[0].loss and end.heldout_nll_adapter == measured[-1].loss
    assert end.trained_tokens == 8 * start.trained_tokens and end.tokens == 8 * start.tokens
    assert not [told for told in heard.of(RunTold) if told.code.startswith("pairs_")]
    assert (tmp_path / "run/adapter" / WEIGHTS).is_file()


@pytest.mark.parametrize(("precision", "quantization"), [("16-bit", "none"), ("4-bit", "nf4")])
def test_resumed_equals_uninterrupted(tiny: Tiny, tmp_path: Path, precision: str, quantization: str) -> None:
    base, data = tiny(quantization, torch.bfloat16), swiped_data(tmp_path / "data")
    more = {"base_precision": precision}
    run_training(base, _command(data, tmp_path / "whole", **more))
    run_training(base, _command(data, tmp_path / "parts", **more), _pause_after(4))
    heard = run_training(base, _command(data, tmp_path / "parts", resume=True, **more))
    assert heard.of(StepDone)[0].step == 5 and ended(heard).outcome == "finished"
    assert adapter_bytes(tmp_path / "parts") == adapter_bytes(tmp_path / "whole")
    run_training(base, _command(data, tmp_path / "other", beta=0.2, **more))
    assert adapter_bytes(tmp_path / "other") != adapter_bytes(tmp_path / "whole")


def test_a_lost_reference_comes_back_to_the_bit(tiny: Tiny, tmp_path: Path) -> None:
    base, data = tiny("none", torch.bfloat16), swiped_data(tmp_path / "data")
    run_training(base, _command(data, tmp_path / "whole"))
    run_training(base, _command(data, tmp_path / "parts"), _pause_after(4))
    kept = (tmp_path / "parts" / NAME).read_bytes()
    (tmp_path / "parts" / NAME).unlink()
    run_training(base, _command(data, tmp_path / "parts", resume=True))
    assert (tmp_path / "parts" / NAME).read_bytes() == kept == (tmp_path / "whole" / NAME).read_bytes()
    assert adapter_bytes(tmp_path / "parts") == adapter_bytes(tmp_path / "whole")


def test_a_pause_while_the_reference_is_measured(tiny: Tiny, tmp_path: Path) -> None:
    base, data = tiny(), swiped_data(tmp_path / "data", 40, 6)
    run_training(base, _command(data, tmp_path / "whole"))
    units = []

    def on_unit(run: TrainingRun, heard: Listener) -> None:
        units.append(1)
        if len(units) == 2:
            run.wish.word = "pause"

    heard = run_training(base, _command(data, tmp_path / "parts"), on_unit)
    assert ended(heard).outcome == "paused" and len(units) <= 3
    assert not (tmp_path / "parts" / NAME).exists() and not heard.of(StepDone)
    run_training(base, _command(data, tmp_path / "parts", resume=True))
    assert adapter_bytes(tmp_path / "parts") == adapter_bytes(tmp_path / "whole")


def test_a_stop_while_the_reference_is_measured(tiny: Tiny, tmp_path: Path) -> None:
    data, units = swiped_data(tmp_path / "data", 40, 6), []

    def on_unit(run: TrainingRun, heard: Listener) -> None:
        units.append(1)
        if len(units) == 2:
            run.wish.word = "stop"

    heard = run_training(tiny(), _command(data, tmp_path / "run"), on_unit)
    assert (ended(heard).outcome, ended(heard).step) == ("stopped", 0)


def test_replies_in_between_change_nothing(tiny_base: Path, tmp_path: Path) -> None:
    """Also while the reference is measured: chat and reference share the base."""
    data, office = swiped_data(tmp_path / "data"), Office(tiny_base, "none", torch.bfloat16)
    office.do(_command(data, tmp_path / "quiet"))
    assert office.desk._base is not None
    folder = random_adapter(office.desk._base, tmp_path / "a", rank=3, alpha=6, seed=4)
    gate = Gate(adapter_id="a", path=str(folder), base_fingerprint=office.loaded.fingerprint)

    def chat(unit: int) -> None:
        if unit % 5 < 2 and office.desk.scheduler.names() == ["train"]:
            office.desk.take(reply_command([("Who goes there?", []), ("Who?", [gate])], tokens=3))

    office.do(_command(data, tmp_path / "disturbed"), between=chat)
    assert (tmp_path / "disturbed" / NAME).read_bytes() == (tmp_path / "quiet" / NAME).read_bytes()
    assert adapter_bytes(tmp_path / "disturbed") == adapter_bytes(tmp_path / "quiet")


def test_a_run_that_goes_on_from_an_adapter(tiny: Tiny, tmp_path: Path) -> None:
    """The adapter is its own reference, as in TRL, whenever it is measured: nothing is preferred at the beginning."""
    base, data = tiny(), swiped_data(tmp_path / "data")
    start = random_adapter(base, tmp_path / "start", rank=4, alpha=8.0, seed=7, size=0.2)
    heard = run_training(base, _from(start, _command(data, tmp_path / "whole", dropout=0.0)))
    assert heard.of(StepDone)[0].loss == pytest.approx(math.log(2), abs=1e-6)
    run_training(base, _command(data, tmp_path / "plain", dropout=0.0))
    plain = (tmp_path / "plain" / NAME).read_bytes()
    assert (tmp_path / "whole" / NAME).read_bytes() != plain
    run_training(base, _from(start, _command(data, tmp_path / "parts", dropout=0.0)), _pause_after(4))
    (tmp_path / "parts" / NAME).unlink()
    run_training(base, _from(start, _command(data, tmp_path / "parts", dropout=0.0, resume=True)))
    assert (tmp_path / "parts" / NAME).read_bytes() == (tmp_path / "whole" / NAME).read_bytes()
    assert adapter_bytes(tmp_path / "parts") == adapter_bytes(tmp_path / "whole")


def _from(start: Path, command: Train) -> Train:
    return msgspec.structs.replace(command, start_from=str(start))


def test_what_is_left_out_is_told(tiny: Tiny, tmp_path: Path) -> None:
    lines = [
        swiped(talk("c", "Who?", "I am.", "Ah."), 1, "No.", "x" * 900), swiped_talk(1),
        talk("d", "Who?", "I.", heldout=True),
    ]  # fmt: skip
    heard = run_training(tiny(), _command(write_data(tmp_path / "data", lines), tmp_path / "run", max_length=256))
    told = {one.code: one.details for one in heard.of(RunTold) if one.code.startswith("pairs_")}
    assert told == {"pairs_left_out": {"count": 1}, "pairs_none_held_out": {"count": 3}}
    assert all(event.extra == {} for event in heard.of(HeldOutMeasured)) and heard.of(HeldOutMeasured)


def test_without_pairs_no_run_begins(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny()
    with pytest.raises(StudioError, match="no_preferences"):
        run_training(base, _command(write_data(tmp_path / "data", [talk("c", "Who?", "I.")]), tmp_path / "run"))
    with pytest.raises(StudioError, match="base_other_quantization"):
        run_training(base, _command(swiped_data(tmp_path / "swipes"), tmp_path / "run", base_precision="4-bit"))
    assert not hasattr(base.model, "peft_config")


def test_the_best_is_where_choices_are_best(tiny: Tiny, tmp_path: Path) -> None:
    """Learning to choose makes the persona's own lines dearer: by them alone the first step would be the best."""
    lines = [swiped_talk(number, heldout=number >= 18) for number in range(24)]
    denied = [talk(f"d{number}", f"Who, number {number}?", "No. " * 9, heldout=True) for number in range(12)]
    data = write_data(tmp_path / "data", lines + denied)
    heard = run_training(tiny(), _command(data, tmp_path / "run", epochs=6, keep_best=True))
    measured = {event.step: event for event in heard.of(HeldOutMeasured) if event.step and event.side == "heldout"}
    best = min(measured, key=lambda step: (measured[step].extra["preference_loss"], step))
    cheapest = min(measured, key=lambda step: (measured[step].loss, step))
    end = ended(heard)
    assert best != cheapest and end.best_step in (best, 0)
    assert end.best_step == best or best == end.step
    assert end.heldout_nll_adapter == measured[best].loss


@pytest.mark.parametrize("method", ["lora", "dpo"])
def test_a_base_that_can_think_first_learns_reply_by_reply(tiny: Tiny, tmp_path: Path, method: str) -> None:
    base = tiny()
    base.tokenizer.chat_template = (TEMPLATES / "qwen3.jinja").read_text(encoding="utf-8")
    own = {"base_precision": "16-bit"} if method == "dpo" else {}
    command = train_command(swiped_data(tmp_path / "data"), tmp_path / "run", method=method, epochs=3, **own)
    heard = run_training(base, command)
    assert ended(heard).outcome == "finished"
    assert heard.of(StepDone)[-1].loss < heard.of(StepDone)[0].loss
    told = [(one.details["count"]) for one in heard.of(RunTold) if one.code == "replies_one_each"]
    assert told == ([18] if method == "lora" else []), "nine conversations of two replies; pairs are read alone anyway"
