"""A run as a record to be read a year later: recipe with reasons, data, conditions, results, log. Knows no Qt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from studio.domain.recipe import Recipe
from studio.gui import figures
from studio.texts import tr

if TYPE_CHECKING:
    from studio.options import Option
    from studio.services.presets import Preset
    from studio.services.run_facts import RunFact
    from studio.services.run_stories import RunStory, StoryNote


@dataclass(frozen=True, kw_only=True)
class RecordRow:
    """A line of the record. ``why``: the reason for a value; ``link``: where its button leads (``data``, ``copy``)."""

    label: str
    value: str
    why: str = ""
    link: str = ""
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordSection:
    """Lines under a heading."""

    title: str
    rows: tuple[RecordRow, ...]


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line of the log."""

    when: str
    step: str
    words: str
    warning: bool


def sections(
    story: "RunStory", recipe: Recipe, known: "Mapping[str, Option]", preset: "Preset | None"
) -> list[RecordSection]:
    """The record without its log; sections of which nothing is known are left out."""
    found = [
        RecordSection(title=tr("Result"), rows=tuple(_plain(story.results))),
        RecordSection(title=tr("Learned from"), rows=tuple(_sources(story))),
        RecordSection(title=tr("Recipe"), rows=tuple(_recipe(story, _reasons(recipe, preset), known))),
        RecordSection(title=tr("Conditions"), rows=tuple(_conditions(story))),
        RecordSection(title=tr("Times"), rows=tuple(_times(story))),
        RecordSection(title=tr("Files"), rows=tuple(_files(story))),
    ]
    return [one for one in found if one.rows]


def log(notes: "Sequence[StoryNote]") -> list[LogLine]:
    """The run's log."""
    return [
        LogLine(
            when=moment(one.at, seconds=True),
            step=tr("step {step}", step=figures.whole(one.step)) if one.step else "",
            words=one.sentence,
            warning=one.weight == "warning",
        )
        for one in notes
    ]


def as_text(title: str, parts: Sequence[RecordSection], lines: Sequence[LogLine]) -> str:
    """The whole record as plain text, to be kept or sent."""
    said = [title]
    for part in parts:
        said += ["", part.title]
        said += [f"  {one.label}: {one.value}" + (f" ({one.why})" if one.why else "") for one in part.rows]
    if lines:
        said += ["", tr("Log")]
        said += ["  " + "  ".join(word for word in (one.when, one.step, one.words) if word) for one in lines]
    return "\n".join(said) + "\n"


def moment(at: str, *, seconds: bool = False) -> str:
    """``21 Nov 2026, 23:00``."""
    if not at:
        return ""
    return datetime.fromisoformat(at).astimezone().strftime("%d %b %Y, %H:%M:%S" if seconds else "%d %b %Y, %H:%M")


def _plain(facts: "Sequence[RunFact]") -> Iterable[RecordRow]:
    return (RecordRow(label=one.label, value=one.value) for one in facts)


def _sources(story: "RunStory") -> Iterable[RecordRow]:
    yield RecordRow(label=tr("Persona"), value=story.persona)
    yield RecordRow(label=tr("Data"), value=story.data, link="data")
    yield RecordRow(label=tr("Base"), value=story.base)
    if story.base_fingerprint:
        yield RecordRow(label=tr("Fingerprint"), value=story.base_fingerprint, link="copy")


def _reasons(recipe: Recipe, preset: "Preset | None") -> dict[str, str]:
    """The preset's reasons, where the value is still the preset's."""
    if preset is None:
        return {}
    kept = {name for name, value in preset.options.items() if recipe.options.get(name) == value}
    return {name: reason for name, reason in preset.reasons.items() if name in kept}


def _recipe(story: "RunStory", reasons: Mapping[str, str], known: "Mapping[str, Option]") -> Iterable[RecordRow]:
    """Each value with the preset's reason for it; else with what the option is for."""
    for one in story.recipe:
        if one.key != "data":
            help = tr(known[one.key].help) if one.key in known else ""
            yield RecordRow(label=one.label, value=one.value, why=reasons.get(one.key, help), changed=one.changed)


def _conditions(story: "RunStory") -> Iterable[RecordRow]:
    shown_above = {"base", "base_fingerprint"}
    return _plain([one for one in story.conditions if one.key not in shown_above])


def _times(story: "RunStory") -> Iterable[RecordRow]:
    run = story.run
    times = ((tr("Queued"), run.created_at), (tr("Started"), run.started_at), (tr("Ended"), run.ended_at))
    return (RecordRow(label=label, value=moment(at)) for label, at in times if at)


def _files(story: "RunStory") -> Iterable[RecordRow]:
    return (RecordRow(label=one.name, value=figures.size(one.size_bytes)) for one in story.files)
