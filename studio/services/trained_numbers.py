"""How many numbers a method trains in a base, from its shape alone."""

from collections.abc import Mapping

from studio.domain.base_model import BaseModel
from studio.methods.method import ATTENTION, MLP


def key_width(base: BaseModel) -> int:
    """The width of all key heads together."""
    return base.hidden_size * base.key_value_heads // max(1, base.heads)


def linear_weights(base: BaseModel) -> int:
    """Weights of the layers' linear products."""
    h, k, f = base.hidden_size, key_width(base), base.intermediate_size
    return base.layers * (2 * h * h + 2 * h * k + 3 * h * f)


def trained_numbers(base: BaseModel, options: Mapping[str, object]) -> int:
    """Numbers that learn beside the base's: factors of a rank, learned tokens, or vectors where there are neither."""
    h, k, f = base.hidden_size, key_width(base), base.intermediate_size
    if "virtual_tokens" in options:
        return int(str(options["virtual_tokens"])) * h
    if "rank" not in options:
        return base.layers * (2 * k + f)
    rank, targets = int(str(options["rank"])), str(options.get("target_modules", ""))
    attention, mlp = 2 * (h + h) + 2 * (h + k), 3 * (h + f)
    return base.layers * rank * {ATTENTION: attention, MLP: mlp}.get(targets, attention + mlp)
