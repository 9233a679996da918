"""The one base in memory: loaded in 16 bit or NF4, frozen, with everything that chatting and training ask of it."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from studio.domain.errors import StudioError
from studio.engine.bases.base_folder import open_base_folder
from studio.engine.devices import Device
from studio.engine.failures import is_out_of_memory
from studio.engine.memory import release
from studio.engine.rack.int8_layers import exact_on_processor
from studio.engine.rack.rack import Rack
from studio.engine.text.chat_template import ChatTemplate

T = TypeVar("T")


@dataclass(kw_only=True)
class LoadedBase:
    """A frozen base. ``linears`` are the layers that adapters may hang on, by full name, the output head excluded."""

    base_id: str
    path: Path
    quantization: str
    fingerprint: str
    model: Any
    tokenizer: Any
    template: ChatTemplate
    linears: dict[str, nn.Module]
    rack: Rack
    device: Device
    seconds: float
    memory_bytes: int
    context_length: int
    chat: Any = None
    """What chat lays out and keeps beside the base, once somebody has spoken; it goes with the base."""

    @property
    def linear_names(self) -> list[str]:
        """The last parts of the linear layers' names (``q_proj`` …), each once."""
        return sorted({name.rpartition(".")[2] for name in self.linears})


def load_base(
    base_id: str, path: Path, quantization: str, device: Device, weights: torch.dtype | None = None
) -> LoadedBase:
    """Load a base folder; ``quantization``: ``none`` (16 bit), ``int8`` (LLM.int8) or ``nf4`` (double quantisation).

    ``weights``: keep them in this number format instead of the one that products are computed in.
    """
    started = time.perf_counter()
    folder = open_base_folder(path)
    model, tokenizer = foreign(path, lambda: (_load_model(path, quantization, device, weights), load_tokenizer(path)))
    linears = dict(_linear_layers(model))
    return LoadedBase(
        base_id=base_id,
        path=path,
        quantization=quantization,
        fingerprint=folder.fingerprint,
        model=model,
        tokenizer=tokenizer,
        template=ChatTemplate(tokenizer, model.generation_config),
        linears=linears,
        rack=Rack(model, linears, device),
        device=device,
        seconds=time.perf_counter() - started,
        memory_bytes=model.get_memory_footprint(),
        context_length=int(getattr(model.config.get_text_config(), "max_position_embeddings", 2048)),
    )


def foreign(path: Path, load: Callable[[], T]) -> T:
    """The folder is foreign: whatever its readers raise is the folder's fault, lack of memory or packages apart."""
    try:
        return load()
    except ImportError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise StudioError("base_unsupported", path=str(path), reason=reason) from error


def load_tokenizer(path: Path) -> Any:
    """Load a base folder's tokenizer with its chat template; no code of the folder's is run."""
    return AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)


def _load_model(path: Path, quantization: str, device: Device, weights: torch.dtype | None) -> Any:
    model = AutoModelForCausalLM.from_pretrained(
        path,
        dtype=weights or device.compute_dtype,
        quantization_config=_quantized(quantization, device),
        device_map={"": device.kind} if quantization != "none" or device.kind == "cuda" else None,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
    )
    model.requires_grad_(False)
    model.eval()
    keep_one_exact_path(model)
    if quantization != "none":
        let_go_of_file(model)
    if quantization == "int8" and device.kind == "cpu":
        exact_on_processor(model)
    return model


def _quantized(quantization: str, device: Device) -> BitsAndBytesConfig | None:
    if quantization == "none":
        return None
    if quantization == "int8":
        logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it tells of a cast in every layer of every forward
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=device.compute_dtype,
    )


def let_go_of_file(model: nn.Module) -> None:
    """Copy what was not quantised: as a view into the mapped file it would keep the whole 16-bit base in memory."""
    for one in (*model.parameters(), *model.buffers()):
        if one.is_floating_point():
            one.data = one.data.clone()
    release()


def keep_one_exact_path(model: nn.Module) -> None:
    """Forbid bitsandbytes' packed CPU kernel (0.50.2), which an evaluation would switch on for good.

    It has no backward: after the first forward without grad in eval mode every later training step would get no
    gradient through the base, in silence. Without it, evaluation and training compute the very same products.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _linear_layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """All linear layers (``Linear4bit`` is one) but the output head, whose adapters no other runtime reads."""
    head = model.get_output_embeddings()  # type: ignore[operator]
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and module is not head:
            yield name, module


def weight_shape(layer: nn.Module) -> tuple[int, int]:
    """Return (d_out, d_in) also where the stored weight is packed to 4 bit."""
    return int(layer.out_features), int(layer.in_features)  # type: ignore[arg-type]


def free(base: LoadedBase) -> None:
    """Let go of a base's memory; the object must not be used afterwards."""
    base.rack.close()
    base.model = base.chat = None
    base.linears.clear()
    release()
