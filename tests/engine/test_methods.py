"""Every method computes what PEFT computes with it: in training, in chat, on every kind of base."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit, int8_vectorwise_dequant
from bitsandbytes.nn import Linear4bit, Linear8bitLt
from peft import get_peft_model, set_peft_model_state_dict
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor
from torch.nn import functional
from transformers import DynamicCache

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.replies import reply
from studio.engine.forward.evaluation import autocast, mean_loss
from studio.engine.forward.modes import Mode, Stage
from studio.engine.rack.adapter_files import read_adapter
from studio.engine.rack.dense_weight import dense_weight
from studio.engine.training import training_loop
from studio.engine.training.checkpoints import Learner, Standing
from studio.engine.training.objective import ReplyObjective
from studio.engine.training.trainee import Trainee
from studio.engine.training.training_loop import TrainingLoop
from studio.methods.method import METHODS
from studio.options import build, options_of
from studio.protocol.commands import Gate
from studio.protocol.events import RowFinished
from tests.engine.rig import GradientRecorder, Listener, ferry_windows, logits_of, reply_command

Tiny = Callable[..., LoadedBase]

PEFT_METHODS = ("lora", "rslora", "dora", "ia3", "prompt_tuning")
"""One name for each kind of layer; how the base is stored is the other axis."""

BASES = [("none", torch.float32), ("none", torch.bfloat16), ("nf4", torch.bfloat16), ("int8", torch.bfloat16)]

# fp32: only the order of sums differs. 16 bit: rows of different length are padded to batches, and products round at
# another place (8 bits of mantissa, through two layers and back). DoRA's norms and IA³'s thin vectors sum over more.
TOLERANCE = {torch.float32: 2e-5, torch.bfloat16: 0.04}

SIZE = {"ia3": 0.5, "prompt_tuning": 0.5}
"""How far from their start the few numbers of these are moved, so that a difference is seen."""

ROW = "The ferry leaves at dawn, and the river does not wait for anyone."


@pytest.fixture(autouse=True)
def _unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))


def _options(name: str, **more: Any) -> Any:
    wanted = {"rank": 4, "alpha": 8.0, "virtual_tokens": 5, "batch_size": 6} | more
    kind = METHODS.get(name).options
    return build(kind, {key: value for key, value in wanted.items() if key in options_of(kind)})


def _trainee(name: str, base: LoadedBase, **more: Any) -> Trainee:
    """Something was learned already: no factor is zero, no scale one."""
    trainee = Trainee(METHODS.get(name), _options(name, **more), base, Stage(base))
    chance = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for one in trainee.learner.parameters.values():
            one.add_(torch.randn(one.shape, generator=chance) * SIZE.get(name, 0.05))
    return trainee


def _gradients(trainee: Trainee, windows: list[Any]) -> tuple[float, dict[str, Tensor]]:
    """Ours: the first step of the loop."""
    parameters = trainee.learner.parameters
    recorder = GradientRecorder(parameters.values(), lr=0.0)
    learner = Learner(parameters=parameters, optimizer=recorder)
    loop = TrainingLoop(
        trainee.base, trainee.stage, windows, ReplyObjective(trainee.base), _options("lora"), 1, learner, Standing()
    )
    for _ in loop.step():
        pass
    return loop.loss, dict(zip(parameters, recorder.recorded, strict=True))


def _plain_gradients(name: str, base: LoadedBase, tensors: dict[str, Tensor], windows: list[Any]) -> Any:
    """PEFT's: its wrapper, its forward with its defaults, one window after the other, torch's loss on full logits."""
    torch.manual_seed(0)
    model = get_peft_model(base.model, METHODS.get(name).peft_config(_options(name), base.linear_names))
    set_peft_model_state_dict(model, tensors)
    model.train()
    return _loss_and_gradients(
        model, base, windows, {key: one for key, one in model.named_parameters() if one.requires_grad}
    )


def _loss_and_gradients(model: Any, base: LoadedBase, windows: list[Any], parameters: dict[str, Tensor]) -> Any:
    total, loss = sum(window.trained_tokens for window in windows), torch.zeros(())
    for window in windows:
        ids = torch.tensor([window.ids])
        labels = torch.where(torch.tensor([window.trained]), ids, -100)
        with autocast(base):
            logits = model(input_ids=ids).logits[:, -ids.shape[1] :]  # PEFT gives its virtual tokens logits as well
        found = functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten(), reduction="sum")
        loss = loss + found / total
    return float(loss.detach()), dict(
        zip(parameters, torch.autograd.grad(loss, list(parameters.values())), strict=True)
    )


def _named(gradients: dict[str, Tensor]) -> list[Tensor]:
    """PEFT names its prompt by the place in its wrapper; all else has one name."""
    return list(gradients.values()) if len(gradients) == 1 else [gradients[key] for key in sorted(gradients)]


def _distance(found: list[Tensor], expected: list[Tensor]) -> float:
    assert all(float(one.norm()) > 1e-5 for one in expected)
    whole = torch.cat([one.flatten() for one in expected])
    return float((torch.cat([one.flatten() for one in found]) - whole).norm() / whole.norm())


@pytest.mark.parametrize(("quantization", "dtype"), BASES)
@pytest.mark.parametrize("name", PEFT_METHODS)
def test_gradients_are_pefts_plain_forward_and_backward(
    tiny: Tiny, tmp_path: Path, name: str, quantization: str, dtype: torch.dtype
) -> None:
    base, oracle = tiny(quantization, dtype), tiny(quantization, dtype)
    windows = ferry_windows(base, tmp_path, 6)
    trainee = _trainee(name, base)
    loss, found = _gradients(trainee, windows)
    plain_loss, expected = _plain_gradients(name, oracle, trainee._part.tensors(), windows)
    assert loss == pytest.approx(plain_loss, rel=TOLERANCE[dtype] / 4)
    assert _distance(_named(found), _named(expected)) < TOLERANCE[dtype]


@pytest.mark.parametrize("quantization", ["nf4", "int8"])
def test_a_quantised_base_computes_with_the_weights_it_stands_for(
    tiny: Tiny, tmp_path: Path, quantization: str
) -> None:
    """Against a plain base that is given those weights: the same gradients, also after an evaluation in between."""
    base, plain = tiny(quantization, torch.float32), tiny("none", torch.float32)
    for name, layer in base.linears.items():
        plain.linears[name].weight.data.copy_(_stood_for(layer))
        assert torch.allclose(dense_weight(layer), plain.linears[name].weight, atol=1e-7)
    windows = ferry_windows(base, tmp_path, 6)
    trainee, exact = _trainee("lora", base), _trainee("lora", plain)
    loss, expected = _gradients(exact, windows)
    assert _gradients(trainee, windows)[0] == pytest.approx(loss, rel=1e-5)
    assert _mean(base, windows, trainee.stage, Mode.MEASURING) == pytest.approx(loss, rel=1e-5)
    assert _distance(_named(_gradients(trainee, windows)[1]), _named(expected)) < 1e-5
    changed = _stood_for(next(iter(base.linears.values()))) - _stood_for(next(iter(tiny().linears.values())))
    assert float(changed.abs().max()) > 1e-4, "something was rounded at all"


def _stood_for(layer: Any) -> Tensor:
    """bitsandbytes' own way back."""
    if isinstance(layer, Linear4bit):
        return dequantize_4bit(layer.weight.data, layer.weight.quant_state).reshape(layer.out_features, -1)
    if isinstance(layer, Linear8bitLt):
        weight, scale = layer.weight.data, layer.weight.SCB if layer.state.SCB is None else layer.state.SCB
        return int8_vectorwise_dequant(weight, scale)
    return layer.weight.detach()  # type: ignore[no-any-return]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_full_gradients_are_the_models_own(tiny: Tiny, tmp_path: Path, dtype: torch.dtype) -> None:
    base = tiny("none", dtype)
    windows = ferry_windows(base, tmp_path, 6)
    trainee = Trainee(METHODS.get("full"), _options("full"), base, Stage(base))
    loss, found = _gradients(trainee, windows)
    plain_loss, expected = _loss_and_gradients(trainee.base.model, trainee.base, windows, trainee._part.parameters)
    assert loss == pytest.approx(plain_loss, rel=TOLERANCE[dtype] / 4)
    assert _distance(list(found.values()), list(expected.values())) < TOLERANCE[dtype]
    assert not any("embed" in name or "lm_head" in name for name in found)
    assert not any(one.requires_grad for one in base.model.parameters())


