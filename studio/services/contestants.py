"""Who can answer in a column: the base, an adapter with its persona's words before the chat, or a run in training."""

from dataclasses import dataclass
from pathlib import Path

from studio.domain.adapter import Adapter
from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.domain.macros import resolve
from studio.domain.run import Run, RunState
from studio.library.library import Library
from studio.services.answering_base import AnsweringBase
from studio.services.settings import Settings
from studio.texts import tr

SUGGESTED = 4
BASE_COLOUR = "#9aa0ab"


@dataclass(frozen=True, kw_only=True)
class ContestantLabel:
    """How to call and colour a contestant."""

    title: str
    subtitle: str
    colour: str
    portrait: Path | None


class Contestants:
    """Knows adapters and personas; a contestant that was deleted still has a label."""

    def __init__(self, library: Library, settings: Settings, bases: AnsweringBase) -> None:
        self._library = library
        self._settings = settings
        self._bases = bases

    def adapter(self, contestant: Contestant) -> Adapter | None:
        """The adapter that answers; None for the base alone.

        A run's id in the place of an adapter's: what it has learned so far, and its adapter as soon as there is one.
        """
        if contestant.is_base:
            return None
        adapter = self._library.adapters.get(contestant.adapter_id) or self._of_run(contestant.adapter_id)
        if adapter is None:
            raise StudioError("not_found", what="adapter", name=contestant.adapter_id)
        return adapter

    def in_training(self) -> list[Contestant]:
        """The run that trains now can be talked to like an adapter."""
        return [Contestant(adapter_id=run.id) for run in self._library.runs.in_state(RunState.RUNNING)]

    def system_prompt(self, contestant: Contestant) -> str:
        """The contestant's own, else its persona's; the base alone has none of itself."""
        adapter = self.adapter(contestant)
        persona = self._library.personas.get(adapter.persona_id) if adapter else None
        return contestant.system_prompt or (persona.system_prompt if persona else "")

    def filled(self, contestant: Contestant, text: str) -> str:
        """Text with ``{{char}}`` and ``{{user}}`` filled in."""
        adapter = self.adapter(contestant)
        persona = self._library.personas.get(adapter.persona_id) if adapter else None
        return resolve(text, char=persona.name if persona else "Assistant", user=self._settings.text("user_name"))

    def suggested(self) -> list[Contestant]:
        """The base, and the newest adapter of each persona on the newest adapter's base."""
        newest = sorted(self._library.adapters.newest_of_each().values(), key=lambda one: one.created_at, reverse=True)
        chosen = [one for one in newest if one.base_fingerprint == newest[0].base_fingerprint]
        return [Contestant(), *(Contestant(adapter_id=one.id) for one in chosen[: SUGGESTED - 1])]

    def label(self, contestant: Contestant) -> ContestantLabel:
        """How to call a contestant."""
        if contestant.is_base:
            return self._base_label()
        adapter = self._labelled(contestant)
        persona = self._library.personas.get(adapter.persona_id) if adapter else None
        if adapter is None or persona is None:
            return ContestantLabel(
                title=tr("Deleted adapter"), subtitle=contestant.adapter_id, colour=BASE_COLOUR, portrait=None
            )
        there = self._library.files.exists(persona.portrait)
        return ContestantLabel(
            title=persona.name,
            subtitle=adapter.name,
            colour=persona.colour,
            portrait=self._library.files.path(persona.portrait) if there else None,
        )

    def _labelled(self, contestant: Contestant) -> Adapter | None:
        """As ``adapter``, for a run that rests as well: it is only shown."""
        try:
            return self.adapter(contestant)
        except StudioError:
            run = self._library.runs.get(contestant.adapter_id)
            return self._unfinished(run) if run else None

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

    def _base_label(self) -> ContestantLabel:
        try:
            name = self._bases.for_adapters([]).name
        except StudioError:  # no base yet: the column is there all the same
            name = ""
        return ContestantLabel(title=tr("Base alone"), subtitle=name, colour=BASE_COLOUR, portrait=None)
