"""What the engine tells the app. Facts in the past tense; times in seconds, memory in bytes, losses in nats a token."""

from msgspec import Struct

from studio.protocol.event import Event as Event
from studio.protocol.mask_events import LengthsMeasured as LengthsMeasured
from studio.protocol.mask_events import LongReply as LongReply
from studio.protocol.mask_events import MaskProblem as MaskProblem
from studio.protocol.mask_events import ShownToken as ShownToken
from studio.protocol.mask_events import TokensShown as TokensShown


class EngineReady(Event, frozen=True, kw_only=True, tag="engine_ready"):
    """First message of every engine; another ``protocol`` than ours is refused."""

    protocol: int
    device: str  # "cpu" or "cuda"
    device_name: str
    memory_total: int
    torch_version: str
    pid: int


class JobStarted(Event, frozen=True, kw_only=True, tag="job_started"):
    """The job left the queue and runs."""


class Progress(Event, frozen=True, kw_only=True, tag="progress"):
    """``done`` of ``total`` (0: unknown) units of ``what`` (a key of ``texts.py``)."""

    what: str
    done: float
    total: float


class JobDone(Event, frozen=True, kw_only=True, tag="job_done"):
    """The job ended well and has nothing more to tell."""


class JobFailed(Event, frozen=True, kw_only=True, tag="job_failed"):
    """The job ended badly; ``code`` and ``details`` make a sentence in ``texts.py``. ``trace`` is for bugs only."""

    code: str
    details: dict[str, object]
    trace: str = ""


class BaseInspected(Event, frozen=True, kw_only=True, tag="base_inspected"):
    """The shape of a base folder, as ``domain.base_model.BaseModel`` has it."""

    path: str
    name: str
    fingerprint: str
    parameters: int
    architecture: str
    layers: int
    hidden_size: int
    intermediate_size: int
    vocabulary: int
    heads: int
    key_value_heads: int
    context_length: int


class BaseLoaded(Event, frozen=True, kw_only=True, tag="base_loaded"):
    """A base is in memory and taking work."""

    base_id: str
    quantization: str
    fingerprint: str
    memory_bytes: int
    seconds: float


class MemoryReported(Event, frozen=True, kw_only=True, tag="memory_reported"):
    """The engine process's memory (GPU memory on CUDA), about once a second while it works."""

    used: int
    peak: int
    total: int


class ReplyAdvanced(Event, frozen=True, kw_only=True, tag="reply_advanced"):
    """More text for some rows (index into ``Reply.rows`` to the new piece); at most about 30 a second."""

    pieces: dict[int, str]


class RowFinished(Event, frozen=True, kw_only=True, tag="row_finished"):
    """A row ended: ``reason`` is ``end`` (by itself), ``stop`` (at a stop word), ``length`` or ``cancelled``.

    ``text`` is what was said now, without what the row went on with. ``left_out``: how many of the oldest messages no
    longer fitted, the pinned ones and the system's not counted. ``reused_tokens`` of the prompt were known from before.
    """

    row: int
    text: str
    tokens: int
    prompt_tokens: int
    seconds: float
    reason: str
    left_out: int = 0
    reused_tokens: int = 0
    first_token_seconds: float = 0.0


class TrainingStarted(Event, frozen=True, kw_only=True, tag="training_started"):
    """The pre-flight check passed. ``trained_tokens`` are per pass over the data; a resumed run goes on at ``step``."""

    run_id: str
    step: int
    total_steps: int
    trained_tokens: int
    tokens: int
    heldout_tokens: int
    trainable_parameters: int
    quantization: str
    conditions: dict[str, object] = {}  # device, versions of libraries, base fingerprint, the step plan


class StepDone(Event, frozen=True, kw_only=True, tag="step_done"):
    """One optimiser step. ``tokens`` non-padding ones read so far; ``seconds`` of training so far, pauses excluded."""

    run_id: str
    step: int
    epoch: float
    loss: float
    learning_rate: float
    gradient_norm: float
    tokens: int
    trained_tokens: int
    seconds: float
    tokens_per_second: float
    memory_bytes: int
    temperature: float = 0.0  # of the GPU in °C; 0: not known


