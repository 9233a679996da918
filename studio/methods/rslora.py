"""rsLoRA: LoRA divided by the root of its rank, so that high ranks still learn (Kalajdzievski, 2312.03732)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.methods._plain_lora import plain_lora
from studio.methods.method import Method, PrecisionOptions, TrainingOptions
from studio.options import option

if TYPE_CHECKING:
    from peft import LoraConfig


@dataclass(frozen=True, kw_only=True)
class Options(TrainingOptions, PrecisionOptions):
    """``alpha`` is divided by the root of the rank: 16 weighs 4 at rank 16 and 2 at rank 64."""

    alpha: float = option(
        16.0, "Alpha", "How strongly the adapter speaks; its weight is alpha divided by the root of the rank.",
        minimum=0.1, maximum=1024, expert=True,
    )  # fmt: skip


def peft_config(options: Options, linear_names: list[str]) -> "LoraConfig":
    """Return ``h = W0 x + (alpha / √rank) B A x``."""
    return plain_lora(options, linear_names, use_rslora=True)


ENTRY = Method(
    name="rslora",
    label="rsLoRA",
    summary="LoRA that stays lively at high ranks.",
    quantization="nf4",
    peft_config=peft_config,
    options=Options,
    keeps=("alpha",),
    marks=("use_rslora",),
    order=4,
)
