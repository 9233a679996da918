"""Whole runs of every method: paused and resumed to the byte, gone on from, told, and back to a clean base."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft.optimizers import create_loraplus_optimizer
from safetensors.torch import load_file

from studio.domain.errors import StudioError
from studio.engine.bases.base_folder import open_base_folder
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.modes import Stage
from studio.engine.rack.adapter_files import read_adapter
from studio.engine.training.checkpoints import checkpoints
from studio.engine.training.optimizers import RATE_RATIO
from studio.engine.training.trainee import Trainee
from studio.engine.training.training_run import TrainingRun
from studio.methods.method import METHODS, TrainingOptions
from studio.options import build, options_of
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.commands import Train
from studio.protocol.events import RunTold, StepDone, TrainingStarted
from tests.engine.rig import Listener, ended, ferry_data, loaded, logits_of, run_training

Tiny = Callable[..., LoadedBase]
ROW = "The ferry leaves at dawn, and the river does not wait for anyone."

RUNS: list[tuple[str, str, dict[str, Any]]] = [
    ("qlora", "nf4", {"dropout": 0.3}),
    ("lora", "none", {"lr_ratio": 16.0, "learning_rate": 1e-3}),
    ("lora", "none", {"optimizer": "paged_adamw_8bit", "rank": 32}),
    ("lora_8bit", "int8", {"dropout": 0.3}),
    ("rslora", "nf4", {}),
    ("dora", "none", {"base_precision": "16-bit", "dropout": 0.1}),
    ("ia3", "nf4", {"learning_rate": 0.3}),
    ("ia3", "int8", {"base_precision": "8-bit", "learning_rate": 0.3}),
    ("prompt_tuning", "nf4", {"virtual_tokens": 4, "learning_rate": 0.1}),
    ("full", "none", {"learning_rate": 1e-3}),
]
IDS = ["-".join([name, kept, *more]) for name, kept, more in RUNS]


@pytest.fixture(autouse=True)
def _several_micro_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 256)


def _command(method: str, data: Path, folder: Path, more: dict[str, Any], **other: Any) -> Train:
    known = options_of(METHODS.get(method).options)
    usual = {"rank": 4, "alpha": 8.0, "learning_rate": 1e-2, "batch_size": 4, "epochs": 2}
    options = {name: value for name, value in (usual | more).items() if name in known}
    return Train(job="train", run_id="run", method=method, options=options, data=str(data), folder=str(folder), **other)


def _pause_after(steps: int) -> Callable[[TrainingRun, Listener], None]:
    def on_unit(run: TrainingRun, heard: Listener) -> None:
        if len(heard.of(StepDone)) >= steps:
            run.wish.word = "pause"

    return on_unit


def _written(folder: Path) -> bytes:
    (file,) = (folder / "adapter").glob("*.safetensors")
    return file.read_bytes()


@pytest.mark.parametrize(("method", "kept", "more"), RUNS, ids=IDS)
def test_a_run_learns_and_goes_on_to_the_byte(
    tiny: Tiny, tmp_path: Path, method: str, kept: str, more: dict[str, Any]
) -> None:
    base, data = tiny(kept, torch.bfloat16), ferry_data(tmp_path / "data")
    before = logits_of(base, [{}], [ROW])
    whole = ended(run_training(base, _command(method, data, tmp_path / "whole", more)))
    assert whole.heldout_nll_base is not None
    assert whole.heldout_nll_adapter is not None
    assert whole.heldout_nll_adapter < whole.heldout_nll_base - 0.02
    run_training(base, _command(method, data, tmp_path / "parts", more), _pause_after(4))
    assert [path.name for path in checkpoints(tmp_path / "parts")][-1] == "step-00000004"
    heard = run_training(base, _command(method, data, tmp_path / "parts", more, resume=True))
    assert heard.of(TrainingStarted)[0].step == 4
    assert _written(tmp_path / "parts") == _written(tmp_path / "whole")
    other = ended(run_training(base, _command(method, data, tmp_path / "other", {**more, "seed": 1})))
    assert other.outcome == "finished"
    assert _written(tmp_path / "other") != _written(tmp_path / "whole")
    assert torch.equal(logits_of(base, [{}], [ROW]), before), "the base is as it was"


@pytest.mark.parametrize("method", ["lora", "dora", "ia3", "prompt_tuning"])
def test_what_a_run_wrote_explains_as_the_run_said(tiny: Tiny, tmp_path: Path, method: str) -> None:
    """The adapter's file, hung on the rack, gives the loss that the run measured with its own layers."""
    from studio.engine.bench.measuring import evaluate
    from studio.protocol.commands import Evaluate, EvaluationSet, Gate
    from studio.protocol.events import Evaluated

    base, data = tiny(), ferry_data(tmp_path / "data")
    more = {"base_precision": "16-bit", "learning_rate": 0.05}
    end = ended(run_training(base, _command(method, data, tmp_path / "run", more)))
    gate = Gate(adapter_id="a", path=end.adapter, base_fingerprint=base.fingerprint)
    heard = Listener()
    command = Evaluate(job="e", gates=[gate], sets=[EvaluationSet(label="x", data=str(data))], max_length=512)
    for _ in evaluate(command, base, Stage(base), heard):  # type: ignore[arg-type]
        pass
    (found,) = heard.of(Evaluated)
    assert found.nll[0] == pytest.approx([end.heldout_nll_base, end.heldout_nll_adapter], rel=1e-5)


