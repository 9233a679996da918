"""Full fine-tuning: every layer of a base of its own learns; what comes out is a base, not an adapter."""

from dataclasses import dataclass

from studio.methods.method import CommonOptions, Method
from studio.options import option

RATE_FACTOR = 0.1


@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions):
    """Small steps: everything that the base knows is being rewritten."""

    learning_rate: float = option(
        2e-4 * RATE_FACTOR, "Learning rate", "How big each step is; whole weights need small ones.",
        minimum=1e-8, maximum=1e-2,
    )  # fmt: skip
    weight_decay: float = option(
        0.0, "Weight decay", "Pulls all weights towards zero a little; 0.01 to 0.1 can help against learning by heart.",
        minimum=0, maximum=1, expert=True,
    )  # fmt: skip


def peft_config(options: Options, linear_names: list[str]) -> None:
    """There are no layers beside the base's own."""
    return


ENTRY = Method(
    name="full",
    label="Full fine-tuning",
    summary="Every layer of a small base learns; the result is a base of its own.",
    quantization="none",
    peft_config=peft_config,
    options=Options,
    rackable=False,
    exportable=False,
    own_base=True,
    costs=("memory", "swap", "batch", "export"),
    rate_factor=RATE_FACTOR,
    order=8,
)
