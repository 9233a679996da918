"""Prompt tuning: a few learned tokens before every conversation, the base untouched (Lester et al., 2104.08691)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.methods.method import CommonOptions, Method, PrecisionOptions
from studio.options import option

if TYPE_CHECKING:
    from peft import PromptTuningConfig

RATE_FACTOR = 50.0


@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions, PrecisionOptions):
    """The learned tokens take room in every conversation and a high learning rate."""

    virtual_tokens: int = option(
        20, "Virtual tokens", "How many learned tokens stand before each conversation.", minimum=1, maximum=512
    )
    learning_rate: float = option(
        2e-4 * RATE_FACTOR, "Learning rate", "How big each step is; learned tokens need big ones.",
        minimum=1e-7, maximum=1.0,
    )  # fmt: skip


def peft_config(options: Options, linear_names: list[str]) -> "PromptTuningConfig":
    """Return learned tokens that begin as real ones, drawn from the vocabulary by the seed."""
    from peft import PromptTuningConfig

    return PromptTuningConfig(
        task_type="CAUSAL_LM", prompt_tuning_init="SAMPLE_VOCAB", num_virtual_tokens=options.virtual_tokens
    )


ENTRY = Method(
    name="prompt_tuning",
    label="Prompt tuning",
    summary="A few learned tokens before every conversation: tiny, and weaker than adapters.",
    quantization="nf4",
    peft_config=peft_config,
    options=Options,
    exportable=False,
    costs=("export", "context"),
    rate_factor=RATE_FACTOR,
    order=7,
)
