"""How a base comes in: the engine reads or converts it, and its shape becomes a row's worth of figures."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.base_model import BaseModel
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.protocol import commands, events
from studio.services.background import Deliver, finishing, run_in_background
from studio.services.engine import Engine
from studio.services.job import Job, Progress

Keep = Callable[[BaseModel], None]


@dataclass(frozen=True, kw_only=True)
class BaseLabels:
    """What the files themselves do not say about a base."""

    name: str
    hub_id: str = ""
    licence: str = ""


class BaseIntake:
    """``keep`` is called with the new base on the app's thread; a trouble fails the job instead."""

    def __init__(self, library: Path, engine: Engine, deliver: Deliver) -> None:
        self._library = library
        self._engine = engine
        self._deliver = deliver

    def inspect(self, folder: Path, labels: BaseLabels, job: Job[BaseModel], keep: Keep) -> None:
        """Read the shape of a folder, which stays where it is."""

        def inspected(event: events.BaseInspected) -> None:
            keep(_base(event, new_id("base"), str(folder), labels))

        self._ask(commands.InspectBase(job=job.id, path=str(folder)), job, inspected, job.fail)

    def convert(self, gguf: Path, labels: BaseLabels, job: Job[BaseModel], keep: Keep) -> None:
        """Have the engine turn a GGUF file into a folder, then put that into its place in one step."""
        base_id, room = new_id("base"), paths.bases(self._library)
        staged = atomic_files.partial_path(room)

        def failed(error: StudioError) -> None:
            shutil.rmtree(staged, ignore_errors=True)
            job.fail(error)

        def converted(event: events.BaseInspected) -> None:
            base = _base(event, base_id, f"{room.name}/{base_id}", labels)
            run_in_background(
                self._deliver,
                lambda background: atomic_files.place_folder(staged, room / base_id),
                done=lambda _: finishing(job, lambda: keep(base)),
                failed=failed,
            )

        command = commands.ConvertBase(job=job.id, source=str(gguf), target=str(staged))
        self._ask(command, job, converted, failed)

    def _ask(
        self,
        command: commands.AnyCommand,
        job: Job[BaseModel],
        inspected: Callable[[events.BaseInspected], None],
        failed: Callable[[StudioError], None],
    ) -> None:
        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.Progress):
                job.advance(Progress(what=event.what, done=event.done, total=event.total))
            elif isinstance(event, events.BaseInspected):
                finishing(job, lambda: inspected(event))

        job.when_cancelled(lambda: self._engine.cancel(job.id))
        self._engine.ask(command, heard, failed)


def _base(event: events.BaseInspected, base_id: str, path: str, labels: BaseLabels) -> BaseModel:
    return BaseModel(
        id=base_id,
        name=labels.name,
        path=path,
        fingerprint=event.fingerprint,
        parameters=event.parameters,
        architecture=event.architecture,
        layers=event.layers,
        hidden_size=event.hidden_size,
        intermediate_size=event.intermediate_size,
        vocabulary=event.vocabulary,
        heads=event.heads,
        key_value_heads=event.key_value_heads,
        context_length=event.context_length,
        hub_id=labels.hub_id,
        licence=labels.licence,
        created_at=now(),
    )
