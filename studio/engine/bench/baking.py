"""The job that bakes: reads adapters, adds them up and writes one PEFT folder, whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.rack.adapter_files import MAX_RANK, WEIGHTS, read_adapter, read_config, write_adapter
from studio.engine.rack.blending import Blended, Part, blended, exact_rank, is_plain, lost_share, tensors_of
from studio.engine.scheduler import Work
from studio.engine.wire import Wire
from studio.protocol.commands import BakeAdapter, Gate
from studio.protocol.events import AdapterBaked, Progress


def bake(command: BakeAdapter, wire: Wire) -> Work:
    """Bake; yields after each layer. No base is needed: the factors say everything."""
    gates = [gate for gate in command.gates if gate.strength]
    parts = []
    for gate in gates:
        parts.append(_part(gate))
        yield
    _refuse_strangers(gates)
    rank = _rank(parts, command.rank)
    layers: list[Blended] = []
    count = len({layer for factors, _ in parts for layer in factors.pairs})
    for layer in blended(parts, rank):
        layers.append(layer)
        wire.send(Progress(job=command.job, what="baking", done=len(layers), total=count))
        yield
    target = Path(command.target)
    write_adapter(target, dict(tensors_of(layers)), _config(gates, layers, rank))
    wire.send(
        AdapterBaked(
            job=command.job,
            path=str(target),
            rank=rank,
            alpha=float(rank),
            lost=lost_share(layers),
            size_bytes=(target / WEIGHTS).stat().st_size,
        )
    )


def _part(gate: Gate) -> Part:
    factors = read_adapter(Path(gate.path))
    if not is_plain(factors):
        raise StudioError("bake_other_kind", adapter=gate.adapter_id)
    return factors, gate.strength


def _refuse_strangers(gates: Sequence[Gate]) -> None:
    """Adapters of different bases do not add up to anything."""
    if not gates:
        raise StudioError("bake_nothing")
    for gate in gates:
        if gate.base_fingerprint != gates[0].base_fingerprint:
            raise StudioError(
                "adapter_wrong_base", expected=gate.base_fingerprint[:12], found=gates[0].base_fingerprint[:12]
            )


def _rank(parts: Sequence[Part], wanted: int) -> int:
    exact = exact_rank(parts)
    rank = min(wanted, exact) if wanted > 0 else exact
    if rank > MAX_RANK:
        raise StudioError("bake_rank_too_high", rank=rank, limit=MAX_RANK)
    return rank


def _config(gates: Sequence[Gate], layers: Sequence[Blended], rank: int) -> dict[str, object]:
    """As other runtimes need it; the scaling is in the factors, so alpha is the rank."""
    base_name = str(read_config(Path(gates[0].path)).get("base_model_name_or_path") or "")
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": "" if Path(base_name).is_absolute() else base_name,
        "inference_mode": True,
        "r": rank,
        "lora_alpha": rank,
        "lora_dropout": 0.0,
        "target_modules": sorted({one.layer.rpartition(".")[2] for one in layers}),
        "bias": "none",
        "use_rslora": False,
        "use_dora": False,
        "fan_in_fan_out": False,
    }
