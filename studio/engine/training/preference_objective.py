"""DPO: the kept reply shall gain more than the passed-over one on where the run began (Rafailov et al., 2305.18290).

With m = log p(kept) - log p(passed over), the loss of a pair is -log sigmoid(beta (m - m of the reference)). The
reference is the same model with the adapter off, or as the run found it: one base serves both.
"""

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from studio.domain.preferences import PREFERENCE_ACCURACY, PREFERENCE_LOSS, PREFERENCE_MARGIN
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.batches import collate, micro_batches
from studio.engine.forward.evaluation import EVALUATION_BUDGET, autocast
from studio.engine.forward.loss_head import row_losses
from studio.engine.forward.modes import Mode, Stage
from studio.engine.training.checkpoints import Learner
from studio.engine.training.preference_pairs import PreferenceDataset, PreferencePair
from studio.engine.training.preference_reference import ReferenceFile

Figures = dict[str, float]


@runtime_checkable
class ChoiceOptions(Protocol):
    """What a method that learns preferences has among its options."""

    @property
    def beta(self) -> float:
        """How closely to keep to the reference."""

    @property
    def label_smoothing(self) -> float:
        """The share of choices that is taken to be mistaken."""


class PreferenceObjective:
    """``prepare`` before the first step; whatever is learned then, the reference's margins stay what they are."""

    def __init__(
        self, base: LoadedBase, stage: Stage, options: ChoiceOptions, data: PreferenceDataset, folder: Path
    ) -> None:
        self._base = base
        self._stage = stage
        self._options = options
        self._data = data
        self._file = ReferenceFile(folder, base, [*data.train, *data.heldout_pairs])
        self._reference: dict[int, float] = {}

    def prepare(self, learner: Learner, begin: Callable[[], None] | None) -> Generator[None, None, None]:
        """Know the reference: read again what the run's start has kept, or measure it and keep it.

        An adapter that began as no change (``begin`` None) is hidden for that; one that began as another's copy is set
        back to it by ``begin``, and afterwards is what it was.
        """
        self._reference = self._file.read() or self._reference
        if self._reference:
            return
        with _as_begun(learner, begin):
            mode = Mode.MEASURING if begin else Mode.REFERENCE
            found = yield from margins(self._base, [*self._data.train, *self._data.heldout_pairs], self._in(mode))
        self._file.write(found)
        self._reference = found

    def weight(self, examples: Sequence[PreferencePair]) -> int:
        """Pairs."""
        return len(examples)

    def summed_loss(self, examples: Sequence[PreferencePair]) -> Tensor:
        """Summed over the pairs."""
        margin = _margins(self._base, examples)
        reference = torch.tensor([self._reference[pair.number] for pair in examples]).to(margin)
        return self._losses(margin - reference).sum()

    def extras(self) -> Generator[None, None, Figures]:
        """What the held-out pairs say: the loss, the share ordered rightly, and by how much (beta times the gain)."""
        pairs = self._data.heldout_pairs
        if not pairs or not self._reference:
            return {}
        found = yield from margins(self._base, pairs, self._in(Mode.MEASURING))
        gains = torch.tensor([found[pair.number] - self._reference[pair.number] for pair in pairs], dtype=torch.float64)
        right = (gains > 0).double() + (gains == 0).double() / 2
        return {
            PREFERENCE_LOSS: float(self._losses(gains).mean()),
            PREFERENCE_ACCURACY: float(right.mean()),
            PREFERENCE_MARGIN: float(gains.mean()) * self._options.beta,
        }

    def extras_of_start(self) -> Figures:
        """Before the first step the run is its own reference: nothing is preferred, whatever the pairs are."""
        if not self._data.heldout_pairs:
            return {}
        return {PREFERENCE_LOSS: math.log(2), PREFERENCE_ACCURACY: 0.5, PREFERENCE_MARGIN: 0.0}

    def deciding(self, loss: float, extras: Figures) -> float:
        """How good a checkpoint is: choosing rightly may make the persona's own lines a little dearer."""
        return extras.get(PREFERENCE_LOSS, loss)

    def _losses(self, gains: Tensor) -> Tensor:
        """Of each pair. With doubt, a pair counts partly as if it had been chosen the other way round (cDPO)."""
        doubt, scaled = self._options.label_smoothing, self._options.beta * gains
        return -(1 - doubt) * logsigmoid(scaled) - doubt * logsigmoid(-scaled)

    def _in(self, mode: Mode) -> Callable[[], None]:
        def prepare() -> None:
            self._stage.enter(mode)
            self._base.rack.open_gates()

        return prepare


@contextmanager
def _as_begun(learner: Learner, begin: Callable[[], None] | None) -> Iterator[None]:
    if begin is None:
        yield
        return
    now = {name: one.detach().clone() for name, one in learner.parameters.items()}
    try:
        begin()
        yield
    finally:
        with torch.no_grad():
            for name, one in learner.parameters.items():
                one.copy_(now[name])


def margins(
    base: LoadedBase, pairs: Sequence[PreferencePair], prepare: Callable[[], None]
) -> Generator[None, None, dict[int, float]]:
    """Return log p(kept) - log p(passed over) by the pair's number; yields after each batch.

    The batches depend on the pairs alone, so that the same weights give the same figures to the bit. ``prepare`` is
    called before each: other jobs may have used the model since the last one.
    """
    found: dict[int, float] = {}
    for group in micro_batches(pairs, EVALUATION_BUDGET):
        prepare()
        with torch.no_grad(), autocast(base):
            measured = _margins(base, group).tolist()
        found |= {pair.number: margin for pair, margin in zip(group, measured, strict=True)}
        yield
    return found


def _margins(base: LoadedBase, pairs: Sequence[PreferencePair]) -> Tensor:
    """Return fp32 [pairs]: the kept replies lie in the first half of one batch, the passed-over ones in the second."""
    windows = [pair.chosen for pair in pairs] + [pair.rejected for pair in pairs]
    batch = collate(windows, base.tokenizer.pad_token_id or 0, base.device.torch_device)
    kept, lost = row_losses(base.model, batch).chunk(2)
    return lost - kept
