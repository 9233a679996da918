"""The whole state of a run on disk: adapter, optimiser and where it stands; safetensors and JSON, sealed by a manifest.

Randomness needs no state: batches are a pure function of (seed, epoch), dropout of (seed, step, micro-step).
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from studio.domain.errors import StudioError
from studio.engine.durable_files import check_folder, write_folder
from studio.engine.step_plan import StepPlan

KEEP = 2
"""Whole checkpoints that stay on disk; one could be the newest, so the one before it stays too."""

_ADAPTER = "adapter.safetensors"
_OPTIMIZER = "optimizer.safetensors"
_STATE = "state.json"


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a checkpoint belongs to; resuming with anything else is refused."""

    base: str
    data: str
    method: str
    options: dict[str, Any]


class Standing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a run stands after ``step`` optimiser steps. Seconds exclude pauses."""

    step: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    training_seconds: float = 0.0
    evaluation_seconds: float = 0.0
    peak_memory_bytes: int = 0
    heldout_base: float | None = None
    heldout_adapter: float | None = None
    plan: StepPlan | None = None


class _State(msgspec.Struct, frozen=True, kw_only=True):
    identity: Identity
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Learner:
    """What learns: the trainable parameters by name, and their optimiser."""

    parameters: dict[str, Tensor]
    optimizer: torch.optim.Optimizer


def save_checkpoint(folder: Path, identity: Identity, standing: Standing, learner: Learner) -> Path:
    """Write ``checkpoints/step-…`` whole, drop the ones before the last two, and return its path."""
    path = folder / "checkpoints" / f"step-{standing.step:08d}"
    write_folder(
        path,
        {
            _ADAPTER: save({name: one.detach().cpu().contiguous() for name, one in learner.parameters.items()}),
            _OPTIMIZER: save(_optimizer_tensors(learner)),
            _STATE: msgspec.json.encode(_State(identity=identity, standing=standing)),
        },
        manifest=True,
    )
    for old in checkpoints(folder)[:-KEEP]:
        shutil.rmtree(old)
    return path


def checkpoints(folder: Path) -> list[Path]:
    """Return the run's checkpoint folders, oldest first; staged ones never match."""
    return sorted((folder / "checkpoints").glob("step-*"))


def load_checkpoint(folder: Path, identity: Identity, learner: Learner) -> Standing:
    """Restore the newest whole checkpoint into ``learner``; none at all means standing at the start.

    A damaged newest one is passed over for the one before it; ``checkpoint_broken`` when none is whole.
    """
    trouble: StudioError | None = None
    for path in reversed(checkpoints(folder)):
        try:
            check_folder(path)
        except StudioError as error:
            trouble = trouble or error
            continue
        return _restore(path, identity, learner)
    if trouble:
        raise trouble
    return Standing()


def _restore(path: Path, identity: Identity, learner: Learner) -> Standing:
    state = msgspec.json.decode((path / _STATE).read_bytes(), type=_State)
    _refuse_other(state.identity, identity)
    saved = load_file(path / _ADAPTER)
    with torch.no_grad():
        for name, parameter in learner.parameters.items():
            parameter.copy_(saved[name])
    _restore_optimizer(load_file(path / _OPTIMIZER), learner)
    return state.standing


def _refuse_other(found: Identity, expected: Identity) -> None:
    for what in Identity.__struct_fields__:
        if getattr(found, what) != getattr(expected, what):
            raise StudioError("resume_mismatch", what=what)


def _optimizer_tensors(learner: Learner) -> dict[str, Tensor]:
    """Adam's moments and step counts, by parameter name."""
    state = learner.optimizer.state
    return {
        f"{name}|{key}": torch.as_tensor(value).detach().cpu().contiguous()
        for name, parameter in learner.parameters.items()
        for key, value in state.get(parameter, {}).items()
    }


def _restore_optimizer(saved: dict[str, Tensor], learner: Learner) -> None:
    for full, value in saved.items():
        name, _, key = full.rpartition("|")
        parameter = learner.parameters[name]
        # Adam keeps its step count on the CPU in fp32, its moments beside the parameter.
        learner.optimizer.state[parameter][key] = value if value.ndim == 0 else value.to(parameter.device)