class HeldOutMeasured(Event, frozen=True, kw_only=True, tag="held_out_measured"):
    """Held-out loss at a step; step 0 is the base's own.

    ``side``: ``heldout`` (the persona's lines) or ``neutral`` (text that has nothing to do with it). ``extra`` holds
    what a method measures beside it, e.g. the share of pairs that a preference training orders rightly.
    """

    run_id: str
    step: int
    loss: float
    tokens: int
    side: str = "heldout"
    extra: dict[str, float] = {}


class SampleWritten(Event, frozen=True, kw_only=True, tag="sample_written"):
    """A probe's answer at a step; ``copied`` is the share of its words copied from training lines (``RunSample``)."""

    run_id: str
    step: int
    key: str
    prompt: str
    text: str
    seed: int
    copied: float
    wished: bool = False


class MemoryMeasured(Event, frozen=True, kw_only=True, tag="memory_measured"):
    """Two dry steps on the longest real batch: what they needed at most, and what is there. ``plan``: plain values.

    ``expected_bytes``: what the whole run is expected to need, fragments included.
    """

    run_id: str
    peak_bytes: int
    available_bytes: int
    plan: dict[str, object]
    expected_bytes: int = 0


class RunTold(Event, frozen=True, kw_only=True, tag="run_told"):
    """Something to know about a run; ``code`` and ``details`` make a sentence. ``weight``: ``info`` or ``warning``."""

    run_id: str
    step: int
    code: str
    details: dict[str, object] = {}
    weight: str = "info"


class CheckpointSaved(Event, frozen=True, kw_only=True, tag="checkpoint_saved"):
    """A whole, resumable state lies in ``path``."""

    run_id: str
    step: int
    path: str


class RunEnded(Event, frozen=True, kw_only=True, tag="run_ended"):
    """``outcome`` is ``finished``, ``stopped`` or ``paused``; ``adapter`` is a PEFT folder (empty when paused).

    ``resting``: why a paused run rests where nobody wished it: ``disk``.
    """

    run_id: str
    outcome: str
    step: int
    adapter: str
    seconds: float
    tokens: int
    trained_tokens: int
    tokens_per_second: float
    peak_memory_bytes: int
    heldout_nll_base: float | None
    heldout_nll_adapter: float | None
    resting: str = ""
    best_step: int = 0  # the step whose weights ``adapter`` holds, where it is not the last; 0: the last


class Evaluated(Event, frozen=True, kw_only=True, tag="evaluated"):
    """``nll[i][j]``: loss of set i under explainer j, where explainer 0 is the base and j the gate j-1."""

    nll: list[list[float]]
    tokens: list[int]


class TokensCounted(Event, frozen=True, kw_only=True, tag="tokens_counted"):
    """Tokens of a dataset file: all, trained, and how many conversations needed more than one window."""

    tokens: int
    trained_tokens: int
    windowed: int


class Measured(Event, frozen=True, kw_only=True, tag="measured"):
    """``swap_ms``: median of changing a resident adapter's gates; ratio of ``rows`` rows to one, per token step."""

    swap_ms: float
    rows: int
    ratio_to_one_row: float
    seconds_per_token_one_row: float


class Effect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an adapter changes: the largest move of a logit, the mean divergence from the base in nats, and the share of
    places whose likeliest token is another. ``nothing``: no more than the noise of computing the base twice."""

    adapter_id: str
    change: float
    kl: float
    top1_changed: float
    nothing: bool = False


class EffectProved(Event, frozen=True, kw_only=True, tag="effect_proved"):
    """One effect for each gate, in their order."""

    effects: list[Effect]


class AdapterBaked(Event, frozen=True, kw_only=True, tag="adapter_baked"):
    """An adapter lies in ``path``. ``lost``: the share of the sum's squared norm that the chosen rank left out."""

    path: str
    rank: int
    alpha: float
    lost: float
    size_bytes: int


AnyEvent = (
    EngineReady | JobStarted | Progress | JobDone | JobFailed | BaseInspected | BaseLoaded | MemoryReported
    | ReplyAdvanced | RowFinished | TrainingStarted | StepDone | HeldOutMeasured | SampleWritten | MemoryMeasured
    | RunTold | CheckpointSaved | RunEnded
    | Evaluated | TokensCounted | TokensShown | LengthsMeasured | Measured | EffectProved | AdapterBaked
)  # fmt: skip