@pytest.mark.parametrize(("quantization", "dtype"), BASES)
@pytest.mark.parametrize("name", PEFT_METHODS)
def test_what_was_learned_is_chatted_with(
    tiny: Tiny, tmp_path: Path, name: str, quantization: str, dtype: torch.dtype
) -> None:
    """Written, read again and hung on the rack beside the base and another strength, it is PEFT's model."""
    base, oracle = tiny(quantization, dtype), tiny(quantization, dtype)
    trainee = _trainee(name, base)
    trainee.write(tmp_path / "a")
    trainee.leave()
    base.rack.hang("a", read_adapter(tmp_path / "a"))
    rows = [{}, {"a": 1.0}, {"a": 0.5}]
    plain, whole, half = logits_of(base, rows, [ROW] * 3)
    expected = _peft_logits(name, oracle, tmp_path / "a")
    allowed = TOLERANCE[dtype] * float(expected.abs().max())
    assert (whole - expected).abs().max() <= allowed
    assert (plain - _forward(oracle, oracle.model)).abs().max() <= allowed
    assert (whole - plain).abs().max() > 2 * allowed
    if name != "prompt_tuning":  # learned tokens are there or not
        assert 0 < (half - plain).abs().max() < (whole - plain).abs().max()


def _peft_logits(name: str, oracle: LoadedBase, folder: Path) -> Tensor:
    from safetensors.torch import load_file

    model = get_peft_model(oracle.model, METHODS.get(name).peft_config(_options(name), oracle.linear_names))
    set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"))
    found = _forward(oracle, model.eval())
    for module in model.modules():
        if isinstance(module, BaseTunerLayer):
            module._disable_adapters = True
    return found


