"""What a run was, readable a year later: recipe, data, conditions, log; what its curves say; two runs compared."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from studio import paths
from studio.domain.adapter import Adapter
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.recipe import Recipe
from studio.domain.run import MetricPoint, Run, RunNote, RunSample
from studio.domain.run_findings import RunFinding, best_of, diagnose, measurements
from studio.library.library import Library
from studio.services.run_facts import RunFact, conditions_of, recipe_of, results_of
from studio.services.training import Training
from studio.texts import SENTENCES, sentence, tr
from studio.texts.run_findings import finding_words, note_words


@dataclass(frozen=True, kw_only=True)
class StoryNote:
    """A line of the log, in words. ``weight`` is ``info`` or ``warning``."""

    at: str
    step: int
    code: str
    sentence: str
    weight: str = "info"


@dataclass(frozen=True, kw_only=True)
class StoryFile:
    """A file that the run left behind, or a checkpoint."""

    name: str
    path: Path
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class RunStory:
    """Everything about one run. Names are those of now, or what was noted when it began if the thing is gone."""

    run: Run
    persona: str
    base: str
    base_fingerprint: str
    method: str
    preset: str
    recipe: tuple[RunFact, ...]
    data: str
    dataset: DatasetVersion | None
    conditions: tuple[RunFact, ...]
    results: tuple[RunFact, ...]
    notes: tuple[StoryNote, ...]
    files: tuple[StoryFile, ...]
    adapter: Adapter | None
    failure: str


@dataclass(frozen=True, kw_only=True)
class ComparedFact:
    """A fact of two runs. ``part`` is ``recipe``, ``conditions`` or ``results``; empty where one has none."""

    part: str
    key: str
    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        """True when the two are not the same."""
        return self.first != self.second


@dataclass(frozen=True, kw_only=True)
class RunComparison:
    """Two runs side by side."""

    first: Run
    second: Run
    first_label: str
    second_label: str
    rows: tuple[ComparedFact, ...]
    same_data: bool


class RunStories:
    """Reads; changes nothing. Works for runs that train now and for those of long ago."""

    def __init__(self, library: Library, training: Training) -> None:
        self._library = library
        self._training = training

    def story(self, run_id: str) -> RunStory:
        """Everything about a run."""
        run = self._training.get(run_id)
        recipe = self._training.recipe(run_id)
        dataset = self._library.datasets.get(run.dataset_id)
        facts = self._facts(run, recipe, dataset)
        base = self._library.bases.get(run.base_id)
        return RunStory(
            run=run,
            persona=self._persona_name(run),
            base=base.name if base else _noted(run, "base", run.base_id),
            base_fingerprint=_noted(run, "base_fingerprint", base.fingerprint if base else ""),
            method=facts["recipe"][0].value,
            preset=recipe.preset,
            recipe=facts["recipe"],
            data=_data_words(dataset, run),
            dataset=dataset,
            conditions=facts["conditions"],
            results=facts["results"],
            notes=tuple(_note(one) for one in self._library.run_records.notes(run_id)),
            files=tuple(_files(paths.runs(self._library.folder) / run_id)),
            adapter=self._library.adapters.get(run.adapter_id) if run.adapter_id else None,
            failure=failure_sentence(run),
        )

    def samples(self, run_id: str) -> list[RunSample]:
        """What the run answered to its probes, by step; step 0 is the base alone."""
        return self._library.run_records.samples(run_id)

    def points(self, run_id: str) -> list[MetricPoint]:
        """The run's curves, up to this moment."""
        return self._training.points(run_id)

    def findings(self, run_id: str, points: Sequence[MetricPoint] | None = None) -> list[RunFinding]:
        """What the curves and samples say, warnings first, in words, with the lever. ``points``: if known already."""
        run = self._training.get(run_id)
        return [_said(one) for one in diagnose(run, points or self.points(run_id), self.samples(run_id))]

    def best_step(self, run_id: str, points: Sequence[MetricPoint] | None = None) -> int:
        """The checkpoint that held-out loss and copied words speak for; 0: not known."""
        run = self._training.get(run_id)
        best = best_of(measurements(points or self.points(run_id)))
        return run.best_step or (best.step if best else 0)

    def compare(self, first: str, second: str) -> RunComparison:
        """Two runs side by side: recipe, conditions, results."""
        runs = [self._training.get(one) for one in (first, second)]
        facts = [
            self._facts(run, self._training.recipe(run.id), self._library.datasets.get(run.dataset_id)) for run in runs
        ]
        return RunComparison(
            first=runs[0],
            second=runs[1],
            first_label=self._label(runs[0]),
            second_label=self._label(runs[1]),
            rows=tuple(row for part in facts[0] for row in _side_by_side(part, facts[0][part], facts[1][part])),
            same_data=self._content(runs[0]) == self._content(runs[1]),
        )

    def _facts(self, run: Run, recipe: Recipe, dataset: DatasetVersion | None) -> dict[str, tuple[RunFact, ...]]:
        data = RunFact(key="data", label=tr("Data"), value=_data_words(dataset, run))
        return {
            "recipe": (*recipe_of(recipe), data),
            "conditions": tuple(conditions_of(run)),
            "results": tuple(results_of(run, self.points(run.id), self.best_step(run.id))),
        }

    def _content(self, run: Run) -> str:
        dataset = self._library.datasets.get(run.dataset_id)
        return dataset.content if dataset else run.dataset_id

    def _persona_name(self, run: Run) -> str:
        persona = self._library.personas.get(run.persona_id)
        return persona.name if persona else _noted(run, "persona", run.persona_id)

    def _label(self, run: Run) -> str:
        return tr("{persona}, run {number}", persona=self._persona_name(run), number=run.number)


