"""What chat has beside a base: its own forward, if the base can be read by it, and the rows that are kept."""

from dataclasses import dataclass

import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.kept_rows import KeptRows
from studio.engine.forward.decoders import Decoder, tried
from studio.engine.memory import free_memory


@dataclass(frozen=True, kw_only=True)
class SpeakingBase:
    """``decoder`` is None where the base goes through the model's own forward."""

    decoder: Decoder | None
    kept: KeptRows


def speaking(base: LoadedBase) -> SpeakingBase:
    """Return it; made when somebody speaks for the first time, which tries the decoder on the base alone."""
    if base.chat is None:
        shown = base.rack.shown
        base.rack.open_gates()
        base.chat = SpeakingBase(decoder=tried(base), kept=KeptRows(_free_on(base.device.kind)))
        if shown is not None:
            base.rack.show(shown)
    return base.chat  # type: ignore[no-any-return]


def _free_on(kind: str):  # type: ignore[no-untyped-def]
    return free_memory if kind != "cuda" else lambda: torch.cuda.mem_get_info()[0]
