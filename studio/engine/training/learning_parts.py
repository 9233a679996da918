"""What a method hangs into a base to learn with: PEFT's layers, or learned tokens before every row."""

from typing import Any, Protocol

import torch
from peft import get_peft_model, get_peft_model_state_dict
from peft.tuners.prompt_tuning import PromptEmbedding
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.fast_path import FastPath
from studio.engine.forward.modes import Stage
from studio.engine.rack.virtual_tokens import VirtualTokens


class LearningPart(Protocol):
    """``parameters`` by name are what the optimiser gets, ``tensors`` the same ones as an adapter's file has them."""

    parameters: dict[str, Tensor]

    def tensors(self) -> dict[str, Tensor]:
        """By the names of the adapter's file, sharing memory with the parameters."""

    def leave(self) -> None:
        """Take it out of the base."""


class PeftLayers:
    """Layers of PEFT's around the base's: the LoRA family and IA³."""

    def __init__(self, config: Any, base: LoadedBase, stage: Stage) -> None:
        self._base = base
        self._peft: Any = get_peft_model(base.model, config)
        tuners = [module for module in self._peft.modules() if isinstance(module, BaseTunerLayer)]
        for tuner in tuners:
            # Autocast brings input and factors to bf16 together. DoRA's norms are taken in the input's format: fp32.
            tuner.cast_input_dtype_enabled = bool(getattr(config, "use_dora", False))  # type: ignore[attr-defined]
        stage.adopt(tuners, FastPath(base.model))
        self.parameters = {name: one for name, one in self._peft.named_parameters() if one.requires_grad}

    def tensors(self) -> dict[str, Tensor]:
        """PEFT's own names."""
        return get_peft_model_state_dict(self._peft)  # type: ignore[no-any-return]

    def leave(self) -> None:
        """The base's layers stand in their places again. PEFT's own way refuses that for IA³ on quantised layers."""
        model = self._base.model
        for name, module in list(model.named_modules()):
            if isinstance(module, BaseTunerLayer):
                parent, _, last = name.rpartition(".")
                setattr(model.get_submodule(parent), last, module.get_base_layer())
        del model.peft_config  # PEFT's mark on it, from which it would take the next layers for further adapters
        self._peft = None


class LearnedTokens:
    """Prompt tuning. PEFT makes the tokens; they hang on the decoder, because the loss head asks it directly."""

    def __init__(self, config: Any, base: LoadedBase, stage: Stage) -> None:
        shape = base.model.config.get_text_config()
        words = base.model.get_input_embeddings()
        config.token_dim, config.num_transformer_submodules = int(words.weight.shape[1]), 1
        config.num_layers, config.num_attention_heads = shape.num_hidden_layers, shape.num_attention_heads
        made = PromptEmbedding(config, words).embedding.weight.detach().clone().float()
        self._tokens = torch.nn.Parameter(made.to(base.device.torch_device))
        self._virtual = VirtualTokens(base.model)
        stage.adopt([self])
        self.parameters: dict[str, Tensor] = {"prompt_embeddings": self._tokens}

    @property
    def _disable_adapters(self) -> bool:
        return not self._virtual.shown

    @_disable_adapters.setter
    def _disable_adapters(self, hidden: bool) -> None:
        if hidden:
            self._virtual.hide()
        else:
            self._virtual.show_all(self._tokens)

    def tensors(self) -> dict[str, Tensor]:
        """One matrix."""
        return {"prompt_embeddings": self._tokens.detach()}

    def leave(self) -> None:
        """The base reads what it is given again."""
        self._virtual.close()
