"""Figures about adapters that only the engine can give: who explains whose lines, and what the rack costs."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.library.library import Library
from studio.protocol import commands, events
from studio.services.answering_base import AnsweringBase, gate_of
from studio.services.data import DataBench
from studio.services.engine import Engine
from studio.services.job import Job, Progress
from studio.services.run_data import write_run_data
from studio.services.settings import Settings

HELD_OUT_FRACTION = 0.1


@dataclass(frozen=True, kw_only=True)
class IdentityMatrix:
    """``nll[i][j]``: nats per token of persona i's lines under explainer j. ``sides``: held-out lines, or trained ones
    where nothing was held out."""

    lines_of: tuple[str, ...]
    explained_by: tuple[str, ...]
    nll: tuple[tuple[float, ...], ...]
    sides: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RackFigures:
    """Milliseconds for a change of adapter, and the time of ``rows`` rows against one."""

    swap_ms: float
    rows: int
    ratio_to_one_row: float


class AdapterMeasure:
    """Asks the engine, with the right base in memory."""

    def __init__(
        self, library: Library, engine: Engine, data: DataBench, bases: AnsweringBase, settings: Settings
    ) -> None:
        self._library = library
        self._engine = engine
        self._data = data
        self._bases = bases
        self._settings = settings

    def evaluate(self, adapters: Sequence[Adapter], personas: Sequence[Persona]) -> Job[IdentityMatrix]:
        """Explain every persona's lines by the base and by every adapter."""
        job: Job[IdentityMatrix] = Job("evaluating")
        folder = atomic_files.partial_path(paths.runs(self._library.folder))
        folder.mkdir(parents=True)
        job.on_end(lambda ended: shutil.rmtree(folder, ignore_errors=True))
        base = self._bases.for_adapters(adapters)
        sets = [self._set(folder, persona) for persona in personas]
        gates = [gate_of(self._library.folder, adapter) for adapter in adapters]

        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.Evaluated):
                job.finish(
                    IdentityMatrix(
                        lines_of=tuple(persona.name for persona in personas),
                        explained_by=("base", *(adapter.name for adapter in adapters)),
                        nll=tuple(tuple(row) for row in event.nll),
                        sides=tuple(one.side for one in sets),
                    )
                )

        self._ask(job, base, commands.Evaluate(job=job.id, gates=gates, sets=sets), heard)
        return job

    def measure(self, adapters: Sequence[Adapter], rows: int) -> Job[RackFigures]:
        """Time the rack with these adapters."""
        job: Job[RackFigures] = Job("measuring")
        base = self._bases.for_adapters(adapters)
        gates = [gate_of(self._library.folder, adapter) for adapter in adapters]

        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.Measured):
                job.finish(RackFigures(swap_ms=event.swap_ms, rows=event.rows, ratio_to_one_row=event.ratio_to_one_row))

        self._ask(job, base, commands.Measure(job=job.id, gates=gates, rows=rows), heard)
        return job

    def _set(self, folder: Path, persona: Persona) -> commands.EvaluationSet:
        newest = self._library.datasets.newest(persona.id)
        version = newest or self._data.snapshot(persona.id, HELD_OUT_FRACTION)
        if not version.persona_turns:
            raise StudioError("nothing_to_train")
        data = folder / f"{persona.id}.jsonl"
        write_run_data(self._data.version_path(version), data, persona, self._settings.text("user_name"))
        side = "heldout" if version.heldout_conversations else "train"
        return commands.EvaluationSet(label=persona.name, data=str(data), side=side)

    def _ask(self, job: Job, base: BaseModel, command: commands.AnyCommand, result) -> None:  # type: ignore[type-arg,no-untyped-def]
        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.Progress):
                job.advance(Progress(what=event.what, done=event.done, total=event.total))
            result(event)

        cancelled: list[bool] = []
        job.when_cancelled(lambda: cancelled.append(True))

        def go_on(loaded: Job[None]) -> None:
            if loaded.error or cancelled:
                job.fail(loaded.error or StudioError("cancelled"))
                return
            job.when_cancelled(lambda: self._engine.cancel(job.id))
            self._engine.ask(command, heard, job.fail)

        self._bases.load(base).on_progress(job.advance).on_end(go_on)
