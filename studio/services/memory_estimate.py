"""What a base and a training need in memory: arithmetic over the base's shape, corrected by what runs have measured.

The formula, for hidden size h, key/value width k = h * key_value_heads / heads, intermediate size f, L layers:

- linear weights     W = L * (2*h*h + 2*h*k + 3*h*f); everything else (embeddings, head, norms) E = parameters - W
- base               16-bit: 2*(W + E) bytes. NF4 with double quantisation: W * 4.127/8 + 2*E (4 bits, plus an 8-bit
                     absmax for every 64 weights and a 32-bit one for every 256 of those). 8-bit: W + 2*E. A method with
                     a base of its own: that one beside it, in fp32
- trained            P numbers in fp32 (``trained_numbers.py``): 4*P bytes
- optimizer          gradients 4*P and the moments of Adam: 8*P, or 2*P in 8 bit
- activations        ``protocol/activation_memory.py``, for the tokens of one micro-batch, without checkpointing where
                     that fits and with it where not, as the engine chooses; DPO reads pairs
- overhead           what torch and the device need before anything of ours is there, and 5 % of fragmentation

Dry steps of earlier runs on the same base and device say by how much all but the base's part was off; the estimate is
corrected by that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from studio.domain.base_model import BaseModel
from studio.domain.preferences import PREFERENCES
from studio.methods.method import METHODS, Method
from studio.protocol.activation_memory import Shape, activation_bytes
from studio.protocol.budgets import CHECKPOINTS_ACTIVATIONS, LEAST_TOKENS, MICRO_BATCH_TOKENS
from studio.services.trained_numbers import key_width, linear_weights, trained_numbers
from studio.texts import tr

NF4_BITS = 4.127
CUDA_OVERHEAD = 600 * 2**20
CPU_OVERHEAD = 600 * 2**20
KEPT_AS = {"none": "16-bit", "int8": "8-bit", "nf4": "NF4"}


@dataclass(frozen=True, kw_only=True)
class MemoryEstimate:
    """Bytes by part. ``available`` 0: not known, and then ``fits`` is an assumption. ``advice`` names the lever.

    ``measured``: what dry steps of a run like this needed at most (0: there was none). ``checkpointed``: the estimate
    counts on activation checkpointing.
    """

    base: int
    adapter: int
    optimizer: int
    activations: int
    overhead: int
    total: int
    available: int
    fits: bool
    advice: str
    measured: int = 0
    checkpointed: bool = False


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a training puts on a device, as far as memory is concerned. ``tokens`` 0: as many as the options allow."""

    method: Method
    quantization: str
    options: Mapping[str, object]
    device: str = "cuda"
    tokens: int = 0
    checkpointed: bool = False
    offloaded: bool = False

    @property
    def micro_batch_tokens(self) -> int:
        """Padded tokens that are read at once."""
        most = self.whole("batch_size") * self.longest
        return self.tokens or max(self.longest, min(most, MICRO_BATCH_TOKENS[self.device]))

    @property
    def longest(self) -> int:
        """Padded tokens of the longest example: a window, or a pair of them."""
        rows = 2 if self.method.objective == PREFERENCES else 1
        return rows * (self.whole("max_length") + self.whole("virtual_tokens"))

    def with_plan(self, *, tokens: int = 0, checkpointed: bool = False, offloaded: bool = False) -> "Load":
        """The same training, divided otherwise."""
        return replace(self, tokens=tokens, checkpointed=checkpointed, offloaded=offloaded)

    def whole(self, name: str) -> int:
        """An option that is a whole number; 0 where the method has none of that name."""
        return int(float(str(self.options.get(name, 0))))


def base_memory(base: BaseModel) -> dict[str, int]:
    """Bytes to hold the base for chat, by the way it is kept."""
    linear = linear_weights(base)
    rest = 2 * max(0, base.parameters - linear)
    return {"16-bit": 2 * linear + rest, "8-bit": linear + rest, "NF4": int(linear * NF4_BITS / 8) + rest}


