"""What the app may ask of the engine. Every command but ``Shutdown`` opens or names a job by an id of the app's."""

from msgspec import Struct

from studio.protocol.dataset_file import TurnLine


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One turn of a prompt; ``role`` is system, user or assistant."""

    role: str
    text: str


class Sampling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How tokens are drawn; temperature 0 is greedy.

    DRY makes what would go on with a repetition less likely: by ``dry_multiplier × dry_base^(n - dry_allowed_length)``
    after ``n`` repeated tokens; a multiplier of 0 switches it off. ``stop``: words at which a reply ends, themselves
    left out.
    """

    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 0
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    max_tokens: int = 200
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    stop: list[str] = []


class Gate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An adapter at a strength. ``path`` is its PEFT folder; ``base_fingerprint`` must be the loaded base's.

    An empty ``path`` with a run's id as ``adapter_id`` means what that run, which is training now, has learned so far.
    ``content`` is the SHA-256 of its weights: what is kept of an adapter is of use for this very content alone.
    """

    adapter_id: str
    path: str
    base_fingerprint: str
    strength: float = 1.0
    content: str = ""


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a batch: a prompt, the adapters that colour it (none: the base alone) and its own seed.

    ``write_as``: whose turn is written, ``assistant`` or ``user``. ``continues``: the beginning of that turn, which is
    gone on with; what is told is only what is new. When all messages together with ``max_tokens`` are too long, the
    oldest leave at the borders of turns (a user's message and what answered it leave together); the first ``pinned``
    messages, those of the system and the last turn stay.
    """

    messages: list[Message]
    gates: list[Gate] = []
    seed: int = 0
    sampling: Sampling = Sampling()
    write_as: str = "assistant"
    continues: str = ""
    pinned: int = 1


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Common to all: the job that the answers will name."""

    job: str = ""


class LoadBase(Command, frozen=True, kw_only=True, tag="load_base"):
    """Load a base folder in place of the loaded one; ``quantization``: none, int8 or nf4. Ends in ``BaseLoaded``."""

    base_id: str
    path: str
    quantization: str = "none"


class UnloadBase(Command, frozen=True, kw_only=True, tag="unload_base"):
    """Free the base's memory. Ends in ``JobDone``."""


class ConvertBase(Command, frozen=True, kw_only=True, tag="convert_base"):
    """Turn a GGUF file into a folder of safetensors, tokenizer and chat template. Ends in ``BaseInspected``."""

    source: str
    target: str


class InspectBase(Command, frozen=True, kw_only=True, tag="inspect_base"):
    """Read a base folder's shape and fingerprint; refuses pickled weights. Ends in ``BaseInspected``."""

    path: str


class Reply(Command, frozen=True, kw_only=True, tag="reply"):
    """Answer up to 8 rows as one batch, streaming. Interrupts training between micro-steps. Ends in ``JobDone``."""

    rows: list[Row]


class Probe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fixed prompt that a run answers at every checkpoint, with the same ``seed``, so that steps can be compared."""

    key: str
    messages: list[Message]
    seed: int = 0


class Train(Command, frozen=True, kw_only=True, tag="train"):
    """Train on the loaded base. ``data`` is a file as ``protocol/dataset_file.py`` writes it, ``folder`` the run's own.

    ``options`` are those of the method. With ``resume`` the newest whole checkpoint in ``folder`` is continued; without
    one, ``start_from`` names a PEFT folder of the same shape to begin with (empty: a fresh adapter). ``neutral`` is a
    dataset file whose held-out side has nothing to do with the persona: a loss that rises there is forgetting.
    ``memory_limit``: bytes that the training may use at most (0: all there is). ``share_beside_others``: the part of
    the time that training keeps while replies and other jobs want the model; 0 rests until they have ended. Ends in
    ``RunEnded`` (finished, stopped or paused).
    """

    run_id: str
    method: str
    options: dict[str, object]
    data: str
    folder: str
    resume: bool = False
    start_from: str = ""
    probes: list[Probe] = []
    probe_sampling: Sampling = Sampling()
    neutral: str = ""
    memory_limit: int = 0
    share_beside_others: float = 0.0


class EvaluationSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines to explain: a dataset file and which side of it (``heldout`` or ``train``)."""

    label: str
    data: str
    side: str = "heldout"


class Evaluate(Command, frozen=True, kw_only=True, tag="evaluate"):
    """Loss of the base and of each gate alone on each set. Ends in ``Evaluated``."""

    gates: list[Gate]
    sets: list[EvaluationSet]
    max_length: int = 1024


class CountTokens(Command, frozen=True, kw_only=True, tag="count_tokens"):
    """Tokens and trained tokens of a dataset file under the loaded base's template. Ends in ``TokensCounted``."""

    data: str
    max_length: int = 1024


class ShowTokens(Command, frozen=True, kw_only=True, tag="show_tokens"):
    """A conversation's tokens under the template of the base folder ``path``, as training would read them.

    No base need be loaded; ``key`` names the conversation in sentences. Ends in ``TokensShown``.
    """

    path: str
    turns: list[TurnLine]
    key: str = ""
    max_length: int = 1024


class MeasureLengths(Command, frozen=True, kw_only=True, tag="measure_lengths"):
    """Which conversations of a dataset file are longer than the window. No base need be loaded.

    Ends in ``LengthsMeasured``.
    """

    path: str
    data: str
    max_length: int = 1024


class Measure(Command, frozen=True, kw_only=True, tag="measure"):
    """Time a resident swap, and ``rows`` rows of these gates against one row. Ends in ``Measured``."""

    gates: list[Gate]
    rows: int = 4
    tokens: int = 24


class ProveEffect(Command, frozen=True, kw_only=True, tag="prove_effect"):
    """How far each gate moves the base's next token on fixed prompts. Ends in ``EffectProved``."""

    gates: list[Gate]


class BakeAdapter(Command, frozen=True, kw_only=True, tag="bake_adapter"):
    """Write one adapter that is the sum of these, each times its strength, as the PEFT folder ``target``.

    ``rank`` 0: exactly, with as many ranks as all have together; otherwise the best of ``rank``. Plain LoRA only. No
    base need be loaded. Ends in ``AdapterBaked``.
    """

    gates: list[Gate]
    target: str
    rank: int = 0


class Pause(Command, frozen=True, kw_only=True, tag="pause"):
    """Checkpoint the training job named ``job`` and end it as paused."""


class SampleNow(Command, frozen=True, kw_only=True, tag="sample_now"):
    """Let the training job named ``job`` answer its probes after the step it is in. Told as ``SampleWritten``."""


class SaveNow(Command, frozen=True, kw_only=True, tag="save_now"):
    """Let the training job named ``job`` write a checkpoint after the step it is in. Told as ``CheckpointSaved``."""


class Stop(Command, frozen=True, kw_only=True, tag="stop"):
    """End the training job named ``job`` now and keep what it has learned as an adapter."""


class Cancel(Command, frozen=True, kw_only=True, tag="cancel"):
    """Give up the job named ``job`` within one unit of work. Ends in ``JobFailed`` with code ``cancelled``."""


class Shutdown(Command, frozen=True, kw_only=True, tag="shutdown"):
    """Leave: a running training checkpoints first."""


AnyCommand = (
    LoadBase | UnloadBase | ConvertBase | InspectBase | Reply | Train | Evaluate | CountTokens | ShowTokens
    | MeasureLengths | Measure | ProveEffect | BakeAdapter | Pause | SampleNow | SaveNow | Stop | Cancel | Shutdown
)  # fmt: skip
