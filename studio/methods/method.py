"""The contract of a training method, and the options that every method shares.

Growth: one new file in this room with an ``ENTRY``. A method describes itself with plain values; only
``peft_config`` touches peft, inside the function, because it runs in the engine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.options import option
from studio.registry import Registry

ALL_LINEAR = "all-linear"
ATTENTION = "attention"
MLP = "mlp"


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Shared by all methods. ``batch_size`` counts conversations per optimiser step."""

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


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to train. ``quantization`` is what the base is loaded as; ``rackable`` adapters hang on the rack together.

    ``peft_config(options, linear_names)`` runs in the engine and returns a ``peft.PeftConfig``.
    ``steady`` methods end as plain LoRA factors that every exporter understands.
    """

    name: str
    label: str
    summary: str
    quantization: str
    peft_config: Callable[[TrainingOptions, list[str]], Any]
    options: type[TrainingOptions] = TrainingOptions
    rackable: bool = True
    order: int = 0


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
