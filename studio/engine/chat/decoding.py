"""A batch of replies in the making: prompts side by side, one forward a token, finished rows leave."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.kept_rows import VoiceKey
from studio.engine.chat.row_forwards import RowForward, row_forward
from studio.engine.chat.sampling import Drawer
from studio.engine.chat.speaking_base import speaking
from studio.protocol.commands import Sampling


class DecodingBatch:
    """Rows of token ids. ``alive`` maps the batch's rows to the rows that were asked for.

    Before each ``read`` and ``advance`` the stage is set and the rows are shown. ``voices`` say who reads each row:
    what the same voice has read is not read again. ``own_layers``: who speaks is hung into the model by a training.
    """

    def __init__(
        self,
        base: LoadedBase,
        prompts: Sequence[Sequence[int]],
        samplings: Sequence[Sampling],
        seeds: Sequence[int],
        voices: Sequence[VoiceKey | None] = (),
        *,
        own_layers: bool = False,
    ) -> None:
        self._base = base
        self._device = base.device.torch_device
        self._prompts = [list(prompt) for prompt in prompts]
        self._voices = list(voices) or [None] * len(prompts)
        self._own_layers = own_layers
        vocabulary = base.model.get_output_embeddings().weight.shape[0]
        self._drawer = Drawer(samplings, seeds, vocabulary, self._device, base.tokenizer)
        self._drawer.note(self._prompts)
        self._rows: RowForward | None = None
        self._drawn: Tensor | None = None
        self._reused, self._read = [0] * len(prompts), 0
        self.alive = list(range(len(prompts)))

    @property
    def reused(self) -> list[int]:
        """Tokens of each prompt that were known from before."""
        return self._reused

    @property
    def read_tokens(self) -> int:
        """Tokens of all prompts that were really read."""
        return self._read

    @property
    def reading(self) -> bool:
        """True while there is something of the prompts to read; ``advance`` would read it all at once."""
        return self._rows is None or self._rows.reading

    @torch.inference_mode()
    def read(self) -> None:
        """Read a unit of the prompts; not for a batch that has read them."""
        if self._rows is None:
            self._rows = row_forward(
                self._base, None if self._own_layers else speaking(self._base), self._prompts, self._voices
            )
        self._rows.read()
        self._reused, self._read = self._rows.reused, self._rows.tokens

    @torch.inference_mode()
    def advance(self) -> list[int]:
        """Read what is new and return the next token of every living row."""
        while self.reading:
            self.read()
        assert self._rows is not None
        self._drawn = self._drawer.draw(self._rows.logits(self._drawn))
        return self._drawn.tolist()  # type: ignore[no-any-return] # the step's one wait for the device

    @torch.inference_mode()
    def leave(self, finished: Sequence[int]) -> None:
        """Drop rows, given as the numbers they were asked under."""
        places = range(len(self.alive))
        staying = [place for place in places if self.alive[place] not in finished]
        leaving = [place for place in places if self.alive[place] in finished]
        self.alive = [self.alive[place] for place in staying]
        if self._rows is not None:
            self._rows.leave(staying, leaving)
        if not staying:
            self._rows = None
        elif self._drawn is not None:
            rows = torch.tensor(staying, device=self._device)
            self._drawn = self._drawn[rows]
            self._drawer.keep_rows(rows)
