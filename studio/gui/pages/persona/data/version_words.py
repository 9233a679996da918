"""Versions and their differences in words. Knows no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from studio.domain.conversation import Conversation, Role
from studio.domain.dataset import DatasetVersion
from studio.domain.version_diff import DiffEntry, VersionDiff
from studio.gui import figures
from studio.gui.pages.persona.data.turn_acts import role_names
from studio.gui.widgets.word_diff import ShownChange
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.domain.run import Run

NOW = ""
"""In place of a version's id: the data as it is now."""


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """A version in the list."""

    id: str
    title: str
    facts: str
    used: str


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    """One conversation that differs. ``kind``: added, removed or changed."""

    kind: str
    title: str
    entry: DiffEntry


def version_rows(versions: Iterable[DatasetVersion], runs: Iterable[Run]) -> list[VersionRow]:
    """Every version with what was made of it."""
    used: dict[str, list[int]] = {}
    for run in runs:
        used.setdefault(run.dataset_id, []).append(run.number)
    return [_row(version, sorted(used.get(version.id, []))) for version in versions]


def _row(version: DatasetVersion, runs: list[int]) -> VersionRow:
    facts = " · ".join(
        (figures.conversations(version.conversations), figures.lines(version.persona_turns), day(version.created_at))
    )
    numbers = ", ".join(str(number) for number in runs)
    used = tr_plural("learned from by run {numbers}", "learned from by runs {numbers}", len(runs), numbers=numbers)
    return VersionRow(id=version.id, title=version_title(version), facts=facts, used=used if runs else "")


def version_title(version: DatasetVersion) -> str:
    """Its number and name."""
    number = tr("Version {number}", number=version.number)
    return f"{number} · {version.name}" if version.name else number


def day(moment: str) -> str:
    """Date and time as they are here."""
    return datetime.fromisoformat(moment).astimezone().strftime("%d %b %Y, %H:%M") if moment else ""


def diff_words(found: VersionDiff) -> str:
    """How much differs."""
    parts = (
        tr_plural("{count} added", "{count} added", len(found.added)),
        tr_plural("{count} removed", "{count} removed", len(found.removed)),
        tr_plural("{count} changed", "{count} changed", len(found.changed)),
    )
    if not (found.added or found.removed or found.changed):
        return tr("Both are the same.")
    return " · ".join(parts)


def diff_lines(found: VersionDiff) -> list[DiffLine]:
    """Every conversation that differs: changed ones first, they are what one looks for."""
    groups = (("changed", found.changed), ("added", found.added), ("removed", found.removed))
    return [DiffLine(kind=kind, title=_title(entry), entry=entry) for kind, entries in groups for entry in entries]


def kind_words(kind: str) -> str:
    """What happened to a conversation."""
    return {"added": tr("added"), "removed": tr("removed"), "changed": tr("changed")}[kind]


def _title(entry: DiffEntry) -> str:
    talk = entry.after or entry.before
    return entry.title or (talk_words(talk) if talk else "") or tr("Conversation")


def talk_words(talk: Conversation) -> str:
    """What a conversation without a title is called: how it begins."""
    spoken = [turn for turn in talk.turns if turn.role is not Role.SYSTEM] or talk.turns
    first = " ".join(spoken[0].text.split()) if spoken else ""
    return first if len(first) <= 60 else f"{first[:60].rsplit(' ', 1)[0]}…"


def turn_changes(entry: DiffEntry, persona: str = "") -> list[ShownChange]:
    """Both sides as written lines: one change a conversation, word by word."""
    before, after = _written(entry.before, persona), _written(entry.after, persona)
    return [ShownChange(key="", place=_title(entry), before=before, after=after)]


def _written(talk: Conversation | None, persona: str) -> str:
    if talk is None:
        return ""
    names = role_names()
    names[Role.PERSONA] = persona or names[Role.PERSONA]
    lines = [f"{turn.speaker or names[turn.role]}: {turn.text}{_switch(turn.train)}" for turn in talk.turns]
    tags = [tr("tags: {tags}", tags=", ".join(talk.tags))] if talk.tags else []
    return "\n".join((*tags, *lines))


def _switch(train: bool) -> str:
    return "" if train else tr(" [not trained]")
