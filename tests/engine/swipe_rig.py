"""What the tests of preference training are built from: chats with swipes, and a base that learns from them."""

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.modes import Stage
from studio.engine.training.checkpoints import Learner, Standing
from studio.engine.training.learning_parts import PeftLayers
from studio.engine.training.preference_objective import PreferenceObjective
from studio.engine.training.preference_pairs import PreferenceDataset, PreferencePair, encode_preferences
from studio.engine.training.training_loop import TrainingLoop
from studio.methods.dpo import PreferenceOptions
from studio.methods.method import METHODS
from studio.protocol.dataset_file import ConversationLine
from tests.engine.rig import GradientRecorder, talk, write_data

T = TypeVar("T")


def result_of(work: Generator[None, None, T]) -> T:
    """Work a generator off and return what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def swiped(line: ConversationLine, at: int, *others: str) -> ConversationLine:
    """The same conversation, with swipes passed over at the turn ``at``."""
    turns = list(line.turns)
    turns[at] = msgspec.structs.replace(turns[at], passed_over=list(others))
    return msgspec.structs.replace(line, turns=turns)


def swiped_talk(number: int, *, heldout: bool = False) -> ConversationLine:
    """Four turns of unequal length; the first reply was preferred to one swipe or two."""
    reply = "The ferry leaves at dawn, friend. " * (1 + number % 3) + f"Bell {number}."
    others = [f"I am a helper and do not know, {number}.", "No. " * (1 + number % 4)][: 1 + number % 2]
    line = talk(f"c{number}", f"Who goes there, number {number}?", reply, "And then?", "Wait.", heldout=heldout)
    return swiped(line, 1, *others)


def swiped_data(path: Path, count: int = 12, heldout: int = 3) -> Path:
    """Chats with swipes, the last ones held out."""
    return write_data(path, (swiped_talk(number, heldout=number >= count - heldout) for number in range(count)))


def pairs_of(base: LoadedBase, place: Path, lines: Iterable[ConversationLine], limit: int = 512) -> PreferenceDataset:
    """The lines as pairs."""
    return encode_preferences(write_data(place / "pairs.jsonl", lines), base.template, limit)


class PairBench:
    """A base with PEFT's layers hung in as a run does it, B not zero: it differs from the reference."""

    def __init__(self, base: LoadedBase, data: PreferenceDataset, place: Path, **options: Any) -> None:
        self.base, self.stage, self.data = base, Stage(base), data
        ready = {"rank": 4, "alpha": 8.0, "batch_size": len(data.train), "beta": 0.3} | options
        self.options = PreferenceOptions(**ready)
        torch.manual_seed(0)
        config = METHODS.get("dpo").peft_config(self.options, base.linear_names)
        part = PeftLayers(config, base, self.stage)
        self.peft, self.parameters = part._peft, part.parameters
        self.change(0.05)
        self.objective = PreferenceObjective(base, self.stage, self.options, data, place / "run")
        self.learner = Learner(parameters=self.parameters, optimizer=GradientRecorder(self.parameters.values(), lr=0.0))
        result_of(self.objective.prepare(self.learner, None))

    def change(self, size: float) -> None:
        """Give the adapter something to say."""
        with torch.no_grad():
            for name, one in self.parameters.items():
                if "lora_B" in name:
                    one.normal_(std=size)

    def gradients(self) -> list[torch.Tensor]:
        """Gradients of the first step of the loop, unclipped if the caller saw to that."""
        self.loop = TrainingLoop(
            self.base, self.stage, self.data.train, self.objective, self.options, 1, self.learner, Standing()
        )
        result_of(self.loop.step())
        return self.learner.optimizer.recorded  # type: ignore[attr-defined,no-any-return]

    def plainly(self) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """The oracle: (gain of each pair, gradients of the mean loss), a row at a time through PEFT's own forward."""
        self.show(False)
        with torch.no_grad():
            reference = torch.stack([self._margin(pair) for pair in self.data.train])
        self.show(True)
        gains = torch.stack([self._margin(pair) for pair in self.data.train]) - reference
        loss = losses_by_hand(gains, self.options.beta, self.options.label_smoothing).mean()
        return gains.detach(), list(torch.autograd.grad(loss, list(self.parameters.values())))

    def show(self, adapter: bool) -> None:
        """Hide PEFT's layers or not, by its own switch."""
        (self.peft.enable_adapter_layers if adapter else self.peft.disable_adapter_layers)()

    def _margin(self, pair: PreferencePair) -> torch.Tensor:
        return self._log_probability(pair.chosen) - self._log_probability(pair.rejected)

    def _log_probability(self, row: Any) -> torch.Tensor:
        ids = torch.tensor([row.ids])
        chances = torch.log_softmax(self.peft(input_ids=ids).logits[0, :-1].float(), dim=-1)
        said = chances.gather(1, ids[0, 1:, None])[:, 0]
        return said[torch.tensor(row.trained[1:])].sum()


def losses_by_hand(gains: torch.Tensor, beta: float, doubt: float) -> torch.Tensor:
    """Cross-entropy of a coin with the chance sigmoid(beta x gain) to show the kept reply, as the paper writes it."""
    chance = 1 / (1 + torch.exp(-beta * gains))
    return -(1 - doubt) * torch.log(chance) - doubt * torch.log(1 - chance)
