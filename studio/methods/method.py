"""The contract of a training method, and the options that every method shares.

Growth: one new file in this room with an ``ENTRY``. A method describes itself with plain values; only
``peft_config`` touches peft, inside the function, because it runs in the engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.options import option
from studio.registry import Registry

ALL_LINEAR = "all-linear"
ATTENTION = "attention"
MLP = "mlp"

AUTO, ON, OFF = "auto", "on", "off"
OPTIMIZERS = (AUTO, "adamw", "paged_adamw_8bit")

PRECISIONS = {"4-bit": "nf4", "8-bit": "int8", "16-bit": "none"}
"""What people read to how the base is loaded."""

COSTS = ("swap", "batch", "export", "memory", "speed", "context")
"""What a method may cost; ``texts`` has a sentence for each."""


@dataclass(frozen=True, kw_only=True)
class CommonOptions:
    """What every method has. ``batch_size`` counts conversations per optimiser step."""

    learning_rate: float = option(
        2e-4, "Learning rate", "How big each step is; too high forgets how to speak, too low learns nothing.",
        minimum=1e-7, maximum=1e-1,
    )  # fmt: skip
    scheduler: str = option(
        "cosine", "Schedule", "How the learning rate falls from its peak to the end of the run.",
        choices=("cosine", "linear", "constant"), expert=True,
    )  # fmt: skip
    warmup_ratio: float = option(
        0.06, "Warm-up", "Share of the steps during which the learning rate rises to its peak.",
        minimum=0, maximum=1, expert=True,
    )  # fmt: skip
    batch_size: int = option(
        8, "Batch size", "Conversations read before each change of the adapter.", minimum=1, maximum=512, expert=True
    )
    epochs: float = option(
        3.0, "Passes over the data", "How often every training conversation is read.", minimum=0.01, maximum=1000
    )
    max_steps: int = option(
        0, "Most steps", "Ends the run after so many steps; 0 leaves it to the passes.",
        minimum=0, maximum=10_000_000, expert=True,
    )  # fmt: skip
    max_length: int = option(
        1024, "Window", "Longest piece of a conversation, in tokens; longer ones are cut between turns.",
        minimum=32, maximum=131_072, expert=True,
    )  # fmt: skip
    heldout_fraction: float = option(
        0.1, "Held out", "Share of the conversations that is kept back to measure with.",
        minimum=0, maximum=0.5, expert=True,
    )  # fmt: skip
    seed: int = option(
        0, "Seed", "Start of all chance: the same seed gives the same run.",
        minimum=0, maximum=2**31 - 1, expert=True,
    )  # fmt: skip
    optimizer: str = option(
        AUTO, "Optimiser", "AdamW, or its 8-bit form: a quarter of the memory, and paged out of a full CUDA card.",
        choices=OPTIMIZERS, expert=True,
    )  # fmt: skip
    early_stop: int = option(
        0, "Early stop", "Ends the run after so many held-out measurements without improvement; 0 never does.",
        minimum=0, maximum=1000, expert=True,
    )  # fmt: skip
    keep_best: bool = option(
        False, "Keep the best", "The adapter is the best checkpoint's by what was held out, not the last step's.",
        expert=True,
    )  # fmt: skip
    activation_checkpointing: str = option(
        AUTO, "Activation checkpointing", "Computes each layer twice and keeps much less of it; auto: where it must.",
        choices=(AUTO, ON, OFF), expert=True,
    )  # fmt: skip
    offload: str = option(
        AUTO, "Offload", "Keeps what layers hand on outside of the card's memory: slow, the last resort.",
        choices=(AUTO, ON, OFF), expert=True,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _FactorOptions:
    """Two thin factors beside each linear layer."""

    rank: int = option(
        16, "Rank", "How much the persona may change: 4 to 16 carries style, more carries knowledge.",
        minimum=1, maximum=256,
    )  # fmt: skip
    alpha: float = option(
        32.0, "Alpha", "How strongly the adapter speaks while it learns; its weight is alpha divided by rank.",
        minimum=0.1, maximum=1024, expert=True,
    )  # fmt: skip
    dropout: float = option(
        0.0, "Dropout", "Share of the adapter's input that is left out at random; 0.05 can help with very little data.",
        minimum=0, maximum=0.9, expert=True,
    )  # fmt: skip
    target_modules: str = option(
        ALL_LINEAR, "Target modules", "Which linear layers get an adapter; all of them learns best.",
        choices=(ALL_LINEAR, ATTENTION, MLP), expert=True,
    )  # fmt: skip
    lr_ratio: float = option(
        1.0, "LoRA+ ratio", "How many times faster the second factor learns than the first; 16 is LoRA+, 1 is plain.",
        minimum=1.0, maximum=64.0, expert=True,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(CommonOptions, _FactorOptions):
    """Shared by the LoRA family. Forms show the factors first."""


@dataclass(frozen=True, kw_only=True)
class PrecisionOptions:
    """For methods that work on a base of any precision: which one it is kept in."""

    base_precision: str = option(
        "4-bit", "Base in", "How the base is kept: 4 bit fits a consumer card, 16 bit is faster where it fits.",
        choices=tuple(PRECISIONS),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to train. ``quantization``: how the base is loaded (none, nf4, int8), unless ``base_precision`` says.

    ``peft_config(options, linear_names)`` runs in the engine and returns a ``peft.PeftConfig`` (``own_base``: None).
    ``rackable`` adapters hang on the rack beside others; ``exportable`` ones are plain LoRA factors that every exporter
    understands; ``own_base`` trains the base itself, loaded apart. ``objective``: replies or preferences. ``costs``:
    what it costs against plain LoRA, of ``COSTS``. Presets are made for LoRA: this method's
    learning rate is ``rate_factor`` times theirs, and it ``keeps`` some options of its own. ``marks``: what a
    configuration of its adapters says that their tensors do not.
    """

    name: str
    label: str
    summary: str
    quantization: str
    peft_config: Callable[[Any, list[str]], Any]
    options: type[CommonOptions] = TrainingOptions
    rackable: bool = True
    exportable: bool = True
    own_base: bool = False
    objective: str = "replies"
    costs: tuple[str, ...] = ()
    rate_factor: float = 1.0
    keeps: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    order: int = 0

    def quantization_for(self, options: Mapping[str, object]) -> str:
        """How the base is loaded for a run with these options."""
        return PRECISIONS.get(str(options.get("base_precision", "")), self.quantization)


METHODS: Registry[Method] = Registry("studio.methods", Method)


def targeted(choice: str, linear_names: list[str]) -> list[str]:
    """Return the last names of the base's linear layers that ``choice`` means, the output head never among them."""
    attention = [
        name for name in linear_names if name in ("q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "c_attn")
    ]
    chosen = {ALL_LINEAR: linear_names, ATTENTION: attention}.get(
        choice, [name for name in linear_names if name not in attention]
    )
    return sorted(chosen)
