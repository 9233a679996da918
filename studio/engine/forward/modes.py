"""Train and chat share one model; whoever's turn it is sets the stage here, and nowhere else."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.evaluation import autocast
from studio.engine.forward.fast_path import FastPath
from studio.engine.text.chat_encoding import Window


class Mode(Enum):
    """``OTHERS``: chat and evaluation through the rack. ``MEASURING``: held-out loss of the adapter in training.

    ``REFERENCE``: the base alone, computed as training computes, so that losses before and after can be compared.
    ``SPEAKING``: what is in training answers through its own layers; tokens come one by one, as no fast path reads.
    """

    OTHERS = "others"
    REFERENCE = "reference"
    TRAINING = "training"
    MEASURING = "measuring"
    SPEAKING = "speaking"


class Tuner(Protocol):
    """A part that a training hung into the base; PEFT's layers have the same switch."""

    _disable_adapters: bool


class Stage:
    """Sets train or eval mode and shows or hides what learns; setting the mode it is in costs nothing."""

    def __init__(self, base: LoadedBase) -> None:
        self._base = base
        self._tuners: Sequence[Tuner] = ()
        self._fast: FastPath | None = None
        self._mode = Mode.OTHERS

    def adopt(self, tuners: Sequence[Tuner], fast: FastPath | None = None) -> None:
        """Take the parts of a training that begins, hidden, and what makes its passes faster."""
        self._tuners, self._fast = tuners, fast
        self._set(Mode.OTHERS)

    def dismiss(self) -> None:
        """The training ends and takes its layers away."""
        self._tuners = ()
        self._set(Mode.OTHERS)
        self._fast = None

    def enter(self, mode: Mode) -> None:
        """Be in ``mode``; in those that belong to a training no gate of the rack is set."""
        if mode is not Mode.OTHERS:
            self._base.rack.open_gates()
        if mode is not self._mode:
            self._set(mode)

    @property
    def packs(self) -> bool:
        """Whether the training reads packed batches."""
        return self._fast is not None and self._fast.packs

    def try_packing(self, windows: Sequence[Window], longest: int) -> bool:
        """Let the training read packed batches, if that changes nothing about the losses of these windows."""
        if self._fast is None:
            return False
        self.enter(Mode.REFERENCE)
        with autocast(self._base):
            return self._fast.try_packing(windows, self._base.device.torch_device, longest)

    def _set(self, mode: Mode) -> None:
        self._mode = mode
        self._base.model.train(mode is Mode.TRAINING)
        for tuner in self._tuners:
            # PEFT's public switch walks every parameter, 20 ms.
            tuner._disable_adapters = mode in (Mode.OTHERS, Mode.REFERENCE)
        if self._fast is not None:
            self._fast.switch(mode not in (Mode.OTHERS, Mode.SPEAKING))
