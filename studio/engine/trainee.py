"""What learns in a run: the method's layers around the base's, their optimiser, and how the result is written."""

from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model, get_peft_model_state_dict

from studio.engine.adapter_files import plain_config, write_adapter
from studio.engine.base_loader import LoadedBase
from studio.engine.checkpoints import Learner
from studio.engine.memory import release
from studio.engine.modes import Stage
from studio.methods.method import Method, TrainingOptions


class Trainee:
    """Hangs in, hidden until the training enters the stage; ``leave`` gives the base back as it was."""

    def __init__(self, method: Method, options: TrainingOptions, base: LoadedBase, stage: Stage) -> None:
        self._base = base
        self._stage = stage
        torch.manual_seed(options.seed)  # the start of the factors is drawn from the seed
        self._config = method.peft_config(options, base.linear_names)
        self._peft: Any = get_peft_model(base.model, self._config)
        stage.adopt(self._peft)
        trainable = {name: one for name, one in self._peft.named_parameters() if one.requires_grad}
        optimizer = torch.optim.AdamW(trainable.values(), lr=options.learning_rate, weight_decay=0.0)
        self.learner = Learner(parameters=trainable, optimizer=optimizer)

    @property
    def trainable_parameters(self) -> int:
        """How many numbers are trained."""
        return sum(one.numel() for one in self.learner.parameters.values())

    def checkpoint_activations(self, wanted: bool) -> None:
        """Keep only each layer's input for the backward pass, or all that it needs."""
        if wanted:
            self._base.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        else:
            self._base.model.activation_checkpointing_disable()

    def write(self, folder: Path) -> None:
        """Write what was learned so far as a PEFT folder, whole or not at all."""
        write_adapter(folder, get_peft_model_state_dict(self._peft), plain_config(self._config, self._base.base_id))

    def leave(self) -> None:
        """Take the method's layers out; the base is frozen and in eval mode again."""
        self._base.model.activation_checkpointing_disable()
        self._peft.unload()
        self._peft = None
        self._base.model.requires_grad_(False)
        self._stage.dismiss()
        release()