def failure_sentence(run: Run) -> str:
    """Why a run failed, in words; empty when it did not."""
    if not run.failure:
        return ""
    kept = json.loads(run.failure)
    if kept["code"] not in SENTENCES:  # a trouble that only an other version knew
        return str(kept["code"])
    return sentence(StudioError(kept["code"], **kept["details"]))


def _noted(run: Run, name: str, otherwise: str) -> str:
    return str(run.conditions.get(name, "") or otherwise)


def _data_words(dataset: DatasetVersion | None, run: Run) -> str:
    if dataset is None:
        return _noted(run, "data", tr("a version that is gone"))
    name = f" “{dataset.name}”" if dataset.name else ""
    return tr(
        "version {number}{name}: {conversations} conversations, {turns} turns of the persona, {heldout} held out",
        number=dataset.number, name=name, conversations=dataset.conversations, turns=dataset.persona_turns,
        heldout=dataset.heldout_conversations,
    )  # fmt: skip


def _note(note: RunNote) -> StoryNote:
    said = note_words(note.code, note.details)
    return StoryNote(at=note.at, step=note.step, code=note.code, sentence=said, weight=note.weight)


def _said(finding: RunFinding) -> RunFinding:
    said, lever = finding_words(finding.code, finding.details)
    return replace(finding, sentence=said, lever=lever)


def _files(folder: Path) -> Iterable[StoryFile]:
    """The run's files; a checkpoint, which is a folder, counts as one."""
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in [one for top in found for one in (sorted(top.iterdir()) if top.name == "checkpoints" else [top])]:
        sizes = [one.stat().st_size for one in path.rglob("*") if one.is_file()]
        size = sum(sizes) if path.is_dir() else path.stat().st_size
        yield StoryFile(name=path.relative_to(folder).as_posix(), path=path, size_bytes=size)


def _side_by_side(part: str, first: Sequence[RunFact], second: Sequence[RunFact]) -> Iterable[ComparedFact]:
    one, other = _by_key(first), _by_key(second)
    for key in dict.fromkeys([*one, *other]):
        label = (one.get(key) or other[key]).label
        values = [facts[key].value if key in facts else "" for facts in (one, other)]
        yield ComparedFact(part=part, key=key, label=label, first=values[0], second=values[1])


def _by_key(facts: Sequence[RunFact]) -> Mapping[str, RunFact]:
    return {fact.key: fact for fact in facts}
