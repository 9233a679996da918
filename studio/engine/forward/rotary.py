"""The angles of rotary positions as tables."""

from typing import Any

import torch
from torch import Tensor


def signed_angles(rotary: Any, length: int, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines [length, depth] as the model's own rotary part gives them, the sines of first halves negated.

    A head is turned by ``x * cosines + swapped halves of x * sines``.
    """
    places = torch.arange(length, device=device).unsqueeze(0)
    cosines, sines = (one[0] for one in rotary(torch.zeros(1, dtype=dtype, device=device), places))
    half = sines.shape[1] // 2
    return cosines.contiguous(), torch.cat((-sines[:, :half], sines[:, half:]), dim=1)
