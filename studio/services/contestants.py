"""Who can answer in a column: the base, with or without a card, adapters and blends of them, a run in training."""

from collections.abc import Sequence

from studio.domain.adapter import Adapter
from studio.domain.card_text import full_prompt
from studio.domain.chat import CARD_FULL, Contestant
from studio.domain.errors import StudioError
from studio.domain.macros import resolve
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.library.library import Library
from studio.protocol.commands import Gate
from studio.services.answering_base import AnsweringBase, gate_of
from studio.services.contestant_labels import ContestantLabel, ContestantLabels
from studio.services.run_checkpoints import Making, RunCheckpoints
from studio.services.settings import Settings
from studio.texts import tr

__all__ = ["ContestantLabel", "Contestants"]
SUGGESTED = 4


class Contestants:
    """Knows adapters and personas; a contestant that was deleted still has a label."""

    def __init__(self, library: Library, settings: Settings, bases: AnsweringBase) -> None:
        self._library = library
        self._settings = settings
        self._checkpoints = RunCheckpoints(library)
        self._labels = ContestantLabels(library, bases, self.known)

    def adapter(self, contestant: Contestant) -> Adapter | None:
        """The adapter that answers (the first of a blend); None for the base alone.

        A run's id in the place of an adapter's: what it has learned so far, and its adapter as soon as there is one;
        with a step: what it had learned at that checkpoint.
        """
        parts = self.adapters(contestant)
        return parts[0] if parts else None

    def adapters(self, contestant: Contestant) -> list[Adapter]:
        """All adapters that speak together, in the order of ``contestant.parts``."""
        return [self._checkpoints.adapter(id, step) if step else self._found(id) for id, step in _voices(contestant)]

    def described(self, contestant: Contestant) -> list[Adapter]:
        """The same without files: no checkpoint is made into an adapter for it, which takes time."""
        return [self._step(id, step) if step else self._found(id) for id, step in _voices(contestant)]

    def makings(self, contestants: Sequence[Contestant]) -> list[Making]:
        """What is to be done, on any thread, before these can speak: checkpoints that were never asked for."""
        wanted = dict.fromkeys(voice for contestant in contestants for voice in _voices(contestant) if voice[1])
        found = [self._checkpoints.making(*voice) for voice in wanted]
        return [one for one in found if one is not None]

    def gates(self, contestant: Contestant) -> list[Gate]:
        """The adapters as the engine hears of them; one that is blended in twice speaks with both weights."""
        weights: dict[str, float] = {}
        adapters = self.adapters(contestant)
        for adapter, part in zip(adapters, contestant.parts, strict=True):
            weights[adapter.id] = weights.get(adapter.id, 0.0) + part.weight
        by_id = {adapter.id: adapter for adapter in adapters}
        return [gate_of(self._library.folder, by_id[id], weight) for id, weight in weights.items()]

    def persona(self, contestant: Contestant) -> Persona | None:
        """Whose card stands before the chat: the one that was chosen, else the adapter's."""
        if contestant.persona_id:
            return self._library.personas.get(contestant.persona_id)
        adapters = self.described(contestant)
        return self._library.personas.get(adapters[0].persona_id) if adapters else None

    def known(self, contestant: Contestant) -> Adapter | None:
        """As ``adapter``, but for showing only: a run that rests counts, and what is gone is None."""
        if contestant.step:
            return self._checkpoints.described(contestant.adapter_id, contestant.step)
        try:
            return self.adapter(contestant)
        except StudioError:
            run = self._library.runs.get(contestant.adapter_id)
            return self._unfinished(run) if run else None

    def in_training(self) -> list[Contestant]:
        """The run that trains now can be talked to like an adapter."""
        return [Contestant(adapter_id=run.id) for run in self._library.runs.in_state(RunState.RUNNING)]

    def steps(self, run_id: str) -> list[int]:
        """The steps of a run whose checkpoints can be talked to, the oldest first."""
        return self._checkpoints.steps(run_id)

    def system_prompt(self, contestant: Contestant) -> str:
        """The contestant's own, else what its persona's card says; the base alone has none of itself."""
        persona = self.persona(contestant)
        return contestant.system_prompt or self.card_prompt(contestant, persona)

    def card_prompt(self, contestant: Contestant, persona: Persona | None) -> str:
        """The short form that adapters were trained with, or the whole card."""
        if persona is None:
            return ""
        return full_prompt(persona, self.user_name) if contestant.card == CARD_FULL else persona.system_prompt

    def name(self, contestant: Contestant) -> str:
        """What ``{{char}}`` stands for."""
        persona = self.persona(contestant)
        return persona.name if persona else "Assistant"

    @property
    def user_name(self) -> str:
        """What ``{{user}}`` stands for."""
        return self._settings.text("user_name")

    def filled(self, contestant: Contestant, text: str) -> str:
        """Text with ``{{char}}`` and ``{{user}}`` filled in."""
        return resolve(text, char=self.name(contestant), user=self.user_name)

    def suggested(self) -> list[Contestant]:
        """The base, and the newest adapter of each persona on the newest adapter's base."""
        newest = sorted(self._library.adapters.newest_of_each().values(), key=lambda one: one.created_at, reverse=True)
        chosen = [one for one in newest if one.base_fingerprint == newest[0].base_fingerprint]
        return [Contestant(), *(Contestant(adapter_id=one.id) for one in chosen[: SUGGESTED - 1])]

    def label(self, contestant: Contestant) -> ContestantLabel:
        """How to call a contestant."""
        return self._labels.label(contestant)

    def every_adapter(self, contestants: Sequence[Contestant]) -> list[Adapter]:
        """The adapters of all of them, for finding the base that they share."""
        return [adapter for contestant in contestants for adapter in self.adapters(contestant)]

    def _step(self, run_id: str, step: int) -> Adapter:
        found = self._checkpoints.described(run_id, step)
        if found is None:
            raise StudioError("not_found", what="run", name=run_id)
        return found

    def _found(self, adapter_id: str) -> Adapter:
        adapter = self._library.adapters.get(adapter_id) or self._of_run(adapter_id)
        if adapter is None:
            raise StudioError("not_found", what="adapter", name=adapter_id)
        return adapter

    def _of_run(self, run_id: str) -> Adapter | None:
        run = self._library.runs.get(run_id)
        if run is None or run.adapter_id:
            return self._library.adapters.get(run.adapter_id) if run else None
        if run.state is not RunState.RUNNING:
            raise StudioError("run_not_training", run=run_id)
        return self._unfinished(run)

    def _unfinished(self, run: Run) -> Adapter:
        """An adapter that lies in no folder yet: the engine takes it from the training."""
        base = self._library.bases.get(run.base_id)
        return Adapter(
            id=run.id, name=tr("run {number}, in training", number=run.number), persona_id=run.persona_id,
            base_id=run.base_id, base_fingerprint=base.fingerprint if base else "", run_id=run.id, method=run.method,
            rank=0, alpha=0.0, step=run.step, path="", content="", size_bytes=0,
        )  # fmt: skip


def _voices(contestant: Contestant) -> list[tuple[str, int]]:
    """Id and step of all that speak; only a first one that is no blend's has a step."""
    first = contestant.step if contestant.adapter_id else 0
    return [(part.adapter_id, 0 if at else first) for at, part in enumerate(contestant.parts)]
