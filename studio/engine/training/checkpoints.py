"""The whole state of a run on disk: adapter, optimiser and where it stands; safetensors and JSON, sealed by a manifest.

Randomness needs no state: batches are a pure function of (seed, epoch), dropout of (seed, step, micro-step). A run's
folder holds ``checkpoints/step-…`` (the last two) and ``checkpoints/best/step-…`` (the weights that were best so far).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from studio.domain.errors import StudioError
from studio.engine.durable_files import Content, check_folder, remove_folder, write_folder
from studio.engine.tensor_files import read_tensors, tensor_pieces
from studio.engine.training import optimizer_state
from studio.engine.training.step_plan import StepPlan

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
    """Where a run stands after ``step`` optimiser steps. Seconds exclude pauses.

    ``best_step`` is the step whose weights ``keep_best`` kept (0: none), ``best_loss`` its held-out loss, and
    ``unimproved`` counts the measurements since then that were no better. ``best_at`` is the step of ``best_loss``
    whether or not its weights were kept, ``best_copied`` the share of copied words in its samples, ``best_heldout`` the
    loss of the persona's lines there (``best_loss`` but for choices); ``measured_step`` is the last milestone that was
    done to the end.
    """

    step: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    training_seconds: float = 0.0
    evaluation_seconds: float = 0.0
    peak_memory_bytes: int = 0
    heldout_base: float | None = None
    heldout_adapter: float | None = None
    plan: StepPlan | None = None
    best_step: int = 0
    best_loss: float | None = None
    best_heldout: float | None = None
    unimproved: int = 0
    best_at: int = 0
    best_copied: float = 0.0
    measured_step: int = 0


class _State(msgspec.Struct, frozen=True, kw_only=True):
    identity: Identity
    standing: Standing
    optimizer: str = "AdamW"
    counts: dict[str, int | float] = {}


@dataclass(frozen=True, kw_only=True)
class Learner:
    """What learns: the trainable parameters by name, and their optimiser."""

    parameters: dict[str, Tensor]
    optimizer: torch.optim.Optimizer


def save_checkpoint(folder: Path, identity: Identity, standing: Standing, learner: Learner) -> Path:
    """Write ``checkpoints/step-…`` whole, drop what nothing needs any more, and return its path."""
    path = folder / "checkpoints" / _name(standing.step)
    state = _State(
        identity=identity,
        standing=standing,
        optimizer=optimizer_state.kind(learner.optimizer),
        counts=optimizer_state.counts(learner.optimizer, learner.parameters),
    )
    files: dict[str, Content] = {
        _ADAPTER: tensor_pieces(learner.parameters),
        _OPTIMIZER: tensor_pieces(optimizer_state.tensors(learner.optimizer, learner.parameters)),
        _STATE: msgspec.json.encode(state),
    }
    write_folder(path, files, manifest=True)
    for old in checkpoints(folder)[:-KEEP]:
        remove_folder(old)
    _drop_surpassed(folder, standing)
    return path


def checkpoints(folder: Path) -> list[Path]:
    """Return the run's checkpoint folders, oldest first; staged ones never match."""
    return sorted((folder / "checkpoints").glob("step-*"))


def load_checkpoint(folder: Path, identity: Identity, learner: Learner) -> Standing:
    """Restore the newest whole checkpoint into ``learner``; none at all means standing at the start.

    Damaged ones that are newer are passed over, and removed: two whole ones are to be kept, not one and a wreck.
    ``checkpoint_broken`` when none is whole.
    """
    damaged: list[Path] = []
    trouble: StudioError | None = None
    for path in reversed(checkpoints(folder)):
        try:
            check_folder(path)
        except StudioError as error:
            trouble = trouble or error
            damaged.append(path)
            continue
        standing = _restore(path, identity, learner)
        for wreck in damaged:
            remove_folder(wreck)
        return standing
    if trouble:
        raise trouble
    return Standing()


def keep_best(folder: Path, identity: Identity, standing: Standing, learner: Learner) -> Path:
    """Keep the weights of this moment as the best so far, and say so in ``standing``.

    They lie under their step, and the ones before them stay until no checkpoint names them any more: a run that is
    killed here and resumed from before finds the best that it knew then.
    """
    path = _best(folder, standing.step)
    state = _State(identity=identity, standing=standing)
    write_folder(path, {_ADAPTER: tensor_pieces(learner.parameters), _STATE: msgspec.json.encode(state)}, manifest=True)
    standing.best_step = standing.step
    _drop_surpassed(folder, standing)
    return path


def load_best(folder: Path, identity: Identity, standing: Standing, learner: Learner) -> bool:
    """Put the best weights that ``standing`` knows into ``learner``; False where none were kept.

    ``checkpoint_broken`` when they are damaged; the learner is as it was then.
    """
    if not standing.best_step:
        return False
    path = _best(folder, standing.best_step)
    check_folder(path)
    _refuse_other(_state(path).identity, identity)
    _restore_weights(path, learner)
    return True


def _best(folder: Path, step: int) -> Path:
    return folder / "checkpoints" / "best" / _name(step)


def _name(step: int) -> str:
    return f"step-{step:08d}"


def _drop_surpassed(folder: Path, standing: Standing) -> None:
    """Remove the kept weights that neither ``standing`` nor a checkpoint names as the best."""
    wanted = {_name(standing.best_step)}
    for path in checkpoints(folder):
        try:
            wanted.add(_name(_state(path).standing.best_step))
        except (OSError, msgspec.DecodeError):
            continue  # damaged: nothing goes on from there
    for old in sorted((folder / "checkpoints" / "best").glob("step-*")):
        if old.name not in wanted:
            remove_folder(old)


def _state(path: Path) -> _State:
    return msgspec.json.decode((path / _STATE).read_bytes(), type=_State)


def _restore(path: Path, identity: Identity, learner: Learner) -> Standing:
    state = _state(path)
    _refuse_other(state.identity, identity)
    if state.optimizer != optimizer_state.kind(learner.optimizer):
        raise StudioError("resume_mismatch", what="optimizer")
    _restore_weights(path, learner)
    saved = read_tensors(path / _OPTIMIZER)
    optimizer_state.restore(learner.optimizer, learner.parameters, saved, state.counts)
    return state.standing


def _restore_weights(path: Path, learner: Learner) -> None:
    missing = set(learner.parameters)
    with torch.no_grad():
        for name, value in read_tensors(path / _ADAPTER):
            if name not in missing:
                raise StudioError("checkpoint_broken", path=str(path), reason=f"{name[:120]} is not learned here")
            learner.parameters[name].copy_(value)
            missing.remove(name)
    if missing:
        raise StudioError("checkpoint_broken", path=str(path), reason=f"{min(missing)[:120]} is missing")


def _refuse_other(found: Identity, expected: Identity) -> None:
    for what in Identity.__struct_fields__:
        if getattr(found, what) != getattr(expected, what):
            raise StudioError("resume_mismatch", what=what)