def _forward(base: LoadedBase, model: Any) -> Tensor:
    ids = torch.tensor([base.tokenizer.encode(ROW, add_special_tokens=False)])
    with torch.no_grad(), autocast(base):
        return model(input_ids=ids).logits.float()[0, -ids.shape[1] :]  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", PEFT_METHODS)
def test_the_run_in_training_can_be_hung_as_it_is_now(tiny: Tiny, tmp_path: Path, name: str) -> None:
    """A snapshot on the rack says what the training's own layers say, and does not move with them."""
    base = tiny()
    windows = ferry_windows(base, tmp_path, 6)
    trainee = _trainee(name, base)
    now = _mean(base, windows, trainee.stage, Mode.MEASURING)
    snapshot = trainee.snapshot()
    assert snapshot is not None
    base.rack.hang("run:1", snapshot)
    with torch.no_grad():
        for one in trainee.learner.parameters.values():
            one.mul_(1.5)
    assert _mean(base, windows, trainee.stage, Mode.OTHERS, {"run:1": 1.0}) == pytest.approx(now, rel=1e-5)
    assert _mean(base, windows, trainee.stage, Mode.OTHERS) != pytest.approx(now, rel=1e-4)
    assert _mean(base, windows, trainee.stage, Mode.MEASURING) != pytest.approx(now, rel=1e-5 * 3)


def _mean(base: LoadedBase, windows: list[Any], stage: Stage, mode: Mode, row: dict[str, float] | None = None) -> float:
    def prepare(rows: int) -> None:
        stage.enter(mode)
        if row:
            base.rack.gate([row] * rows)
        else:
            base.rack.open_gates()

    return _result(mean_loss(base, windows, prepare))


