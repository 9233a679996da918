"""Learned tokens before a conversation (prompt tuning): put in before the decoder reads, taken out after.

Whoever calls the model, loss head or decoding, sees its own tokens only. Every row of a batch may have tokens of its
own or none: rows with fewer are masked on the left, and the positions of what follows begin where theirs end.
"""

from typing import Any

import torch
from torch import Tensor, nn


class VirtualTokens:
    """Hangs on a model's decoder; nothing happens unless tokens are shown."""

    def __init__(self, model: Any) -> None:
        self._embed = model.get_input_embeddings()
        self._tokens: Tensor | None = None
        self._there = torch.zeros(0)
        self._whole = True
        self._put = 0
        decoder = model.get_decoder()
        self._hooks = [
            decoder.register_forward_pre_hook(self._put_in, with_kwargs=True),
            decoder.register_forward_hook(self._take_out),
        ]

    @property
    def width(self) -> int:
        """Numbers in one token."""
        return int(self._embed.weight.shape[1])

    @property
    def shown(self) -> bool:
        """True where some row has tokens before it."""
        return self._tokens is not None

    def show_all(self, tokens: Tensor) -> None:
        """Put these [n, d] before every row, with gradients to them."""
        self._tokens = tokens
        self._there = torch.ones(1, len(tokens), dtype=torch.bool, device=tokens.device)
        self._whole = True

    def show_rows(self, rows: list[Tensor]) -> None:
        """Put each row's own [n, d] before it; n may be 0."""
        most = max((len(one) for one in rows), default=0)
        if not most:
            self.hide()
            return
        self._tokens = torch.stack([nn.functional.pad(one, (0, 0, most - len(one), 0)) for one in rows])
        lengths = torch.tensor([len(one) for one in rows])
        there = torch.arange(most) >= (most - lengths).unsqueeze(1)
        self._there, self._whole = there.to(self._tokens.device), bool(there.all())

    def hide(self) -> None:
        """Leave the model alone."""
        self._tokens = None

    def close(self) -> None:
        """Unhook from the model."""
        for hook in self._hooks:
            hook.remove()
        self._tokens = None

    def _put_in(self, decoder: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self._put = 0
        if self._tokens is None:
            return None
        ids = named.pop("input_ids") if "input_ids" in named else given[0]
        cache = named.get("past_key_values")
        first = cache is None or cache.get_seq_length() == 0
        there = self._there.expand(len(ids), -1)
        named |= self._places(ids, there, named, first)
        named["inputs_embeds"] = self._embed(ids)
        if first:
            tokens = self._tokens if self._tokens.ndim == 3 else self._tokens.unsqueeze(0)
            ready = tokens.to(named["inputs_embeds"].dtype).expand(len(ids), -1, -1)
            named["inputs_embeds"] = torch.cat([ready, named["inputs_embeds"]], dim=1)
            self._put = ready.shape[1]
        return (), named

    def _places(self, ids: Tensor, there: Tensor, named: dict[str, Any], first: bool) -> dict[str, Tensor]:
        """Mask and positions with the learned tokens; nothing where the model's own count serves."""
        mask, positions = named.get("attention_mask"), named.get("position_ids")
        if mask is None and positions is None and self._whole:
            return {}
        if mask is None:
            mask = torch.ones_like(ids)
        if positions is None:
            positions = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        following = positions + there.sum(dim=1, keepdim=True)
        before = (there.cumsum(dim=1) - 1).clamp(min=0)
        return {
            "attention_mask": torch.cat([there.to(mask.dtype), mask], dim=1),
            "position_ids": torch.cat([before, following], dim=1) if first else following,
        }

    def _take_out(self, decoder: nn.Module, given: tuple[Any, ...], output: Any) -> Any:
        if self._put:
            output.last_hidden_state = output.last_hidden_state[:, self._put :]
        return output
