"""Which device the engine computes on, and in which number format."""

from dataclasses import dataclass

import psutil
import torch


@dataclass(frozen=True, kw_only=True)
class Device:
    """``compute_dtype`` is what products are done in; weights of a LoRA stay in fp32 whatever it is."""

    kind: str
    name: str
    memory_total: int
    compute_dtype: torch.dtype

    @property
    def torch_device(self) -> torch.device:
        """The device as torch wants it."""
        return torch.device(self.kind)


def find_device() -> Device:
    """Return CUDA if there is a usable card, the processor otherwise."""
    if torch.cuda.is_available():
        return _cuda()
    return Device(
        kind="cpu",
        name=f"{torch.get_num_threads()} CPU threads",
        memory_total=psutil.virtual_memory().total,
        compute_dtype=torch.bfloat16,
    )


def _cuda() -> Device:
    card = torch.cuda.get_device_properties(0)
    # bf16 on every card: from Ampere on it is native; older ones emulate it, slowly but with the same results.
    return Device(kind="cuda", name=card.name, memory_total=card.total_memory, compute_dtype=torch.bfloat16)