def test_full_training_makes_a_base_of_its_own(tiny: Tiny, tmp_path: Path) -> None:
    base, data = tiny("none", torch.bfloat16), ferry_data(tmp_path / "data")
    more = {"learning_rate": 1e-3}
    end = ended(run_training(base, _command("full", data, tmp_path / "run", more)))
    made = open_base_folder(Path(end.adapter))
    assert made.fingerprint != base.fingerprint
    new = loaded(Path(end.adapter), "none", torch.bfloat16)
    found = ended(run_training(new, _command("lora", data, tmp_path / "next", {"max_steps": 1})))
    assert found.heldout_nll_base == pytest.approx(end.heldout_nll_adapter, rel=2e-3)  # weights are kept in 16 bit
    assert torch.equal(new.model.lm_head.weight, base.model.lm_head.weight), "the vocabulary stays"
    again = ended(run_training(base, _command("full", data, tmp_path / "again", {**more, "seed": 3})))
    assert open_base_folder(Path(again.adapter)).fingerprint != made.fingerprint


@pytest.mark.parametrize("method", ["lora", "dora", "ia3", "prompt_tuning"])
def test_a_run_goes_on_from_an_adapter(tiny: Tiny, tmp_path: Path, method: str) -> None:
    """Whatever alpha the new run has, it begins as what the adapter was."""
    base = tiny()
    first = _trainee(method, base)
    with torch.no_grad():
        for one in first.learner.parameters.values():
            one.add_(torch.randn(one.shape, generator=torch.Generator().manual_seed(3)) * 0.1)
    first.write(tmp_path / "a")
    first.leave()
    second = _trainee(method, base, alpha=3.0, seed=7)
    second.start_from(tmp_path / "a")
    snapshot = second.snapshot()
    assert snapshot is not None
    base.rack.hang("old", read_adapter(tmp_path / "a"))
    base.rack.hang("new", snapshot)
    old, new, plain = logits_of(base, [{"old": 1.0}, {"new": 1.0}, {}], [ROW] * 3)
    assert torch.allclose(old, new, atol=1e-4)
    assert not torch.allclose(old, plain, atol=1e-2)


def _trainee(method: str, base: LoadedBase, **more: Any) -> Trainee:
    kind = METHODS.get(method).options
    wanted = {"rank": 4, "alpha": 8.0, "virtual_tokens": 4} | more
    options = build(kind, {name: value for name, value in wanted.items() if name in options_of(kind)})
    return Trainee(METHODS.get(method), options, base, Stage(base))


def test_another_shape_is_not_gone_on_from(tiny: Tiny, tmp_path: Path) -> None:
    base = tiny()
    first = _trainee("lora", base)
    first.write(tmp_path / "a")
    first.leave()
    for method, more in (
        ("lora", {"rank": 8}),
        ("dora", {}),
        ("prompt_tuning", {}),
        ("lora", {"target_modules": "mlp"}),
    ):
        second = _trainee(method, base, **more)
        with pytest.raises(StudioError, match="start_from_other_shape"):
            second.start_from(tmp_path / "a")
        second.leave()
    whole = _trainee("full", base)
    with pytest.raises(StudioError, match="start_from_whole"):
        whole.start_from(tmp_path / "a")


