"""One run on the engine, from loading its base to the adapter in the library."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from studio import paths
from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.recipe import Recipe
from studio.domain.run import Run, RunState
from studio.library.library import Library
from studio.protocol import commands, events
from studio.services.background import Deliver, as_bug, run_in_background
from studio.services.change_feed import ChangeFeed
from studio.services.engine import DEATHS, Engine
from studio.services.job import Job
from studio.services.memory_advice import place_of, remember
from studio.services.models import Models
from studio.services.run_adapter import PlacedAdapter, place_adapter, store_adapter
from studio.services.run_base import base_name, place_base
from studio.services.run_data import write_run_data
from studio.services.run_feed import RunFeed
from studio.services.run_plan import method_named
from studio.services.run_probes import SAMPLING, kept_probes, neutral_text
from studio.services.settings import Settings
from studio.services.undo import Undo

_CAN_GO_ON = frozenset({"disk_full", "out_of_memory", "memory_exhausted"})
"""Troubles after which a run may go on from its checkpoint once there is room again."""


@dataclass(frozen=True, kw_only=True)
class RunHost:
    """What every run needs around it. ``lost`` are runs whose engine died and that wait for another."""

    deliver: Deliver
    changes: ChangeFeed
    models: Models
    settings: Settings
    undo: Undo
    lost: set[str] = field(default_factory=set)


OnEnded = Callable[["ActiveRun", RunState, StudioError | None, bool], None]


class ActiveRun:
    """``ended(self, state, error, engine_lost)`` is called once, on the app's thread."""

    def __init__(
        self,
        run: Run,
        library: Library,
        engine: Engine,
        host: RunHost,
        notice: Callable[["ActiveRun"], None],
        ended: OnEnded,
    ) -> None:
        self.run_id = run.id
        self.feed = RunFeed(run.id, library, lambda: notice(self))
        self._run = run
        self._library = library
        self._engine = engine
        self._host = host
        self._ended = ended
        self._job = ""
        self._wish = ""
        self._begun = False

    @property
    def _folder(self) -> Path:
        return paths.runs(self._library.folder) / self.run_id

    def want(self, word: str) -> None:
        """``sample`` or ``save``, after the step that the run is in."""
        if self._begun:
            self._engine.tell(
                commands.SampleNow(job=self._job) if word == "sample" else commands.SaveNow(job=self._job)
            )

    def wish(self, word: str) -> None:
        """``pause`` or ``stop``; kept until the engine has begun the run, for one that waits would be dropped."""
        self._wish = word
        if self._begun:
            self._engine.tell(commands.Pause(job=self._job) if word == "pause" else commands.Stop(job=self._job))

    def begin(self, recipe: Recipe) -> None:
        """Write the data, get the base into memory, then train."""
        self._recipe = recipe
        try:
            self._base = self._host.models.get(self._run.base_id)
            self._write_data()
            self._start = self._start_from()
            self._probes = self._kept_probes()
        except StudioError as error:
            self._fail(error)
            return
        except OSError as error:
            self._fail(as_bug(error))
            return
        self._engine.bases.reserve(self._base, self._run.quantization)
        loading = self._engine.ensure_base(self._base.id, self._run.quantization)
        loading.on_end(lambda job: self._fail(job.error) if job.error else self._train())

    def _write_data(self) -> None:
        """Once: a resumed run must read the very same file, whatever the persona says by now."""
        target = self._folder / "data.jsonl"
        version = self._library.datasets.get(self._run.dataset_id)
        persona = self._library.personas.get(self._run.persona_id)
        if target.exists() or version is None or persona is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        stored = self._library.files.path(version.content)
        if not stored.is_file():
            raise StudioError("file_missing", path=str(stored))
        objective = method_named(self._run.method).objective
        write_run_data(stored, target, persona, self._host.settings.text("user_name"), objective=objective)

    def _kept_probes(self) -> list[commands.Probe]:
        """Once as well: samples of one run can be compared because nothing but the step differs."""
        persona = self._library.personas.get(self._run.persona_id)
        return kept_probes(self._folder, persona, self._host.settings.text("user_name")) if persona else []

    def _train(self) -> None:
        self._job = new_id("job")
        command = commands.Train(
            job=self._job,
            run_id=self.run_id,
            method=self._run.method,
            options=dict(self._recipe.options),
            data=str(self._folder / "data.jsonl"),
            folder=str(self._folder),
            resume=bool(self._run.started_at),
            start_from=self._start,
            probes=self._probes,
            probe_sampling=SAMPLING,
            neutral=str(neutral_text()),
            share_beside_others=int(str(self._host.settings.get("training_beside_chat"))) / 100,
        )
        self._engine.ask(command, self._heard, self._fail)

    def _heard(self, event: events.AnyEvent) -> None:
        if not self._begun and not isinstance(event, events.JobStarted):
            self._begun = True
            if self._wish:
                self.wish(self._wish)
        self._note(event)
        if isinstance(event, events.RunEnded):
            self._run_ended(event)

    def _note(self, event: events.AnyEvent) -> None:
        match event:
            case events.Progress():
                self.feed.progress(event.what)
            case events.TrainingStarted():
                self.feed.started(event, self._names())
            case events.StepDone():
                self.feed.step(event)
            case events.HeldOutMeasured():
                self.feed.held_out(event)
            case events.SampleWritten():
                self.feed.sample(event)
            case events.RunTold():
                self.feed.told(event.step, event.code, event.details, event.weight)
            case events.MemoryMeasured():
                self._remember_memory(event)
            case events.CheckpointSaved():
                self.feed.flush()

    def _remember_memory(self, event: events.MemoryMeasured) -> None:
        place = place_of(self._engine.status())
        figures = remember(self._library, self._run, self._recipe.options, self._base, place, event)
        self.feed.told(self.feed.live.step, "memory_measured", figures, "info")

    def _names(self) -> dict[str, object]:
        """What things are called now, for a reader who comes when they are gone."""
        persona = self._library.personas.get(self._run.persona_id)
        return {"persona": persona.name if persona else "", "base": self._base.name}

    def _start_from(self) -> str:
        """The folder of the adapter that the run continues."""
        adapter = self._library.adapters.get(self._run.continues) if self._run.continues else None
        if self._run.continues and adapter is None:
            raise StudioError("not_found", what="adapter", name=self._run.continues)
        return str(self._library.folder / adapter.path) if adapter else ""

    def _run_ended(self, event: events.RunEnded) -> None:
        self.feed.flush()
        self._library.runs.update(
            self.run_id,
            step=event.step,
            seconds=event.seconds,
            trained_tokens=event.trained_tokens,
            tokens_per_second=event.tokens_per_second,
            peak_memory_bytes=event.peak_memory_bytes,
            heldout_nll_base=event.heldout_nll_base,
            heldout_nll_adapter=event.heldout_nll_adapter,
            best_step=event.best_step,
        )
        if event.outcome == "paused":
            self._rest(event.resting)
        elif event.adapter and method_named(self._run.method).own_base:
            self._take_base(event)
        elif event.adapter:
            self._take_adapter(event)
        else:
            self._end(RunState.STOPPED)

    def _rest(self, reason: str) -> None:
        """Paused because somebody wanted that, the disk is full, or the engine was told to leave (a restart)."""
        if reason == "disk":
            self._end(RunState.PAUSED, StudioError("disk_full", path=str(self._folder)))
        elif self._wish:  # a wish to stop may have come when it was pausing already
            self._end(RunState.PAUSED)
        else:
            self._host.lost.add(self.run_id)
            self._end(RunState.INTERRUPTED, engine_lost=True)

    def _take_base(self, event: events.RunEnded) -> None:
        """Full fine-tuning ends as a base of its own, which stands under Models."""

        def placed(folder: Path) -> None:
            name = base_name(self._library, self._run, self._base)
            self._host.models.adopt(folder, name, self._base).on_end(kept)

        def kept(job: Job[BaseModel]) -> None:
            if job.error or job.result is None:
                self._fail(job.error or StudioError("base_incomplete", path=event.adapter, missing="config.json"))
                return
            self.feed.told(event.step, "run_made_base", {"name": job.result.name}, "info")
            self._end(RunState.FINISHED if event.outcome == "finished" else RunState.STOPPED)

        run_in_background(
            self._host.deliver,
            lambda background: place_base(self._library.folder, Path(event.adapter)),
            done=placed,
            failed=self._fail,
        )

    def _take_adapter(self, event: events.RunEnded) -> None:
        run_in_background(
            self._host.deliver,
            lambda background: place_adapter(self._library.folder, Path(event.adapter)),
            done=lambda placed: self._store(placed, event),
            failed=self._fail,
        )

    def _store(self, placed: PlacedAdapter, event: events.RunEnded) -> None:
        try:
            with self._library.transaction():
                adapter = store_adapter(self._library, placed, self._run, self._recipe, self._base, event)
                self._library.runs.update(self.run_id, adapter_id=adapter.id)
        except StudioError as error:
            self._fail(error)
            return
        self._host.changes.tell(Kind.ADAPTER, ids=(adapter.id,))
        self._end(RunState.FINISHED if event.outcome == "finished" else RunState.STOPPED)

    def _fail(self, error: StudioError) -> None:
        if error.code in DEATHS:
            self._host.lost.add(self.run_id)
            told = None if error.code == "engine_died" else error
            self._end(RunState.INTERRUPTED, told, engine_lost=True)
        elif error.code == "cancelled":
            self._cancelled()
        elif error.code in _CAN_GO_ON and self.feed.live.step:
            self._end(RunState.INTERRUPTED, error)
        else:
            self._end(RunState.FAILED, error)

    def _cancelled(self) -> None:
        """Taken out of the engine's queue before its first step, or the engine was restarted."""
        if self._wish:
            self._end(RunState.PAUSED if self._wish == "pause" else RunState.STOPPED)
        else:
            self._host.lost.add(self.run_id)
            self._end(RunState.INTERRUPTED, engine_lost=True)

    def _end(self, state: RunState, error: StudioError | None = None, *, engine_lost: bool = False) -> None:
        self.feed.flush()
        self._engine.bases.release()
        self._ended(self, state, error, engine_lost)


def failure_text(error: StudioError) -> str:
    """An error as a run keeps it: code and details as JSON."""
    plain = (int, float, str, bool)
    details = {key: value if isinstance(value, plain) else str(value) for key, value in error.details.items()}
    return json.dumps({"code": error.code, "details": details}, ensure_ascii=False)
