"""DoRA: direction by LoRA, magnitude by a vector of its own (Liu et al., 2402.09353)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.methods._plain_lora import plain_lora
from studio.methods.method import Method, PrecisionOptions, TrainingOptions

if TYPE_CHECKING:
    from peft import LoraConfig


@dataclass(frozen=True, kw_only=True)
class Options(TrainingOptions, PrecisionOptions):
    """Those of LoRA, and how the base is kept."""


def peft_config(options: Options, linear_names: list[str]) -> "LoraConfig":
    """Return ``h = m · (W0 x + s B A x) / ‖W0 + s B A‖``, one magnitude an output."""
    return plain_lora(options, linear_names, use_dora=True)


ENTRY = Method(
    name="dora",
    label="DoRA",
    summary="Learns direction and strength apart: closer to full training, slower.",
    quantization="nf4",
    peft_config=peft_config,
    options=Options,
    exportable=False,
    costs=("export", "speed"),
    order=5,
)