@pytest.mark.parametrize("method", ["lora", "dora"])
def test_lora_plus_is_pefts(tiny: Tiny, method: str) -> None:
    """The same parameters learn at the same rates as in PEFT's own optimiser for it."""
    base = tiny()
    trainee = _trainee(method, base, lr_ratio=16.0, learning_rate=1e-3)
    groups = trainee.learner.optimizer.param_groups
    found = {id(one): group["lr"] for group in groups for one in group["params"]}
    plain = create_loraplus_optimizer(trainee._part._peft, torch.optim.AdamW, lr=1e-3, loraplus_lr_ratio=16.0)  # type: ignore[attr-defined]
    expected = {id(one): group["lr"] for group in plain.param_groups for one in group["params"]}
    assert found == expected
    assert set(found.values()) == {1e-3, 16e-3}


def test_the_schedule_keeps_the_ratio(tiny: Tiny, tmp_path: Path) -> None:
    seen: list[tuple[float, float]] = []

    def look(run: TrainingRun, heard: Listener) -> None:
        groups = run.trainee.learner.optimizer.param_groups if heard.of(StepDone) else []
        seen.extend((group["lr"], group[RATE_RATIO]) for group in groups)

    heard = run_training(tiny(), _command("lora", ferry_data(tmp_path / "d"), tmp_path / "r", {"lr_ratio": 8.0}), look)
    rates = {step.learning_rate for step in heard.of(StepDone)}
    assert {ratio for _, ratio in seen} == {1.0, 8.0}
    assert all(any(lr == pytest.approx(rate * ratio) for rate in rates) for lr, ratio in seen)


def test_an_optimiser_that_cannot_page_says_so(tiny: Tiny, tmp_path: Path) -> None:
    more = {"optimizer": "paged_adamw_8bit", "max_steps": 1}
    heard = run_training(tiny(), _command("lora", ferry_data(tmp_path / "d"), tmp_path / "r", more))
    assert "optimizer_not_paged" in [event.code for event in heard.of(RunTold)]


def test_files_are_what_peft_reads(tiny: Tiny, tmp_path: Path) -> None:
    """``PeftModel.from_pretrained`` of every kind gives what the rack gives."""
    from peft import PeftModel

    for method in ("lora", "rslora", "dora", "ia3", "prompt_tuning"):
        base, oracle = tiny(), tiny()
        trainee = _trainee(method, base)
        with torch.no_grad():
            for one in trainee.learner.parameters.values():
                one.add_(torch.randn(one.shape, generator=torch.Generator().manual_seed(3)) * 0.1)
        folder = tmp_path / method
        trainee.write(folder)
        trainee.leave()
        base.rack.hang("a", read_adapter(folder))
        ids = torch.tensor([base.tokenizer.encode(ROW, add_special_tokens=False)])
        with torch.no_grad():
            expected = PeftModel.from_pretrained(oracle.model, folder)(input_ids=ids).logits[0, -ids.shape[1] :]
        assert torch.allclose(logits_of(base, [{"a": 1.0}], [ROW])[0], expected, atol=1e-4), method
        assert len(load_file(folder / "adapter_model.safetensors")) == len(trainee.learner.parameters)
        assert str(tmp_path) not in json.dumps(json.loads((folder / "adapter_config.json").read_text()))


def test_presets_are_for_lora_and_become_the_methods_own() -> None:
    from studio.services.run_plan import preset_for

    chosen = {"rank": 16, "alpha": 32.0, "learning_rate": 2e-4, "epochs": 3}
    assert preset_for(METHODS.get("lora"), chosen) == chosen
    assert preset_for(METHODS.get("ia3"), chosen) == {"learning_rate": pytest.approx(3e-3), "epochs": 3}
    assert "alpha" not in preset_for(METHODS.get("rslora"), chosen)
    assert issubclass(METHODS.get("dora").options, TrainingOptions)
