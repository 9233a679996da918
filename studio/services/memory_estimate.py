"""What a base and a training need in memory: arithmetic over the base's shape, nothing measured.

The formula, for hidden size h, key/value width k = h * key_value_heads / heads, intermediate size f, L layers:

- linear weights     W = L * (2*h*h + 2*h*k + 3*h*f); everything else (embeddings, head, norms) E = parameters - W
- base               16-bit: 2*(W + E) bytes. NF4 with double quantisation: W * 4.127/8 + 2*E (4 bits, plus an 8-bit
                     absmax for every 64 weights and a 32-bit one for every 256 of those). 8-bit: W + 2*E
- adapter            P = L * sum of rank * (in + out) over the targeted layers, in fp32: 4*P bytes
- optimizer          gradients 4*P and the two moments of Adam 8*P
- activations        T tokens in one micro-batch, each with L * (34*h + 8*k + 8*f) bytes kept for the backward pass in
                     bf16: two norms (computed in fp32), queries, keys, values before and after rotation, the
                     attention's output, and four rows of the MLP; with activation checkpointing (CUDA) that for one
                     layer only, and 2*h bytes for every other; and the loss head, chunk by chunk, in fp32 twice
- overhead           what torch and the device need before anything of ours is there, and 5 % of fragmentation
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.domain.base_model import BaseModel
from studio.methods.method import ATTENTION, MLP
from studio.protocol.budgets import CHECKPOINTS_ACTIVATIONS, LOSS_CHUNK_TOKENS, MICRO_BATCH_TOKENS
from studio.texts import tr

NF4_BITS = 4.127
CUDA_OVERHEAD = 600 * 2**20
CPU_OVERHEAD = 700 * 2**20


@dataclass(frozen=True, kw_only=True)
class MemoryEstimate:
    """Bytes by part. ``available`` 0: not known, and then ``fits`` is an assumption. ``advice`` names the lever."""

    base: int
    adapter: int
    optimizer: int
    activations: int
    overhead: int
    total: int
    available: int
    fits: bool
    advice: str


def base_memory(base: BaseModel) -> dict[str, int]:
    """Bytes to hold the base for chat, by the way it is kept."""
    linear = _linear_weights(base)
    rest = 2 * max(0, base.parameters - linear)
    return {"16-bit": 2 * linear + rest, "8-bit": linear + rest, "NF4": int(linear * NF4_BITS / 8) + rest}


def training_memory(
    base: BaseModel, quantization: str, options: Mapping[str, object], available: int = 0, device: str = "cuda"
) -> MemoryEstimate:
    """Estimate a training with ``options`` (a method's, with its defaults filled in)."""
    weights = base_memory(base)["NF4" if quantization == "nf4" else "16-bit"]
    factors = _adapter_weights(base, _whole(options, "rank"), str(options["target_modules"]))
    activations = _activations(base, _micro_batch_tokens(options, device), CHECKPOINTS_ACTIVATIONS[device])
    parts = weights + 4 * factors + 12 * factors + activations
    overhead = (CUDA_OVERHEAD if device == "cuda" else CPU_OVERHEAD) + parts // 20
    total = parts + overhead
    estimate = MemoryEstimate(
        base=weights, adapter=4 * factors, optimizer=12 * factors, activations=activations, overhead=overhead,
        total=total, available=available, fits=not available or total <= available, advice="",
    )  # fmt: skip
    if estimate.fits:
        return estimate
    return replace(estimate, advice=_advice(base, quantization, options, available, device))


def _whole(options: Mapping[str, object], name: str) -> int:
    return int(float(str(options[name])))


def _key_width(base: BaseModel) -> int:
    return base.hidden_size * base.key_value_heads // max(1, base.heads)


def _linear_weights(base: BaseModel) -> int:
    h, k, f = base.hidden_size, _key_width(base), base.intermediate_size
    return base.layers * (2 * h * h + 2 * h * k + 3 * h * f)


def _adapter_weights(base: BaseModel, rank: int, targets: str) -> int:
    h, k, f = base.hidden_size, _key_width(base), base.intermediate_size
    attention = 2 * (h + h) + 2 * (h + k)
    mlp = 3 * (h + f)
    per_rank = {ATTENTION: attention, MLP: mlp}.get(targets, attention + mlp)
    return base.layers * rank * per_rank


def _micro_batch_tokens(options: Mapping[str, object], device: str) -> int:
    longest = _whole(options, "max_length")
    return max(longest, min(_whole(options, "batch_size") * longest, MICRO_BATCH_TOKENS[device]))


def _activations(base: BaseModel, tokens: int, checkpointed: bool) -> int:
    layer = 34 * base.hidden_size + 8 * _key_width(base) + 8 * base.intermediate_size
    per_token = layer + 2 * base.hidden_size * base.layers if checkpointed else layer * base.layers
    return tokens * per_token + LOSS_CHUNK_TOKENS * base.vocabulary * 8


def _advice(base: BaseModel, quantization: str, options: Mapping[str, object], available: int, device: str) -> str:
    """The one change that helps: the first of a list that would make it fit, or a smaller base."""

    def would_fit(kept: str, changed: Mapping[str, object]) -> bool:
        return training_memory(base, kept, changed, 0, device).total <= available

    one = dict(options) | {"batch_size": 1}
    tokens = min(512, _whole(options, "max_length"))
    short = one | {"max_length": tokens}
    if quantization != "nf4" and would_fit("nf4", options):
        return tr("QLoRA keeps this base in 4 bit and would fit: choose it as the method.")
    if would_fit(quantization, one):
        return tr("It would fit with batch size 1.")
    if would_fit(quantization, short):
        return tr("It would fit with batch size 1 and a window of {tokens} tokens.", tokens=tokens)
    if would_fit("nf4", short):
        return tr("It would fit with QLoRA, batch size 1 and a window of {tokens} tokens.", tokens=tokens)
    return tr("This base is too large for the memory here; choose a smaller one.")
