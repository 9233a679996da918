"""How the engine divides its work, by device; the app's memory estimate reads the same figures."""

MICRO_BATCH_TOKENS = {"cpu": 2048, "cuda": 8192}
"""Tokens of one micro-batch: what all its rows begin with is computed once, and there are fewer calls to pay for."""

CHECKPOINTS_ACTIVATIONS = {"cpu": False, "cuda": True}
"""Whether a training keeps only each layer's input and computes the rest again in the backward pass.

A card's memory runs out first: QLoRA of an 8B base would need tens of GB without it (2305.14314, section 3);
a third more products is the price. On a CPU there is memory enough, and time is what is short.
"""

LEAST_TOKENS = {"cpu": 256, "cuda": 2048}
"""Padded tokens of a micro-batch under which products become so small that checkpointing costs less time."""

ESTIMATE_MARGIN = 0.9
"""Share of the free memory that an estimate may fill; the rest is for fragments and for what it does not know."""

LOSS_CHUNK_TOKENS = 128
"""Positions whose logits exist at the same time: 128 × 49,152 in fp32 are 25 MB, which glibc still takes from its heap
(up to 32 MB); larger ones get fresh pages every time, and filling those took a third of the loss head's time."""
