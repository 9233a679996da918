"""How the engine divides its work, by device; the app's memory estimate reads the same figures."""

MICRO_BATCH_TOKENS = {"cpu": 1024, "cuda": 8192}
"""Padded tokens of one micro-batch. On a CPU more gains nothing; on a card it fills the multiprocessors."""

CHECKPOINTS_ACTIVATIONS = {"cpu": False, "cuda": True}
"""Whether a training keeps only each layer's input and computes the rest again in the backward pass.

A card's memory runs out first: QLoRA of an 8B base would need tens of GB without it (2305.14314, section 3);
a third more products is the price. On a CPU there is memory enough, and time is what is short.
"""

LOSS_CHUNK_TOKENS = 256
"""Positions whose logits exist at the same time: 256 × 49,152 in fp32 are 50 MB."""
