"""A run: one training from queue to adapter, the points of its curves, what it wrote on the way, and its log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    In the queue: ``place`` decides who is next (lower first, then the older), ``starts_at`` (ISO 8601) holds a run
    back, ``continues`` is the adapter it starts from, ``group`` ties the runs of a sweep or a comparison together.
    ``resting``: why a paused run rests (``user``, ``battery``, ``memory``, ``disk``, ``closed``: the program was); all
    but the user's own pauses end by themselves.
    ``conditions``: what the run found, as plain values: device, versions of libraries, base fingerprint, step plan.
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
    place: float = 0.0
    starts_at: str = ""
    continues: str = ""
    group: str = ""
    resting: str = ""
    best_step: int = 0
    conditions: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunGroup:
    """Runs that belong together. ``kind`` is ``sweep`` or ``comparison``."""

    id: str
    kind: str
    label: str
    persona_id: str
    created_at: str = ""


@dataclass(frozen=True, kw_only=True)
class RunSample:
    """What the run answered to a fixed prompt at a step (0: the base alone).

    ``copied`` is the share of its words that lie in runs of 8 or more words taken from the training lines, 0 to 1.
    ``wished``: asked for with *Sample now*, not at a checkpoint.
    """

    run_id: str
    step: int
    key: str
    prompt: str
    text: str
    seed: int = 0
    copied: float = 0.0
    wished: bool = False
    created_at: str = ""


@dataclass(frozen=True, kw_only=True)
class RunNote:
    """A line of a run's log: ``code`` and ``details`` make a sentence. ``weight`` is ``info`` or ``warning``."""

    run_id: str
    step: int
    code: str
    details: Mapping[str, object] = field(default_factory=dict)
    weight: str = "info"
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class MetricPoint:
    """One point of a curve at an optimiser step. ``loss`` is nats per trained token.

    ``kind``: ``train``, ``heldout`` (the persona's held-out lines), ``neutral`` (text that has nothing to do with it; a
    rise is forgetting), ``copied`` (share of copied words in the samples, in ``loss``). ``temperature`` in °C (0: not
    known).
    """

    run_id: str
    step: int
    kind: str
    loss: float
    learning_rate: float = 0.0
    gradient_norm: float = 0.0
    tokens_per_second: float = 0.0
    memory_bytes: int = 0
    temperature: float = 0.0
