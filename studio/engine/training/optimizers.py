"""The optimiser of a run: AdamW, or its 8-bit form, with the groups that LoRA+ wants."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from studio.engine.devices import Device
from studio.methods.method import AUTO, CommonOptions, TrainingOptions

RATE_RATIO = "rate_ratio"
"""Key of a parameter group: what the step's learning rate is multiplied with there."""


def optimizer_for(parameters: Mapping[str, Tensor], options: CommonOptions, device: Device) -> torch.optim.Optimizer:
    """``auto`` is the 8-bit one on a card, whose memory is short, and torch's own on a processor."""
    groups = _groups(parameters, options)
    settings: dict[str, Any] = {"lr": options.learning_rate, "weight_decay": getattr(options, "weight_decay", 0.0)}
    name = options.optimizer
    if name == AUTO:
        name = "paged_adamw_8bit" if device.kind == "cuda" else "adamw"
    if name == "adamw":
        return torch.optim.AdamW(groups, **settings)
    from bitsandbytes.optim import AdamW8bit, PagedAdamW8bit

    # Only a card's driver can lend pages of main memory; on a processor the state is 8 bit and lies where all lies.
    made = PagedAdamW8bit if device.kind == "cuda" else AdamW8bit
    return made(groups, **settings)  # type: ignore[no-any-return]


def optimizer_notes(options: CommonOptions, device: Device) -> list[tuple[str, dict[str, object]]]:
    """What to tell of the choice: (code, details)."""
    if options.optimizer == "paged_adamw_8bit" and device.kind != "cuda":
        return [("optimizer_not_paged", {})]
    return []


def _groups(parameters: Mapping[str, Tensor], options: CommonOptions) -> list[dict[str, Any]]:
    """One group, or two for LoRA+ (Hayou et al., 2402.12354): the second factors and vectors learn faster."""
    ratio = options.lr_ratio if isinstance(options, TrainingOptions) else 1.0
    if ratio == 1.0:
        return [{"params": list(parameters.values()), RATE_RATIO: 1.0}]
    fast = [one for name, one in parameters.items() if "lora_B" in name or one.ndim == 1]
    slow = [one for name, one in parameters.items() if "lora_B" not in name and one.ndim != 1]
    return [{"params": slow, RATE_RATIO: 1.0}, {"params": fast, RATE_RATIO: ratio, "lr": options.learning_rate * ratio}]
