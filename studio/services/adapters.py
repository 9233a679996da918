"""Adapters: what runs made, where it came from, how well it tells its persona's lines apart, and how it leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.changes import Kind
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.macros import resolve
from studio.domain.recipe import Recipe
from studio.domain.run import Run
from studio.exporters.exporter import EXPORTERS, Exporter, ExportRequest
from studio.library.library import Library
from studio.methods.method import METHODS
from studio.services.adapter_export import ExportReport, write_export
from studio.services.adapter_measure import AdapterMeasure, IdentityMatrix, RackFigures
from studio.services.background import Deliver, finishing, run_in_background
from studio.services.change_feed import ChangeFeed
from studio.services.job import Job
from studio.services.lookup import find_one
from studio.services.models import Models
from studio.services.settings import Settings
from studio.services.undo import Undo


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """Where an adapter came from. Parts that were deleted since are None."""

    adapter: Adapter
    run: Run | None
    recipe: Recipe | None
    dataset: DatasetVersion | None
    base: BaseModel | None


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """A way out of the library."""

    name: str
    label: str
    summary: str


_Formats = list[ExportFormat]  # inside the class, ``list`` is the method


class Adapters:
    """The adapters of all personas."""

    def __init__(
        self,
        library: Library,
        changes: ChangeFeed,
        models: Models,
        settings: Settings,
        measure: AdapterMeasure,
        undo: Undo,
        deliver: Deliver,
    ) -> None:
        self._library = library
        self._changes = changes
        self._models = models
        self._settings = settings
        self._measure = measure
        self._undo = undo
        self._deliver = deliver

    def list(self, persona_id: str = "") -> list[Adapter]:
        """The adapters (of one persona), newest first."""
        return self._library.adapters.all(persona_id)

    def get(self, id_or_name: str) -> Adapter:
        """The adapter with this id or, if only one has it, this name."""
        return find_one("adapter", id_or_name, self._library.adapters.get, self._library.adapters.find)

    def rename(self, adapter_id: str, name: str) -> None:
        """Give it another name."""
        cleaned = " ".join(name.split())
        if not cleaned:
            raise StudioError("name_empty")
        self._library.adapters.update(replace(self.get(adapter_id), name=cleaned))
        self._changes.tell(Kind.ADAPTER, ids=(adapter_id,))

    def delete(self, adapter_id: str) -> str:
        """Move it to the trash; return the token of ``undo``."""
        return self._undo.remove(Kind.ADAPTER, adapter_id)

    def folder(self, adapter: Adapter) -> Path:
        """Its PEFT folder."""
        return self._library.folder / adapter.path

    def lineage(self, adapter_id: str) -> Lineage:
        """Run, recipe, data and base that it came from."""
        adapter = self.get(adapter_id)
        run = self._library.runs.get(adapter.run_id)
        return Lineage(
            adapter=adapter,
            run=run,
            recipe=self._library.recipes.get(run.recipe_id) if run else None,
            dataset=self._library.datasets.get(run.dataset_id) if run else None,
            base=self.base_of(adapter),
        )

    def base_of(self, adapter: Adapter) -> BaseModel | None:
        """The base it was trained on, also when that was removed and added again."""
        known = {base.id: base for base in self._models.list()}
        return known.get(adapter.base_id) or self._models.by_fingerprint(adapter.base_fingerprint)

    def export_formats(self) -> _Formats:
        """Every way out."""
        return [ExportFormat(name=one.name, label=one.label, summary=one.summary) for one in EXPORTERS.all().values()]

    def export(self, adapter_id: str, format: str, out: Path) -> Job[ExportReport]:
        """Write an adapter to a folder that is new or empty."""
        if format not in EXPORTERS.all():
            raise StudioError("export_format_unknown", name=format, known=", ".join(EXPORTERS.all()))
        request = self._request(adapter_id)
        exporter = EXPORTERS.get(format)
        _refuse_inexpressible(exporter, request)
        job: Job[ExportReport] = Job("exporting")
        work = run_in_background(
            self._deliver,
            lambda background: write_export(exporter, request, out.expanduser().resolve()),
            done=lambda report: finishing(job, lambda: self._exported(job, adapter_id, format, report)),
            failed=job.fail,
        )
        job.when_cancelled(work.cancelled.set)
        return job

    def evaluate(self, adapter_ids: Sequence[str], persona_ids: Sequence[str]) -> Job[IdentityMatrix]:
        """How well the base and each adapter explain each persona's held-out lines."""
        personas = [self._library.personas.get(one) or _missing("persona", one) for one in persona_ids]
        return self._measure.evaluate([self.get(one) for one in adapter_ids], personas)

    def measure(self, adapter_ids: Sequence[str], rows: int = 4) -> Job[RackFigures]:
        """Time a swap, and several rows against one."""
        return self._measure.measure([self.get(one) for one in adapter_ids], rows)

    def _request(self, adapter_id: str) -> ExportRequest:
        found = self.lineage(adapter_id)
        adapter = found.adapter
        persona = self._library.personas.get(adapter.persona_id) or _missing("persona", adapter.persona_id)
        user = self._settings.text("user_name")
        baked = bool(adapter.made_of)
        prompt = resolve(persona.system_prompt, char=persona.name, user=user)
        return ExportRequest(
            adapter=adapter,
            folder=self.folder(adapter),
            persona=replace(persona, system_prompt=prompt),
            base=found.base or _missing("base", adapter.base_id),
            run=found.run if baked else found.run or _missing("run", adapter.run_id),
            recipe=_factors(adapter) if baked else found.recipe or _missing("recipe", adapter.run_id),
            dataset=found.dataset if baked else found.dataset or _missing("dataset version", adapter.run_id),
        )

    def _exported(self, job: Job[ExportReport], adapter_id: str, format: str, report: ExportReport) -> None:
        self._library.exports.add(report.row(adapter_id, format))
        job.finish(report)


def _factors(adapter: Adapter) -> Recipe:
    """What is to be said of a baked adapter in the place of a recipe."""
    return Recipe(id="", method=adapter.method, options={"rank": adapter.rank, "alpha": adapter.alpha})


def _refuse_inexpressible(exporter: Exporter, request: ExportRequest) -> None:
    method = METHODS.all().get(request.recipe.method)
    if exporter.plain_factors_only and (method is None or not method.exportable):
        called = method.label if method else request.recipe.method
        raise StudioError("export_not_expressible", format=exporter.label, method=called)


def _missing(what: str, name: str) -> NoReturn:
    raise StudioError("not_found", what=what, name=name)
