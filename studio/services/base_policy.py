"""How a base is kept in memory: what a training needs, and what suits a chat."""

from studio.domain.base_model import BaseModel
from studio.services.base_holder import HeldBase
from studio.services.memory_estimate import base_memory

SHARE_OF_MEMORY = 0.7
SMALL_ON_CPU = 4 * 2**30


def chat_quantization(
    setting: str, base: BaseModel, *, expected: HeldBase | None, reserved: HeldBase | None, device: str, memory: int
) -> str:
    """Return ``none`` or ``nf4`` for chatting with ``base``.

    What a training holds comes first, then what is loaded or on its way, so that training and chat share one base;
    then the setting; ``auto`` takes 4 bits where 16 would fill most of the memory.
    """
    for held in (reserved, expected):
        if held is not None and held.base.id == base.id:
            return held.quantization
    if setting != "auto":
        return setting
    whole = base_memory(base)["16-bit"]
    if device == "cuda":
        return "nf4" if memory and whole > SHARE_OF_MEMORY * memory else "none"
    return "none" if whole <= SMALL_ON_CPU else "nf4"
