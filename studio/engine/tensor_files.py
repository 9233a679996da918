"""Tensors as a safetensors file, piece by piece, and back: nothing is held twice, a card's tensors pass one at a time.

The library's own ``save_file`` wants all tensors in main memory at once and hashes nothing on the way; full fine-tuning
writes gigabytes. The bytes are the same as its own (a test compares them), and reading is left to it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.domain.errors import StudioError

_DTYPES = {
    torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16", torch.float16: "F16",
    torch.bfloat16: "BF16", torch.int32: "I32", torch.float32: "F32", torch.float64: "F64", torch.int64: "I64",
}  # fmt: skip
"""The names of the format, in the order in which it sorts tensors of the same alignment (the largest first)."""

_RANKS = {dtype: rank for rank, dtype in enumerate(_DTYPES)}


def tensor_pieces(tensors: Mapping[str, Tensor]) -> Iterator[bytes | memoryview]:
    """Give the file's bytes: its head, then one tensor after the other."""
    ordered = sorted(tensors.items(), key=lambda pair: (-_RANKS[pair[1].dtype], pair[0]))
    yield _head(ordered)
    for _, tensor in ordered:
        plain = tensor.detach().to("cpu").contiguous().reshape(-1).view(torch.uint8)
        if plain.numel():
            yield plain.numpy().data


def read_tensors(path: Path) -> Iterator[tuple[str, Tensor]]:
    """Give the file's tensors by name, one at a time; copy what is to stay, because the file lies behind them."""
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            for name in file.keys():  # noqa: SIM118 (no mapping)
                yield name, file.get_tensor(name)
    except SafetensorError as error:
        raise StudioError("checkpoint_broken", path=str(path), reason=str(error)) from error


def _head(ordered: list[tuple[str, Tensor]]) -> bytes:
    """A JSON object after its own length, filled up with blanks to a multiple of eight bytes."""
    entries: dict[str, object] = {}
    start = 0
    for name, tensor in ordered:
        end = start + tensor.numel() * tensor.element_size()
        entries[name] = {"dtype": _DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text
