"""Train and chat share one model; whoever's turn it is sets the stage here, and nowhere else."""

from enum import Enum
from typing import Any

from studio.engine.base_loader import LoadedBase


class Mode(Enum):
    """``OTHERS``: chat and evaluation through the rack. ``MEASURING``: held-out loss of the adapter in training."""

    OTHERS = "others"
    TRAINING = "training"
    MEASURING = "measuring"


class Stage:
    """Sets train or eval mode and shows or hides the PEFT layers; setting the mode it is in costs nothing."""

    def __init__(self, base: LoadedBase) -> None:
        self._base = base
        self._tuners: list[Any] = []
        self._mode = Mode.OTHERS

    def adopt(self, model: Any) -> None:
        """Take the PEFT layers of a training that begins, hidden."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        self._tuners = [module for module in model.modules() if isinstance(module, BaseTunerLayer)]
        for tuner in self._tuners:
            tuner.cast_input_dtype_enabled = False  # autocast brings input and factors to bf16 together
        self._set(Mode.OTHERS)

    def dismiss(self) -> None:
        """The training ended and took its layers away."""
        self._tuners = []
        self._set(Mode.OTHERS)

    def enter(self, mode: Mode) -> None:
        """Be in ``mode``; in the two that belong to a training no gate of the rack is set."""
        if mode is not Mode.OTHERS:
            self._base.rack.open_gates()
        if mode is not self._mode:
            self._set(mode)

    def _set(self, mode: Mode) -> None:
        self._mode = mode
        self._base.model.train(mode is Mode.TRAINING)
        for tuner in self._tuners:
            tuner._disable_adapters = mode is Mode.OTHERS  # PEFT's public switch walks every parameter, 20 ms
