"""What runs have measured corrects what is expected of the next one; and which method fits into the memory, and why."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.domain.base_model import BaseModel
from studio.domain.run import Run
from studio.library.library import Library
from studio.protocol.events import MemoryMeasured
from studio.services.engine import EngineStatus
from studio.services.machine_memory import total_memory
from studio.services.memory_estimate import Load, MemoryEstimate, load_memory, training_memory
from studio.services.run_plan import full_options, method_named
from studio.texts import tr

GIGABYTE = 2**30
LEAST_CORRECTION, MOST_CORRECTION = 0.4, 2.5
"""Beyond these a measurement says more about other work of that moment than about the arithmetic."""

DECIDING = (
    "rank", "target_modules", "batch_size", "max_length", "virtual_tokens", "optimizer", "activation_checkpointing",
    "offload",
)  # fmt: skip
"""Options that decide about memory."""


@dataclass(frozen=True, kw_only=True)
class MethodAdvice:
    """The method that suits a base on this device, and the reason in a sentence."""

    method: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where is trained: ``name`` tells one card from another, ``memory`` is what it has."""

    device: str
    name: str
    memory: int


def place_of(status: EngineStatus, memory: int | None = None) -> Place:
    """What the engine computes on; before it has told, this machine. ``memory`` takes the place of what is there."""
    there = memory if memory is not None else status.memory_total or total_memory()
    device = status.device or "cpu"
    return Place(device=device, name=status.device_name if device != "cpu" else device, memory=there)


def expected_memory(
    library: Library, base: BaseModel, method: str, options: Mapping[str, object], place: Place
) -> MemoryEstimate:
    """Estimate a training, corrected by what dry steps on this base and device have measured so far."""
    chosen = method_named(method)
    full = full_options(chosen, options)
    quantization = chosen.quantization_for(full)
    exact, wide = (library.run_records.memory(key) for key in _keys(base, method, quantization, full, place.name))
    known = exact or wide
    correction = float(str(known.details["correction"])) if known else 1.0
    estimate = training_memory(
        base, quantization, full, place.memory, place.device, method=method, correction=correction
    )
    return replace(estimate, measured=exact.measured) if exact else estimate


def remember(
    library: Library, run: Run, options: Mapping[str, object], base: BaseModel, place: Place, event: MemoryMeasured
) -> dict[str, object]:
    """Keep what dry steps needed, for these settings and for the base as a whole; return what a run's log tells."""
    expected = load_memory(base, _load(run, options, place, event))
    needed = event.expected_bytes or event.peak_bytes
    rest = expected.total - expected.base
    off_by = min(MOST_CORRECTION, max(LEAST_CORRECTION, (needed - expected.base) / rest))
    details = {**event.plan, "correction": off_by, "run": run.id}
    full = full_options(method_named(run.method), options)
    for key in _keys(base, run.method, run.quantization, full, place.name):
        library.run_records.remember_memory(key, expected.total, needed, details)
    figures = {"needed": needed, "free": event.available_bytes, "expected": expected.total}
    return {name: f"{count / GIGABYTE:.1f} GB" for name, count in figures.items()}


def recommended(library: Library, base: BaseModel, options: Mapping[str, object], place: Place) -> MethodAdvice:
    """LoRA on 16 bit where that fits, QLoRA where only that does; the reason names the figures."""
    lora = _shared(options, "lora")
    whole = expected_memory(library, base, "lora", lora, place)
    figures = {"needed": _gigabytes(whole.total), "there": _gigabytes(place.memory)}
    if whole.fits and not whole.checkpointed:
        reason = tr(
            "This base fits in 16 bit ({needed} of {there}), which trains faster and a little more exactly: LoRA.",
            **figures,
        )
        return MethodAdvice(method="lora", reason=reason)
    quarter = expected_memory(library, base, "qlora", _shared(options, "qlora"), place)
    small = {"small": _gigabytes(quarter.total), "there": figures["there"]}
    if quarter.fits and not whole.fits:
        reason = tr(
            "In 16 bit this base needs {needed}, more than the {there} here; in 4 bit it fits: QLoRA.", **figures
        )
        return MethodAdvice(method="qlora", reason=reason)
    if quarter.fits and not quarter.checkpointed:
        reason = tr(
            "In 4 bit ({small} of {there}) nothing has to be computed twice, as it would have to be in 16 bit: QLoRA.",
            **small,
        )
        return MethodAdvice(method="qlora", reason=reason)
    if whole.fits:
        reason = tr("This base fits in 16 bit ({needed} of {there}), with each layer computed twice: LoRA.", **figures)
        return MethodAdvice(method="lora", reason=reason)
    reason = tr(
        "Even in 4 bit this needs {small}, more than the {there} here. {advice}", **small, advice=quarter.advice
    )
    return MethodAdvice(method="qlora", reason=reason)


def _shared(options: Mapping[str, object], method: str) -> dict[str, object]:
    """Those of the options that a method has too."""
    known = full_options(method_named(method), {})
    return {name: value for name, value in options.items() if name in known}


def _load(run: Run, options: Mapping[str, object], place: Place, event: MemoryMeasured) -> Load:
    plan = event.plan
    return Load(
        method=method_named(run.method),
        quantization=run.quantization,
        options=full_options(method_named(run.method), options),
        device=place.device,
        tokens=int(str(plan["tokens"])),
        checkpointed=bool(plan["checkpoint_activations"]),
        offloaded=bool(plan["offload_activations"]),
    )


def _keys(
    base: BaseModel, method: str, quantization: str, options: Mapping[str, object], device: str
) -> tuple[str, str]:
    """For these very settings, and for the base however it is trained."""
    deciding = json.dumps({name: options[name] for name in DECIDING if name in options}, sort_keys=True)
    wide = f"{device}|{base.fingerprint or base.id}|{quantization}|{method}"
    return f"{wide}|{hashlib.sha256(deciding.encode()).hexdigest()[:16]}", wide


def _gigabytes(count: int) -> str:
    return f"{count / GIGABYTE:.1f} GB"
