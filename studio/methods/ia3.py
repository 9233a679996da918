"""IA³: no new directions, only how loud the base's own ones are: a vector a layer (Liu et al., 2205.05638)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.methods.method import CommonOptions, Method, PrecisionOptions
from studio.options import option

if TYPE_CHECKING:
    from peft import IA3Config

OUTPUTS = ("k_proj", "v_proj", "qkv_proj", "query_key_value", "c_attn")
INPUTS = ("down_proj", "fc2", "w2", "fc_out", "dense_4h_to_h")
"""Layers whose output is scaled (keys and values), and whose input is (the way back from the feed-forward part)."""

RATE_FACTOR = 15.0


@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions, PrecisionOptions):
    """A few thousand numbers need a much higher learning rate than LoRA's millions."""

    learning_rate: float = option(
        2e-4 * RATE_FACTOR, "Learning rate", "How big each step is; vectors this thin need big ones.",
        minimum=1e-7, maximum=1.0,
    )  # fmt: skip


def peft_config(options: Options, linear_names: list[str]) -> "IA3Config":
    """Return scales for keys, values and the way out of the feed-forward part; for all layers, where none is known."""
    from peft import IA3Config

    feedforward = [name for name in linear_names if name in INPUTS]
    chosen = [name for name in linear_names if name in OUTPUTS] + feedforward
    return IA3Config(task_type="CAUSAL_LM", target_modules=chosen or linear_names, feedforward_modules=feedforward)


ENTRY = Method(
    name="ia3",
    label="IA³",
    summary="A few thousand numbers: the smallest adapter that still hangs in every layer.",
    quantization="nf4",
    peft_config=peft_config,
    options=Options,
    exportable=False,
    costs=("export",),
    rate_factor=RATE_FACTOR,
    order=6,
)
