"""What a micro-batch keeps for its backward pass: arithmetic that the app's estimate and the engine's choice share.

For hidden size h, key/value width k and intermediate size f, every token keeps in each layer, in bf16, with LoRA on all
linear layers: what the norms, the products and the attention need again. Calibrated by ``tests/benchmarks/
memory_estimate.py``; an engine that keeps less changes ``KEPT`` and nothing else.
"""

from dataclasses import dataclass

from studio.protocol.budgets import LOSS_CHUNK_TOKENS


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Bytes that one token keeps in one layer, for each unit of the three widths."""

    hidden: float
    key: float
    intermediate: float


KEPT = Kept(hidden=19.5, key=5.5, intermediate=5.5)
HEAD_BYTES = 8
"""Of one logit: twice fp32, for the chunk of positions whose logits exist at the same time."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The widths of a base that decide about its activations. ``key_width``: of all key heads together."""

    layers: int
    hidden: int
    key_width: int
    intermediate: int
    vocabulary: int


def activation_bytes(shape: Shape, tokens: int, *, checkpointed: bool, offloaded: bool = False) -> int:
    """Bytes of ``tokens`` read at once: of every layer, or of one beside all inputs, which may be elsewhere."""
    layer = KEPT.hidden * shape.hidden + KEPT.key * shape.key_width + KEPT.intermediate * shape.intermediate
    inputs = 0 if offloaded else 2 * shape.hidden * shape.layers
    per_token = layer + inputs if checkpointed or offloaded else layer * shape.layers
    return int(tokens * per_token) + LOSS_CHUNK_TOKENS * shape.vocabulary * HEAD_BYTES
