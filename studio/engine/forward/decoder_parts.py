"""What a plain decoder of the Llama family is made of, found by structure; nothing where something does not fit.

Fits: RMS norms before attention and MLP, query, key and value of whole heads, rotary positions, a gated MLP with SiLU,
biases or norms of queries and keys where a model has them (Llama, Mistral, Qwen 2 and 3, SmolLM …). What looks the same
and computes something else is told by trying it: see ``plain_decoder.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from studio.engine.forward.attention_lanes import HeadShape

STATIC_ROTARY = ("default", "linear", "llama3", "yarn")
"""Kinds of rotary positions whose angles do not depend on how long the text has become."""


@dataclass(frozen=True, kw_only=True)
class Norm:
    """An RMS norm's weight and epsilon."""

    weight: Tensor
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class Block:
    """One layer: its norms, and the names of its linear layers by group."""

    before_attention: Norm
    before_mlp: Norm
    query_norm: Norm | None
    key_norm: Norm | None
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class DecoderParts:
    """A whole decoder. ``rotary`` gives cosines and sines for positions."""

    embed: nn.Module
    blocks: tuple[Block, ...]
    last_norm: Norm
    rotary: Any
    head: nn.Module
    shape: HeadShape


def find_parts(model: Any, linears: Mapping[str, nn.Module], context_length: int) -> DecoderParts | None:
    """Return the parts of a model that fits; ``linears`` are its frozen layers, whatever a training put round them."""
    try:
        decoder, head, config = model.get_decoder(), model.get_output_embeddings(), model.config.get_text_config()
        if type(head) is not nn.Linear or not _plain(config, context_length):
            return None
        names = {id(module): name for name, module in model.named_modules()}
        blocks = tuple(_block(layer, names[id(layer)], linears) for layer in decoder.layers)
        return DecoderParts(
            embed=decoder.embed_tokens,
            blocks=blocks,
            last_norm=_norm(decoder.norm),
            rotary=decoder.rotary_emb,
            head=head,
            shape=_shape(decoder.layers[0].self_attn, linears, blocks[0]),
        )
    except (AttributeError, KeyError, _Other):
        return None


class _Other(Exception):
    """Something is not as a plain decoder has it."""


def _plain(config: Any, context_length: int) -> bool:
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    rotary = (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    whole = kinds == {"full_attention"} or (not window or window >= context_length)
    capped = getattr(config, "attn_logit_softcapping", None) or getattr(config, "final_logit_softcapping", None)
    return whole and not capped and rotary in STATIC_ROTARY


def _block(layer: Any, name: str, linears: Mapping[str, nn.Module]) -> Block:
    attention, mlp = layer.self_attn, layer.mlp
    numbers = torch.linspace(-6, 6, 64)
    if not torch.allclose(mlp.act_fn(numbers), nn.functional.silu(numbers)):
        raise _Other
    parts = (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
    rooms = ("self_attn", "self_attn", "mlp", "mlp")
    groups = tuple(tuple(f"{name}.{room}.{part}" for part in one) for room, one in zip(rooms, parts, strict=True))
    if not all(one in linears for group in groups for one in group):
        raise _Other
    return Block(
        before_attention=_norm(layer.input_layernorm),
        before_mlp=_norm(layer.post_attention_layernorm),
        query_norm=_norm(attention.q_norm) if hasattr(attention, "q_norm") else None,
        key_norm=_norm(attention.k_norm) if hasattr(attention, "k_norm") else None,
        groups=groups,
    )


def _norm(module: Any) -> Norm:
    weight, epsilon = getattr(module, "weight", None), getattr(module, "variance_epsilon", None)
    if not isinstance(weight, Tensor) or weight.ndim != 1 or not isinstance(epsilon, float):
        raise _Other
    return Norm(weight=weight, epsilon=epsilon)


def _shape(attention: Any, linears: Mapping[str, nn.Module], block: Block) -> HeadShape:
    query, key, _ = (linears[name] for name in block.groups[0])
    depth = int(attention.head_dim)
    return HeadShape(
        heads=int(query.out_features) // depth,  # type: ignore[arg-type]
        key_heads=int(key.out_features) // depth,  # type: ignore[arg-type]
        depth=depth,
        scale=float(attention.scaling),
    )