def _result(work: Iterator[None]) -> float:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return float(end.value)


def test_all_kinds_answer_in_one_batch_as_they_do_alone(tiny: Tiny, tmp_path: Path) -> None:
    """Rows of different length and adapter, decoded with a cache, some leaving early: nobody hears the others."""
    base = tiny()
    gates = {}
    for name in PEFT_METHODS:
        trainee = _trainee(name, base)
        trainee.write(tmp_path / name)
        trainee.leave()
        gates[name] = Gate(adapter_id=name, path=str(tmp_path / name), base_fingerprint=base.fingerprint)
    rows = [
        ("Hm?", []),
        *((f"{'Tell me more. ' * number}Who is {name}?", [gates[name]]) for number, name in enumerate(gates)),
    ]
    rows.append(("And both of you?", [gates["ia3"], gates["prompt_tuning"]]))
    together = _said(base, rows)
    alone = [_said(base, [row])[0] for row in rows]
    assert together == alone
    plain = [_said(base, [(text, [])])[0] for text, _ in rows]
    assert [one != other for one, other in zip(together, plain, strict=True)] == [False] + [True] * (len(rows) - 1)


def _said(base: LoadedBase, rows: list[Any]) -> list[str]:
    heard = Listener()
    for _ in reply(reply_command(rows, tokens=12), base, Stage(base), heard):  # type: ignore[arg-type]
        pass
    return [one.text for one in sorted(heard.of(RowFinished), key=lambda one: one.row)]


def test_learned_tokens_are_decoded_as_peft_decodes_them(tiny: Tiny, tmp_path: Path) -> None:
    """Token by token through the cache, the logits are those of PEFT's forward over the whole line."""
    base, oracle = tiny(), tiny()
    trainee = _trainee("prompt_tuning", base)
    trainee.write(tmp_path / "a")
    trainee.leave()
    expected = _peft_logits("prompt_tuning", oracle, tmp_path / "a")
    base.rack.hang("a", read_adapter(tmp_path / "a"))
    base.rack.gate([{}, {"a": 1.0}])
    ids = torch.tensor([base.tokenizer.encode(ROW, add_special_tokens=False)] * 2)
    cache, found = DynamicCache(config=base.model.config), []
    with torch.no_grad():
        for at in range(ids.shape[1]):
            mask, place = torch.ones(2, at + 1, dtype=torch.long), torch.full((2, 1), at)
            given = {"attention_mask": mask, "position_ids": place, "past_key_values": cache, "use_cache": True}
            found.append(base.model(input_ids=ids[:, at : at + 1], **given).logits[:, 0])
    base.rack.open_gates()
    plain, tuned = torch.stack(found, dim=1)
    assert torch.allclose(tuned, expected, atol=1e-4)
    assert torch.allclose(plain, logits_of(base, [{}], [ROW])[0], atol=1e-4)


@pytest.mark.parametrize("name", PEFT_METHODS)
def test_an_adapter_of_another_shape_is_not_hung(tiny: Tiny, tmp_path: Path, name: str) -> None:
    base = tiny()
    trainee = _trainee(name, base)
    trainee.write(tmp_path / "a")
    trainee.leave()
    factors = read_adapter(tmp_path / "a")
    wide = {key: torch.ones(7) for key in factors.inputs | factors.outputs | factors.magnitudes}
    cut = {key: (a[:, :-1], b) for key, (a, b) in factors.pairs.items()}
    tokens = None if factors.tokens is None else factors.tokens[:, :-1]
    changed = {"magnitudes": wide} if factors.magnitudes else {"inputs": {}, "outputs": wide, "pairs": cut}
    odd = replace(factors, **(changed | {"tokens": tokens} if name != "dora" else changed))  # type: ignore[arg-type]
    with pytest.raises(StudioError, match="adapter_broken"):
        base.rack.hang("a", odd)
    assert not base.rack.holds("a")
