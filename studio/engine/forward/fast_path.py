"""The fast path of a training: packed batches and layers with written-out backward passes, in place of a model's own.

Only what computes the same is put in place: every kind of layer is tried against the one it stands for on random
numbers, and the whole model on real windows, before the first step. What differs stays as it was, and is only slower.
Nothing is compiled; chat keeps the model's own layers.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from studio.engine.failures import is_out_of_memory
from studio.engine.forward import packed_attention
from studio.engine.forward.batches import collate
from studio.engine.forward.fast_layers import FrozenLinear, GatedSilu, LoraAdded, LoraGatedMlp, LoraLinears, frozen_norm
from studio.engine.forward.loss_head import row_losses
from studio.engine.text.chat_encoding import Window

TOLERANCE = {torch.bfloat16: 2e-2, torch.float16: 5e-3, torch.float32: 1e-4}
"""Largest difference from the layer that is stood for, relative to its largest number."""

LOSS_TOLERANCE = {torch.bfloat16: 2e-2, torch.float16: 1e-2, torch.float32: 1e-3}
"""Largest difference of a window's mean loss in nats between the packed batch and the model's own way."""

Forward = Callable[..., Tensor]
_log = logging.getLogger(__name__)


class FastPath:
    """Finds what can be faster in a model; ``switch`` puts it in place and takes it out."""

    def __init__(self, model: Any) -> None:
        self._model = model
        # Where "forward" is set already, somebody else has put something in a layer's place.
        self._forwards = [pair for pair in _stand_ins(model) if "forward" not in pair[0].__dict__]
        self._configs = {id(one.config): one.config for one in model.modules() if hasattr(one, "config")}.values()
        self._own_attention = model.config._attn_implementation
        self._packs = False
        self._on = False

    @property
    def packs(self) -> bool:
        """Whether batches are packed, after ``try_packing``."""
        return self._packs

    def switch(self, on: bool) -> None:
        """Let training's layers stand in, or the model's own."""
        if on == self._on:
            return
        self._on = on
        for module, forward in self._forwards:
            if on:
                module.forward = forward
            else:
                del module.__dict__["forward"]
        self._attend(packed_attention.NAME if on and self._packs else self._own_attention)

    @torch.no_grad()
    def try_packing(self, windows: Sequence[Window], device: torch.device, longest: int) -> bool:
        """Pack from now on, if these windows' losses are then what they are unpacked; the path must be on."""
        if not windows or not _can_pack(self._model.config.get_text_config(), device, longest):
            return False
        batch = collate(windows, 0, device)
        expected = row_losses(self._model, batch)
        self._attend(packed_attention.NAME)
        try:
            apart = (row_losses(self._model, batch) - expected).abs()
        except RuntimeError as error:
            self._attend(self._own_attention)
            if is_out_of_memory(error):
                raise
            _log.warning("packed batches cannot be computed here, so padded ones are read", exc_info=error)
            return False
        tokens = torch.tensor([one.trained_tokens for one in windows], device=apart.device)
        dtype = next(self._model.parameters()).dtype
        self._packs = bool((apart / tokens).max() <= LOSS_TOLERANCE.get(dtype, 0.0))
        self._attend(packed_attention.NAME if self._packs else self._own_attention)
        return self._packs

    def unpack(self) -> None:
        """Read padded batches again."""
        self._packs = False
        self._attend(self._own_attention)

    def _attend(self, name: str) -> None:
        for config in self._configs:
            config._attn_implementation = name


def _can_pack(config: Any, device: torch.device, longest: int) -> bool:
    """Whether attention is plain and causal, and there is a kernel for packed rows."""
    window = getattr(config, "sliding_window", None)
    plain = not getattr(config, "attn_logit_softcapping", None) and (not window or window > longest)
    if device.type != "cuda":
        return plain
    return (
        plain
        and torch.cuda.get_device_capability(device) >= (8, 0)
        and find_spec("torch.nn.attention.varlen") is not None
    )


def _stand_ins(model: Any) -> Iterator[tuple[nn.Module, Forward]]:
    taken: set[nn.Module] = set()
    for module in model.modules():
        for layer, forward in _siblings(module):
            taken.add(layer)
            yield layer, forward
        alone = _lora(module) or _norm(module) or _gated(module)
        if alone is not None and module not in taken:
            yield module, alone


def _plain(layer: Any) -> str:
    """The name of a layer's one adapter, where it is PEFT's plain LoRA without dropout; else nothing."""
    from peft.tuners.lora import LoraLayer

    if not isinstance(layer, LoraLayer) or len(layer.active_adapters) != 1 or layer.merged or layer.lora_variant:
        return ""
    name = layer.active_adapters[0]
    known = name in layer.lora_A and isinstance(layer.lora_dropout[name], nn.Identity) and not layer.lora_bias[name]
    return name if known else ""