def training_memory(
    base: BaseModel,
    quantization: str,
    options: Mapping[str, object],
    available: int = 0,
    device: str = "cuda",
    *,
    method: str = "",
    correction: float = 1.0,
) -> MemoryEstimate:
    """Estimate a training with ``options`` (a method's, with its defaults filled in), and say whether it fits.

    ``correction``: how many times more all but the base's weights was measured to need.
    """
    chosen = METHODS.get(method or ("qlora" if quantization == "nf4" else "lora"))
    load = Load(method=chosen, quantization=quantization, options=options, device=device)
    if not available:
        return load_memory(base, load.with_plan(checkpointed=CHECKPOINTS_ACTIVATIONS[device]), correction)
    for planned in _by_speed(load):
        estimate = load_memory(base, planned, correction)
        if estimate.total <= available:
            return replace(estimate, available=available)
    return replace(estimate, available=available, fits=False, advice=_advice(base, load, available, correction))


def _by_speed(load: Load) -> Iterator[Load]:
    """The ways that the engine tries, the quickest first: whole micro-batches, then halves of them."""
    checkpointing = _allowed(load.options.get("activation_checkpointing", "auto"))
    offload = _allowed(load.options.get("offload", "auto")) if load.device != "cpu" else (False,)
    for checkpointed, offloaded in ((False, False), (True, False), (True, True), (False, True)):
        if checkpointed not in checkpointing or offloaded not in offload:
            continue
        tokens = load.micro_batch_tokens
        least = max(load.longest, 0 if checkpointed else LEAST_TOKENS[load.device])
        while True:
            yield load.with_plan(tokens=tokens, checkpointed=checkpointed, offloaded=offloaded)
            if tokens // 2 < least:
                break
            tokens //= 2


def _allowed(wish: object) -> tuple[bool, ...]:
    return {"on": (True,), "off": (False,)}.get(str(wish), (False, True))


def _advice(base: BaseModel, load: Load, available: int, correction: float) -> str:
    """The one change that helps: the first of a list that would make it fit, or a smaller base."""

    def would_fit(changed: Load) -> bool:
        return any(load_memory(base, one, correction).total <= available for one in _by_speed(changed))

    window = min(512, load.whole("max_length"))
    short = replace(load, options=dict(load.options) | {"max_length": window})
    if load.quantization != "nf4" and not load.method.own_base and would_fit(replace(load, quantization="nf4")):
        return tr("QLoRA keeps this base in 4 bit and would fit: choose it as the method.")
    if would_fit(short):
        return tr("It would fit with a window of {tokens} tokens.", tokens=window)
    if would_fit(replace(short, quantization="nf4", method=METHODS.get("qlora"))):
        return tr("It would fit with QLoRA and a window of {tokens} tokens.", tokens=window)
    return tr("This base is too large for the memory here; choose a smaller one.")


def load_memory(base: BaseModel, load: Load, correction: float = 1.0) -> MemoryEstimate:
    """What one certain way of training needs."""
    weights = base_memory(base)[KEPT_AS[load.quantization]] + (4 * base.parameters if load.method.own_base else 0)
    trained = 0 if load.method.own_base else trained_numbers(base, load.options)
    learned = linear_weights(base) if load.method.own_base else trained
    state = (4 + (2 if _is_8_bit(load) else 8)) * learned
    activations = activation_bytes(
        shape_of(base), load.micro_batch_tokens, checkpointed=load.checkpointed, offloaded=load.offloaded
    )
    parts = 4 * trained + state + activations
    overhead = (CUDA_OVERHEAD if load.device == "cuda" else CPU_OVERHEAD) + (weights + parts) // 20
    if correction != 1.0:
        overhead = max(0, int((parts + overhead) * correction) - parts)
    return MemoryEstimate(
        base=weights, adapter=4 * trained, optimizer=state, activations=activations, overhead=overhead,
        total=weights + parts + overhead, available=0, fits=True, advice="", checkpointed=load.checkpointed,
    )  # fmt: skip


def shape_of(base: BaseModel) -> Shape:
    """The widths that decide about activations."""
    return Shape(
        layers=base.layers,
        hidden=base.hidden_size,
        key_width=key_width(base),
        intermediate=base.intermediate_size,
        vocabulary=base.vocabulary,
    )


def _is_8_bit(load: Load) -> bool:
    chosen = load.options.get("optimizer", "auto")
    return chosen == "paged_adamw_8bit" or (chosen == "auto" and load.device == "cuda")
