"""Two ways to read a batch's rows token by token: the studio's own decoder, or the model's own forward.

Both read prompts in units and then give the logits of every row's next token; rows leave by number.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import DynamicCache

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.kept_rows import VoiceKey
from studio.engine.chat.prompt_reading import PromptReading
from studio.engine.chat.speaking_base import SpeakingBase
from studio.engine.forward.captured_step import CapturedStep
from studio.engine.forward.decoders import Decoder
from studio.engine.forward.learned_tokens import with_learned
from studio.engine.forward.plain_decoder import PlainDecoder


class RowForward(Protocol):
    """``reused`` and ``tokens``: of each prompt what was known from before; how many tokens were really read."""

    reused: list[int]

    @property
    def tokens(self) -> int:
        """Tokens of prompts that were really read."""

    @property
    def reading(self) -> bool:
        """True while there is something of the prompts to read."""

    def read(self) -> None:
        """Read a unit of the prompts."""

    def logits(self, drawn: Tensor | None) -> Tensor:
        """Of the next token, after ``drawn`` (None right after the prompts)."""

    def leave(self, staying: list[int], leaving: list[int]) -> None:
        """Keep some places of the batch, drop the others."""


class OwnRows:
    """Through the studio's own decoder, with what is kept of earlier rows."""

    def __init__(
        self,
        base: LoadedBase,
        decoder: Decoder,
        speaking: SpeakingBase,
        prompts: Sequence[list[int]],
        voices: Sequence[VoiceKey | None],
    ) -> None:
        self._base, self._decoder, self._kept = base, decoder, speaking.kept
        self._ids = with_learned(prompts, base.rack.learned)
        self._voices = list(voices)
        self._keys = decoder.new_rows(len(prompts))
        self._prompts = PromptReading(decoder, self._keys, self._ids, voices, self._kept)
        self._stepping: Any = None
        self._steps: Decoder | CapturedStep = decoder
        if base.device.kind == "cuda" and isinstance(decoder, PlainDecoder):
            self._steps = CapturedStep(decoder)
        learned = [len(ids) - len(prompt) for ids, prompt in zip(self._ids, prompts, strict=True)]
        self.reused = [max(0, known - own) for known, own in zip(self._prompts.reused, learned, strict=True)]

    @property
    def tokens(self) -> int:
        """Tokens of prompts that were really read."""
        return self._prompts.tokens

    @property
    def reading(self) -> bool:
        """True while there is something of the prompts to read."""
        return not self._prompts.done

    def read(self) -> None:
        """Read a unit of the prompts."""
        self._prompts.read(self._decoder.factors(self._base.rack))

    def logits(self, drawn: Tensor | None) -> Tensor:
        """Of the next token, after ``drawn``."""
        if drawn is None:
            return self._prompts.logits
        for ids, token in zip(self._ids, drawn.tolist(), strict=True):
            ids.append(token)
        if self._stepping is None:
            self._stepping = self._decoder.stepping(self._keys)
        return self._steps.step(drawn, self._stepping, self._decoder.factors(self._base.rack))

    def leave(self, staying: list[int], leaving: list[int]) -> None:
        """Keep what the leaving rows have read."""
        for place in leaving:
            self._keep(place)
        if not staying:
            return
        self._ids = [self._ids[place] for place in staying]
        self._voices = [self._voices[place] for place in staying]
        self._keys.keep_rows(staying)
        self._stepping = None

    def _keep(self, place: int) -> None:
        length = self._keys.lengths[place]
        size = self._keys.size(length)
        self._kept.keep(self._voices[place], self._ids[place][:length], size, lambda: self._keys.copied(place, length))


class ModelRows:
    """Through the model's own forward, with the rack's hooks or a training's own layers: all that the decoder is not
    for. Prompts stand side by side with padding on the left, and nothing is kept."""

    def __init__(self, base: LoadedBase, prompts: Sequence[list[int]]) -> None:
        self._base = base
        self._device = base.device.torch_device
        self._cache = DynamicCache(config=base.model.config)
        self._prompts = prompts
        self._mask, self._next = self._left_padded()
        self._positions = (self._mask.cumsum(dim=1) - 1).clamp(min=0)
        self._first: Tensor | None = None
        self.reused = [0] * len(prompts)
        self.tokens = 0

    @property
    def reading(self) -> bool:
        """True until the prompts were read."""
        return self._first is None

    def read(self) -> None:
        """Read all prompts."""
        self._first = self._forward()
        self.tokens = sum(map(len, self._prompts))

    def logits(self, drawn: Tensor | None) -> Tensor:
        """Of the next token, after ``drawn``."""
        if drawn is None:
            assert self._first is not None
            return self._first
        self._next = drawn.unsqueeze(1)
        self._positions = self._positions[:, -1:] + 1
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(drawn), 1)], dim=1)
        return self._forward()

    def leave(self, staying: list[int], leaving: list[int]) -> None:
        """Drop the rows that leave."""
        if not staying:
            return
        rows = torch.tensor(staying, device=self._device)
        self._next, self._mask, self._positions = self._next[rows], self._mask[rows], self._positions[rows]
        self._cache.batch_select_indices(rows)

    @torch.no_grad()
    def _forward(self) -> Tensor:
        return self._base.model(  # type: ignore[no-any-return]
            input_ids=self._next,
            attention_mask=self._mask,
            position_ids=self._positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]

    def _left_padded(self) -> tuple[Tensor, Tensor]:
        """Prompts end together, so that every row's next token comes from the last column."""
        longest = max(map(len, self._prompts))
        pad = self._base.tokenizer.pad_token_id or 0
        gaps = [longest - len(prompt) for prompt in self._prompts]
        ids = [[pad] * gap + prompt for gap, prompt in zip(gaps, self._prompts, strict=True)]
        mask = [[0] * gap + [1] * (longest - gap) for gap in gaps]
        return torch.tensor(mask, device=self._device), torch.tensor(ids, device=self._device)


def row_forward(
    base: LoadedBase,
    speaking: SpeakingBase | None,
    prompts: Sequence[list[int]],
    voices: Sequence[VoiceKey | None],
) -> RowForward:
    """The studio's own decoder, where there is one that can say what is shown."""
    decoder = speaking.decoder if speaking else None
    if speaking is None or decoder is None or not base.rack.in_groups(decoder.groups):
        return ModelRows(base, prompts)
    return OwnRows(base, decoder, speaking, prompts, voices)
