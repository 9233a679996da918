"""Full fine-tuning: a copy of the base apart, whose layers all learn; the result is a base folder.

Weights learn in fp32 and are multiplied in 16 bit: with an 8-bit optimiser that is ten bytes a weight, which 16-bit
weights would not undercut, because they need a remainder beside them or lose every small step to rounding. The
vocabulary (embeddings and output head) stays as it is: the loss head counts on a frozen head, and a persona's words
are the base's words.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.engine.bases.base_loader import LoadedBase, free, load_base
from studio.engine.durable_files import Content, write_folder
from studio.engine.forward.fast_path import FastPath
from studio.engine.forward.modes import Stage
from studio.engine.tensor_files import tensor_pieces

WEIGHTS = "model.safetensors"
_KEPT = ("*.json", "*.jinja", "*.txt", "*.model", "LICENSE*", "NOTICE*")
"""Everything of the base's folder but its weights: tokenizer, template, what its licence asks for."""


class WholeModel:
    """The copy, with a stage of its own; ``leave`` frees it."""

    def __init__(self, shared: LoadedBase) -> None:
        self.base = load_base(shared.base_id, shared.path, "none", shared.device, weights=torch.float32)
        self.stage = Stage(self.base)
        model = self.base.model
        vocabulary = {id(one.weight) for one in (model.get_input_embeddings(), model.get_output_embeddings()) if one}
        self.parameters: dict[str, Tensor] = {}
        for name, one in model.named_parameters():
            if id(one) not in vocabulary:
                one.requires_grad_(True)
                self.parameters[name] = one
        self.stage.adopt((), FastPath(model))

    def tensors(self) -> dict[str, Tensor]:
        """The layers' weights, which are no adapter's."""
        return dict(self.parameters)

    def write(self, folder: Path) -> None:
        """Write a base folder in the number format that its products are computed in."""
        weights = {name: _kept_in(self.base.device.compute_dtype, one) for name, one in _stored(self.base.model)}
        files: dict[str, Content] = {WEIGHTS: tensor_pieces(weights)}
        for pattern in _KEPT:
            files |= {one.name: one.read_bytes() for one in sorted(self.base.path.glob(pattern)) if one.is_file()}
        files.pop("model.safetensors.index.json", None)
        files["config.json"] = self._config(weights)
        write_folder(folder, files)

    def leave(self) -> None:
        """Give the copy's memory back."""
        self.parameters.clear()
        free(self.base)

    def _config(self, weights: dict[str, Tensor]) -> bytes:
        """The base's own, and what its weights are now: adapters of the base do not belong to this one."""
        config: dict[str, Any] = json.loads((self.base.path / "config.json").read_text(encoding="utf-8"))
        digest = hashlib.sha256()
        for piece in tensor_pieces(weights):
            digest.update(piece)
        dtype = str(self.base.device.compute_dtype).removeprefix("torch.")
        config |= {"dtype": dtype, "tuned_from": self.base.fingerprint, "tuned_weights": digest.hexdigest()}
        config.pop("torch_dtype", None)
        return json.dumps(config, indent=2).encode() + b"\n"


def _stored(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Every weight once: an output head that is the embedding is not written a second time."""
    seen: set[int] = set()
    for name, one in model.state_dict().items():
        if one.data_ptr() not in seen:
            seen.add(one.data_ptr())
            yield name, one


def _kept_in(dtype: torch.dtype, tensor: Tensor) -> Tensor:
    return tensor.detach().to(dtype) if tensor.is_floating_point() else tensor.detach()
