"""What learns in a run: the method's part in the base, its optimiser, and how the result is written."""

from pathlib import Path
from typing import Any

import torch

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.modes import Stage
from studio.engine.memory import release
from studio.engine.rack.adapter_files import (
    AdapterFactors,
    plain_config,
    read_config,
    read_tensors,
    scaling_of,
    understood,
    write_adapter,
)
from studio.engine.training.checkpoints import Learner
from studio.engine.training.learning_parts import LearnedTokens, LearningPart, PeftLayers
from studio.engine.training.optimizers import optimizer_for, optimizer_notes
from studio.engine.training.whole_model import WholeModel
from studio.methods.method import CommonOptions, Method


class Trainee:
    """Hangs in, hidden until the training enters the stage; ``leave`` gives the base back as it was.

    ``base`` and ``stage`` are what the run works on: those given, but a copy of the base apart for a method that
    changes the base itself.
    """

    def __init__(self, method: Method, options: CommonOptions, base: LoadedBase, stage: Stage) -> None:
        torch.manual_seed(options.seed)  # the start of what learns is drawn from the seed
        self._whole = WholeModel(base) if method.own_base else None
        self.base = self._whole.base if self._whole else base
        self.stage = self._whole.stage if self._whole else stage
        self._config: Any = method.peft_config(options, base.linear_names)
        self._part: LearningPart = self._whole or _part(self._config, base, stage)
        self.rackable = method.rackable
        self.notes = optimizer_notes(options, base.device)
        parameters = self._part.parameters
        self.learner = Learner(parameters=parameters, optimizer=optimizer_for(parameters, options, base.device))

    @property
    def trainable_parameters(self) -> int:
        """How many numbers are trained."""
        return sum(one.numel() for one in self.learner.parameters.values())

    def checkpoint_activations(self, wanted: bool) -> None:
        """Keep only each layer's input for the backward pass, or all that it needs."""
        if wanted:
            self.base.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        else:
            self.base.model.activation_checkpointing_disable()

    def start_from(self, folder: Path) -> None:
        """Begin with what an adapter of the same shape has learned; another alpha is made up for in its factors."""
        if self._whole:
            raise StudioError("start_from_whole")
        config, tensors = read_config(folder), read_tensors(folder)
        found = understood(tensors, config, str(folder))
        ours = self._part.tensors()
        if tensors.keys() != ours.keys() or any(tensors[name].shape != one.shape for name, one in ours.items()):
            raise StudioError("start_from_other_shape", path=str(folder))
        ratio = found.scaling / scaling_of(self._plain_config, found.rank, "") if found.pairs else 1.0
        with torch.no_grad():
            for name, one in ours.items():
                one.copy_(tensors[name] * ratio if name.endswith("lora_B.weight") else tensors[name])

    def snapshot(self) -> AdapterFactors | None:
        """What was learned so far, for the rack; None where the rack cannot hold it."""
        if not self.rackable:
            return None
        tensors = {name: one.detach().cpu().clone() for name, one in self._part.tensors().items()}
        return understood(tensors, self._plain_config, self.base.base_id)

    def write(self, folder: Path) -> None:
        """Write what was learned so far, whole or not at all: a PEFT folder, or a base folder of a base's own."""
        if self._whole:
            self._whole.write(folder)
        else:
            write_adapter(folder, self._part.tensors(), self._plain_config)

    def leave(self) -> None:
        """Take the method's part out; the base is frozen and in eval mode again."""
        self.base.model.activation_checkpointing_disable()
        self._part.leave()
        if not self._whole:
            self.base.model.requires_grad_(False)
            self.stage.dismiss()
        release()

    @property
    def _plain_config(self) -> dict[str, Any]:
        return plain_config(self._config, self.base.base_id)


def _part(config: Any, base: LoadedBase, stage: Stage) -> LearningPart:
    kind = LearnedTokens if config.is_prompt_learning else PeftLayers
    return kind(config, base, stage)
