"""Bases: the starter from its wheel, folders and GGUF files of the user's own, and what each needs in memory."""

import shutil
from dataclasses import replace
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.domain.run import RunState
from studio.library.library import Library
from studio.services.background import Deliver, finishing, run_in_background
from studio.services.base_folder_check import check_base_folder, hub_id_of
from studio.services.base_intake import BaseIntake, BaseLabels
from studio.services.change_feed import ChangeFeed
from studio.services.engine import Engine
from studio.services.job import Job
from studio.services.lookup import find_one
from studio.services.memory_estimate import base_memory
from studio.services.settings import Settings
from studio.services.starter import STARTER, fetch_starter
from studio.services.undo import Undo


class Models:
    """Base models that the library knows. ``path`` of what it returns is absolute; in the database it is portable."""

    def __init__(
        self,
        library: Library,
        changes: ChangeFeed,
        engine: Engine,
        settings: Settings,
        undo: Undo,
        deliver: Deliver,
    ) -> None:
        self._library = library
        self._changes = changes
        self._settings = settings
        self._undo = undo
        self._deliver = deliver
        self._intake = BaseIntake(library.folder, engine, deliver)
        self._starter_job: Job[BaseModel] | None = None

    def list(self) -> list[BaseModel]:
        """All bases, newest first."""
        return [self._placed(base) for base in self._library.bases.all()]

    def get(self, id_or_name: str = "") -> BaseModel:
        """The base with this id or name; the default one when empty."""
        if id_or_name:
            return self._placed(find_one("base", id_or_name, self._library.bases.get, self._library.bases.find))
        everything = self._library.bases.all()
        if not everything:
            raise StudioError("base_needed")
        default = self._settings.text("default_base")
        named = [base for base in everything if default in (base.id, base.name)]
        return self._placed((named or everything)[0])

    def by_fingerprint(self, fingerprint: str) -> BaseModel | None:
        """The base that an adapter with this fingerprint belongs to."""
        found = self._library.bases.by_fingerprint(fingerprint)
        return self._placed(found) if found else None

    def install_starter(self) -> Job[BaseModel]:
        """Get the small starter base; there already, or on its way: the same one."""
        there = [base for base in self._library.bases.all() if self._is_starter(base)]
        if there:
            done: Job[BaseModel] = Job("starter")
            done.finish(self._placed(there[0]))
            return done
        if self._starter_job is None or self._starter_job.ended:
            self._starter_job = self._fetch_starter()
        return self._starter_job

    def add(self, path: Path) -> Job[BaseModel]:
        """Add a model folder, which stays where it is, or a GGUF file, which is converted into the library."""
        path = path.expanduser().resolve()
        is_gguf = path.suffix.lower() == ".gguf" and path.is_file()
        job: Job[BaseModel] = Job("converting" if is_gguf else "inspecting")
        if is_gguf:
            self._intake.convert(path, BaseLabels(name=path.stem), job, lambda base: self._keep(job, base))
            return job
        try:
            check_base_folder(path)
        except StudioError as error:
            job.fail(error)
            return job
        labels = BaseLabels(name=path.name, hub_id=hub_id_of(path))
        self._intake.inspect(path, labels, job, lambda base: self._keep(job, base))
        return job

    def adopt(self, folder: Path, name: str, origin: BaseModel) -> Job[BaseModel]:
        """Take a base that a run made; its folder lies among the library's bases already.

        Where no default is set the newest base is it, and a run at night is not to change that: ``origin`` becomes it.
        """
        if not self._settings.text("default_base"):
            self._settings.set("default_base", self.get().id)
        job: Job[BaseModel] = Job("inspecting")
        place = f"{folder.parent.name}/{folder.name}"
        labels = BaseLabels(name=name, licence=origin.licence)
        self._intake.inspect(folder, labels, job, lambda base: self._keep(job, replace(base, path=place)))
        return job

    def remove(self, base_id: str) -> str:
        """Forget a base (its files stay); return the token of ``undo``."""
        active = self._library.runs.in_state(RunState.RUNNING, RunState.QUEUED)
        if used := [run for run in active if run.base_id == base_id]:
            raise StudioError("run_active", run=used[0].id)
        return self._undo.remove(Kind.BASE, base_id)

    def memory_needed(self, base: BaseModel) -> dict[str, int]:
        """Bytes to run the base, by the way it is kept."""
        return base_memory(base)

    def _placed(self, base: BaseModel) -> BaseModel:
        return replace(base, path=str(self._library.folder / base.path))

    def _is_starter(self, base: BaseModel) -> bool:
        return base.hub_id == STARTER.hub_id and (self._library.folder / base.path).is_dir()

    def _fetch_starter(self) -> Job[BaseModel]:
        """Download and unpack into a folder that goes away with the job's end, then convert."""
        job: Job[BaseModel] = Job("starter")
        staging = atomic_files.partial_path(paths.bases(self._library.folder))
        job.on_end(lambda ended: shutil.rmtree(staging, ignore_errors=True))

        def keep(base: BaseModel) -> None:
            self._keep(job, base)

        def fetched(gguf: Path) -> None:
            download.check()  # given up after the last byte, when the thread looked no more
            self._intake.convert(gguf, STARTER, job, keep)

        download = run_in_background(
            self._deliver,
            lambda background: fetch_starter(staging, background),
            done=lambda gguf: finishing(job, lambda: fetched(gguf)),
            failed=job.fail,
            advance=job.advance,
        )
        job.when_cancelled(download.cancelled.set)
        return job

    def _keep(self, job: Job[BaseModel], base: BaseModel) -> None:
        """A base that is known already, by its fingerprint and place, is not added twice."""
        for known in self._library.bases.all():
            if (known.fingerprint, known.path) == (base.fingerprint, base.path):
                job.finish(self._placed(known))
                return
        self._library.bases.add(base)
        self._changes.tell(Kind.BASE, ids=(base.id,))
        job.finish(self._placed(base))
