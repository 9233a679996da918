"""What the command line says about one run, and about two side by side."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio.cli.documents import Document, run_document
from studio.cli.wording import day, nats, size
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.run import RunSample
    from studio.domain.run_findings import RunFinding
    from studio.services.run_facts import RunFact
    from studio.services.run_stories import RunComparison, RunStory
    from studio.services.studio import Studio


def told_document(studio: "Studio", story: "RunStory") -> Document:
    """Everything that is known about a run."""
    run, stories = story.run, studio.run_stories
    recipe = studio.training.recipe(run.id)
    points = [_without_run(point) for point in stories.points(run.id)]
    return run_document(run, story.persona) | {
        "preset": recipe.preset,
        "options": dict(recipe.options),
        "base": run.base_id,
        "base_name": story.base,
        "base_fingerprint": story.base_fingerprint,
        "data": story.data,
        "conditions": dict(run.conditions),
        "failure": run.failure,
        "best_step": stories.best_step(run.id),
        "findings": [asdict(one) | {"details": dict(one.details)} for one in stories.findings(run.id)],
        "notes": [asdict(note) for note in story.notes],
        "samples": [_without_run(sample) for sample in stories.samples(run.id)],
        "points": points,
    }


def told_lines(studio: "Studio", story: "RunStory") -> Iterator[str]:
    """The same to read: what came of it, how it was made, what the curves say, what happened."""
    yield tr("{persona}, run {number}: {id}", persona=story.persona, number=story.run.number, id=story.run.id)
    yield from _facts(tr("Results"), story.results)
    if story.failure:
        yield story.failure
    yield from (line for one in studio.run_stories.findings(story.run.id) for line in _finding(one))
    yield from _facts(tr("Recipe"), story.recipe)
    yield from _facts(tr("Conditions"), story.conditions)
    yield tr("Log")
    yield from (f"  {day(note.at)}  {tr('step {step}', step=note.step)}  {note.sentence}" for note in story.notes)
    yield tr("Held-out loss")
    held_out = [point for point in studio.run_stories.points(story.run.id) if point.kind == "heldout"]
    yield from (f"  {tr('step {step}', step=point.step)}  {nats(point.loss)}" for point in held_out)
    yield tr("Files")
    yield from (f"  {file.name}  {size(file.size_bytes)}" for file in story.files)


def sample_lines(samples: "list[RunSample]") -> Iterator[str]:
    """What it answered to each probe, step by step."""
    for prompt in dict.fromkeys(sample.prompt for sample in samples):
        yield f"› {prompt}"
        for one in (sample for sample in samples if sample.prompt == prompt):
            step = tr("step {step}", step=one.step) if one.step else tr("base")
            yield f"  {step}: {one.text}" + (f"  [{_copied(one)}]" if one.copied else "")


def compared_document(comparison: "RunComparison") -> Document:
    """Two runs; every fact of either."""
    rows = [asdict(row) | {"differs": row.differs} for row in comparison.rows]
    return {
        "first": comparison.first.id,
        "second": comparison.second.id,
        "same_data": comparison.same_data,
        "rows": rows,
    }


def _facts(title: str, facts: "tuple[RunFact, ...]") -> Iterator[str]:
    yield title
    for fact in facts:
        yield f"  {fact.label}: {fact.value}" + (" *" if fact.changed else "")


def _finding(finding: "RunFinding") -> Iterator[str]:
    yield ("! " if finding.weight == "warning" else "  ") + finding.sentence
    yield f"  → {finding.lever}"


def _copied(sample: "RunSample") -> str:
    return tr("{share} % copied", share=round(100 * sample.copied))


def _without_run(record: Any) -> Document:
    """JSON has no word for what is no number."""
    values = {key: value for key, value in asdict(record).items() if key != "run_id"}
    return {key: None if value != value else value for key, value in values.items()}
