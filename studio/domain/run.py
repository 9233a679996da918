"""A run: one training from queue to adapter, and the points of its curves."""

from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands. ``INTERRUPTED``: the engine or the program died; it can be resumed like a paused one."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


RESUMABLE = frozenset({RunState.PAUSED, RunState.INTERRUPTED})
ENDED = frozenset({RunState.STOPPED, RunState.FINISHED, RunState.FAILED})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training. Figures are filled in as they become known; ``failure`` is an error's code and details.

    ``peak_memory_bytes`` is the engine process's (GPU memory on CUDA); ``seconds`` count training and held-out
    evaluation, not loading; ``tokens_per_second`` counts the non-padding tokens that training read.
    """

    id: str
    persona_id: str
    base_id: str
    dataset_id: str
    recipe_id: str
    state: RunState = RunState.QUEUED
    number: int = 0
    method: str = ""
    quantization: str = ""
    step: int = 0
    total_steps: int = 0
    trained_tokens: int = 0
    tokens_per_second: float = 0.0
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    heldout_nll_base: float | None = None
    heldout_nll_adapter: float | None = None
    adapter_id: str = ""
    failure: str = ""
    created_at: str = ""
    started_at: str = ""
    ended_at: str = ""


@dataclass(frozen=True, kw_only=True)
class MetricPoint:
    """One point of a curve at an optimiser step. ``loss`` is nats per trained token."""

    run_id: str
    step: int
    kind: str  # "train" or "heldout"
    loss: float
    learning_rate: float = 0.0
    gradient_norm: float = 0.0
    tokens_per_second: float = 0.0
    memory_bytes: int = 0
