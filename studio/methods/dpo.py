"""DPO on swipes: the reply that was kept against those passed over, near to where it began (Rafailov, 2305.18290)."""

from dataclasses import dataclass

from studio.domain.preferences import PREFERENCES
from studio.methods._plain_lora import plain_lora
from studio.methods.method import Method, PrecisionOptions, TrainingOptions
from studio.options import option


@dataclass(frozen=True, kw_only=True)
class _ChoiceOptions:
    """How a choice is weighed."""

    beta: float = option(
        0.1, "Beta", "How closely the persona keeps to where the run began; a higher value changes less.",
        minimum=0.001, maximum=10,
    )  # fmt: skip
    label_smoothing: float = option(
        0.0, "Doubt", "Share of swipes that are taken to be chosen by mistake; 0.1 bears some careless ones.",
        minimum=0, maximum=0.49, expert=True,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PreferenceOptions(TrainingOptions, _ChoiceOptions, PrecisionOptions):
    """LoRA's and those of the choice, with a lower learning rate. ``batch_size`` counts pairs."""

    learning_rate: float = option(
        2e-5, "Learning rate", "How big each step is; a tenth of what replies are learned with is plenty.",
        minimum=1e-7, maximum=1e-1,
    )  # fmt: skip
    batch_size: int = option(
        8, "Batch size", "Pairs read before each change of the adapter.", minimum=1, maximum=512, expert=True
    )


ENTRY = Method(
    name="dpo",
    label="DPO on swipes",
    summary="Learns to choose as you did: the reply you kept against the swipes you passed over.",
    quantization="nf4",
    peft_config=plain_lora,
    options=PreferenceOptions,
    objective=PREFERENCES,
    rate_factor=0.1,
    order=9,
)
