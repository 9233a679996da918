"""A batch of replies in the making: prompts side by side, one forward a token, finished rows leave."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.sampling import Drawer
from studio.protocol.commands import Sampling


class DecodingBatch:
    """Rows of token ids with one KV cache. ``alive`` maps the batch's rows to the rows that were asked for."""

    def __init__(
        self, base: LoadedBase, prompts: Sequence[Sequence[int]], samplings: Sequence[Sampling], seeds: Sequence[int]
    ) -> None:
        self._base = base
        self._device = base.device.torch_device
        self._prompts = [list(prompt) for prompt in prompts]
        self._cache = DynamicCache(config=base.model.config)
        self._drawer = Drawer(samplings, seeds, base.model.get_output_embeddings().weight.shape[0], self._device)
        self._drawer.note(self._prompts)
        self._mask, self._next = self._left_padded()
        self._positions = (self._mask.cumsum(dim=1) - 1).clamp(min=0)
        self.alive = list(range(len(prompts)))

    @torch.no_grad()
    def advance(self) -> list[int]:
        """Read what is new (the whole prompts at first) and return the next token of every living row."""
        logits = self._base.model(
            input_ids=self._next,
            attention_mask=self._mask,
            position_ids=self._positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        drawn = self._drawer.draw(logits)
        self._next = drawn.unsqueeze(1)
        self._positions = self._positions[:, -1:] + 1
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(self.alive), 1)], dim=1)
        return drawn.tolist()  # type: ignore[no-any-return] # the step's one wait for the device

    def leave(self, finished: Sequence[int]) -> None:
        """Drop rows, given as the numbers they were asked under."""
        staying = [place for place, row in enumerate(self.alive) if row not in finished]
        self.alive = [self.alive[place] for place in staying]
        if not staying:
            return
        rows = torch.tensor(staying, device=self._device)
        self._next, self._mask, self._positions = self._next[rows], self._mask[rows], self._positions[rows]
        self._cache.batch_select_indices(rows)
        self._drawer.keep_rows(rows)

    def _left_padded(self) -> tuple[Tensor, Tensor]:
        """Prompts end together, so that every row's next token comes from the last column."""
        longest = max(map(len, self._prompts))
        pad = self._base.tokenizer.pad_token_id or 0
        gaps = [longest - len(prompt) for prompt in self._prompts]
        ids = [[pad] * gap + prompt for gap, prompt in zip(gaps, self._prompts, strict=True)]
        mask = [[0] * gap + [1] * (longest - gap) for gap in gaps]
        return torch.tensor(mask, device=self._device), torch.tensor(ids, device=self._device)


class TextStream:
    """Token ids to text as they come; characters that span tokens are held back until they are whole."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._sent = ""
        self._start = 0
        self._whole = 0

    def add(self, token: int) -> str:
        """Take a token and return the new piece of text, which may be empty."""
        self._ids.append(token)
        before = self._decoded(self._start, self._whole)
        now = self._decoded(self._start, len(self._ids))
        if now.endswith("\ufffd"):
            return ""
        self._start, self._whole = self._whole, len(self._ids)
        piece = now[len(before) :]
        self._sent += piece
        return piece

    def finish(self) -> str:
        """Return the whole text, held-back rest included."""
        return self._tokenizer.decode(self._ids, skip_special_tokens=True)  # type: ignore[no-any-return]

    def _decoded(self, start: int, end: int) -> str:
        return self._tokenizer.decode(self._ids[start:end], skip_special_tokens=True)  # type: ignore[no-any-return]