def _lora(layer: Any) -> Forward | None:
    """PEFT's plain LoRA on a linear layer, one adapter, no dropout."""
    name, whole = _plain(layer), _whole([layer])
    if not name:
        return None
    base: Any = layer.base_layer
    down, up, scaling = layer.lora_A[name].weight, layer.lora_B[name].weight, layer.scaling[name]

    def forward(x: Tensor) -> Tensor:
        if layer._disable_adapters:
            return base(x)  # type: ignore[no-any-return]
        if whole is not None and x.dtype == whole[0][0].dtype:
            return LoraLinears.apply(x, *whole)[0]  # type: ignore[no-any-return,no-untyped-call]
        return LoraAdded.apply(base(x), x, down, up, scaling)  # type: ignore[no-any-return,no-untyped-call]

    return forward


def _siblings(module: Any) -> Iterator[tuple[nn.Module, Forward]]:
    """Query, key and value of an attention layer: whoever is called first computes all three, for they read one x."""
    layers = [getattr(module, name, None) for name in ("q_proj", "k_proj", "v_proj")]
    whole = _whole(layers)
    alone = [_lora(layer) for layer in layers]
    if whole is None:
        return
    waiting: dict[int, Tensor] = {}
    read: list[Tensor | None] = [None]

    def forward(place: int, x: Tensor) -> Tensor:
        layer: Any = layers[place]
        if layer._disable_adapters or x.dtype != whole[0][place].dtype:
            return alone[place](x)  # type: ignore[misc]
        if read[0] is not x or place not in waiting:
            read[0] = x
            waiting.update(enumerate(LoraLinears.apply(x, *whole)))  # type: ignore[no-untyped-call]
        found = waiting.pop(place)
        if not waiting:
            read[0] = None
        return found

    for place, layer in enumerate(layers):
        yield layer, partial(forward, place)  # type: ignore[misc]


def _norm(module: Any) -> Forward | None:
    """An RMS norm as Llama has it; Gemma's, which adds one to its weight, is told apart by its result."""
    weight, epsilon = getattr(module, "weight", None), getattr(module, "variance_epsilon", None)
    if not isinstance(weight, Tensor) or weight.ndim != 1 or not isinstance(epsilon, float):
        return None
    if weight.requires_grad:  # full fine-tuning: it learns
        return None

    def forward(x: Tensor) -> Tensor:
        return frozen_norm(x, weight, epsilon)

    return forward if _same(module, forward, weight) else None


def _gated(module: Any) -> Forward | None:
    """A gated MLP whose activation is SiLU."""
    parts = [getattr(module, name, None) for name in ("gate_proj", "up_proj", "down_proj", "act_fn")]
    if not all(isinstance(part, nn.Module) for part in parts):
        return None
    gate, up, down, activation = parts
    numbers = torch.linspace(-6, 6, 64)
    if not torch.allclose(activation(numbers), nn.functional.silu(numbers)):  # type: ignore[misc]
        return None

    whole = _whole([gate, up, down])

    def forward(x: Tensor) -> Tensor:
        if whole is not None and not gate._disable_adapters and x.dtype == whole[0][0].dtype:  # type: ignore[union-attr]
            return LoraGatedMlp.apply(x, *whole)  # type: ignore[no-any-return,no-untyped-call]
        return down(GatedSilu.apply(gate(x), up(x)))  # type: ignore[misc,no-any-return,no-untyped-call]

    return forward if _same(module, forward, gate.weight, gate.in_features) else None  # type: ignore[union-attr]


def _whole(layers: Sequence[Any]) -> tuple[Any, ...] | None:
    """What ``LoraLinears`` is given after x, where all these layers are plain LoRA on 16-bit or NF4 weights."""
    names = [_plain(layer) for layer in layers]
    if not all(names) or not all(_is_known(layer.base_layer) for layer in layers):
        return None
    frozen = tuple(
        FrozenLinear(layer=layer.base_layer, scaling=layer.scaling[name])
        for layer, name in zip(layers, names, strict=True)
    )
    pairs = zip(layers, names, strict=True)
    return frozen, *(one for layer, name in pairs for one in (layer.lora_A[name].weight, layer.lora_B[name].weight))


def _is_known(layer: nn.Module) -> bool:
    """A plain linear layer, or an NF4 one; whatever else is made of them may compute something else."""
    from bitsandbytes.nn import Linear4bit

    return type(layer) in (nn.Linear, Linear4bit)


@torch.no_grad()
def _same(module: nn.Module, forward: Forward, like: Tensor, width: int = 0) -> bool:
    dtype = like.dtype if like.is_floating_point() else torch.bfloat16
    x = torch.randn(8, width or like.shape[-1], generator=torch.Generator().manual_seed(0)).to(like.device, dtype)
    with torch.autocast(like.device.type, dtype=torch.bfloat16, enabled=dtype is not torch.float32):
        expected = module(x)
        apart = (forward(x) - expected).abs().max() / expected.abs().max().clamp(min=1e-6)
    return bool(apart <= TOLERANCE.get(dtype, 0.0))
