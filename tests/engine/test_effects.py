"""Proof of effect: what is told is what the rack does, and an adapter that does nothing is told as such."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.bench import effects
from studio.engine.rack.adapter_files import read_config, read_tensors, write_adapter
from studio.protocol.commands import Gate, ProveEffect
from studio.protocol.events import Effect, EffectProved, Progress
from tests.engine.rig import Office, random_adapter, reply_command


@pytest.fixture(params=[None, torch.bfloat16], ids=["fp32", "bf16"])
def office(request: pytest.FixtureRequest, tiny_base: Path) -> Office:
    return Office(tiny_base, dtype=request.param)


def _base(office: Office) -> LoadedBase:
    assert office.desk._base is not None
    return office.desk._base


def _gate(office: Office, folder: Path, name: str = "", strength: float = 1.0) -> Gate:
    return Gate(
        adapter_id=name or folder.name, path=str(folder), base_fingerprint=office.loaded.fingerprint, strength=strength
    )


def _proved(office: Office, gates: list[Gate], job: str = "prove") -> list[Effect]:
    office.do(ProveEffect(job=job, gates=gates))
    (told,) = [one for one in office.heard.of(EffectProved) if one.job == job]
    assert [one.adapter_id for one in told.effects] == [gate.adapter_id for gate in gates]
    return told.effects


def _changed(folder: Path, target: Path, change: Callable[[str, torch.Tensor], torch.Tensor]) -> Path:
    tensors = {name: change(name, tensor) for name, tensor in read_tensors(folder).items()}
    write_adapter(target, tensors, read_config(folder))
    return target


def test_nothing_is_told_as_nothing(office: Office, tmp_path: Path) -> None:
    """As LoRA begins (B is zero), at strength 0, or so small that nobody could ever draw another token for it."""
    live = random_adapter(_base(office), tmp_path / "live", rank=4, alpha=8, seed=1)
    fresh = _changed(live, tmp_path / "fresh", lambda name, one: one * (0.0 if "lora_B" in name else 1.0))
    faint = _changed(live, tmp_path / "faint", lambda name, one: one * (1e-9 if "lora_B" in name else 1.0))
    gates = [_gate(office, live), _gate(office, fresh), _gate(office, faint), _gate(office, live, "off", 0.0)]
    found = _proved(office, gates)
    assert [one.nothing for one in found] == [False, True, True, True]
    assert found[0].change > 0.5
    assert found[0].kl > 0.01
    assert 0 < found[0].top1_changed <= 1
    assert found[1].change == found[3].change == found[1].kl == found[1].top1_changed == 0.0


def test_a_quiet_voice_is_still_a_voice(office: Office, tmp_path: Path) -> None:
    folder = random_adapter(_base(office), tmp_path / "a", rank=4, alpha=8, seed=1)
    quiet, half, loud = _proved(office, [_gate(office, folder, str(one), one) for one in (0.05, 0.5, 1.0)])
    assert not quiet.nothing
    assert 0 < quiet.change < half.change < loud.change
    assert quiet.kl < half.kl < loud.kl


def test_figures_are_those_of_each_adapter_alone(tiny_base: Path, tmp_path: Path) -> None:
    """Ten adapters do not fit into one batch."""
    office = Office(tiny_base)
    base = _base(office)
    gates = [
        _gate(office, random_adapter(base, tmp_path / f"a{one}", rank=2 + one % 3, alpha=4, seed=one))
        for one in range(10)
    ]
    together = _proved(office, gates)
    assert len(office.heard.of(Progress)) == 2 * len(effects.CANARIES)
    for number in (0, 7, 9):
        (alone,) = _proved(office, [gates[number]], f"alone{number}")
        assert alone.change == pytest.approx(together[number].change, rel=1e-3)
        assert alone.kl == pytest.approx(together[number].kl, rel=1e-3)
        assert alone.top1_changed == together[number].top1_changed
    changes, kls = [], []
    for canary in effects.CANARIES:
        ids = torch.tensor([effects._ids(canary, base)])
        base.rack.open_gates()
        with torch.no_grad():
            before = base.model(input_ids=ids).logits[0, -12:]
            base.rack.gate([{"a3": 1.0}])
            after = base.model(input_ids=ids).logits[0, -12:]
        changes.append(float((after - before).abs().max()))
        target, given = before.log_softmax(-1), after.log_softmax(-1)
        kls.append(float(torch.nn.functional.kl_div(given, target, log_target=True, reduction="batchmean")))
    base.rack.open_gates()
    assert together[3].change == pytest.approx(max(changes), rel=1e-3)
    assert together[3].kl == pytest.approx(sum(kls) / len(kls), rel=1e-3)


def test_refusals(tiny_base: Path, tmp_path: Path) -> None:
    office = Office(tiny_base)
    folder = random_adapter(_base(office), tmp_path / "a", rank=4, alpha=8, seed=1)
    gate = _gate(office, folder)
    strange = Gate(adapter_id="s", path=str(folder), base_fingerprint="other")
    loud = _gate(office, folder, "loud", 1e38)
    for number, (gates, code) in enumerate([([gate, strange], "adapter_wrong_base"), ([gate, loud], "adapter_broken")]):
        office.do(ProveEffect(job=f"p{number}", gates=gates))
        assert office.failure(f"p{number}").code == code
    assert not _proved(office, [gate])[0].nothing
    office.do(reply_command([("Who?", [])]))  # the base is left as it was
