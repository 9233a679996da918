"""``data versions``, ``snapshot``, ``name``, ``compare`` and ``export``: what was kept to learn from."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio.cli.data_words import excerpt, version_document, version_of
from studio.cli.session import Session, pass_session
from studio.cli.wording import count, day
from studio.domain.dataset import USUAL_FRACTION
from studio.domain.version_diff import DiffEntry
from studio.services.catalogue import dataset_formats
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.domain.dataset import DatasetVersion

_SHARE = click.FloatRange(0, 1, max_open=True)


@click.command(help=tr("List the versions of a persona's data; every run has kept the one that it learned from."))
@click.argument("persona")
@pass_session
def versions(session: Session, persona: str) -> None:
    """List versions."""
    with session.reading() as studio:
        found = studio.data.versions(studio.personas.get(persona).id)
    session.output.table(
        [version_document(one) for one in found],
        [tr("number"), tr("name"), tr("when"), tr("conversations"), tr("held out"), tr("turns"), tr("id")],
        [
            [str(one.number), one.name, day(one.created_at), count(one.conversations),
             count(one.heldout_conversations), count(one.persona_turns), one.id]
            for one in found
        ],
        empty=tr("No version yet: the first run keeps one, or 'data snapshot'."),
    )  # fmt: skip


@click.command(help=tr("Keep the data as it is now, for good."))
@click.argument("persona")
@click.option("--name", default="", metavar="NAME", help=tr("What to call it."))
@click.option("--heldout", default=USUAL_FRACTION, type=_SHARE, metavar="SHARE", help=tr("The share to hold out."))
@pass_session
def snapshot(session: Session, persona: str, name: str, heldout: float) -> None:
    """Keep a version."""
    with session.writing() as studio:
        found = studio.personas.get(persona)
        version = session.wait(studio.data.snapshot_job(found.id, heldout, name))
        session.output.result(version_document(version), _line(version))


@click.command(help=tr("Call a version something. VERSION is a number, a name or an id."))
@click.argument("persona")
@click.argument("version")
@click.argument("new_name", metavar="NAME")
@pass_session
def name(session: Session, persona: str, version: str, new_name: str) -> None:
    """Name a version."""
    with session.writing() as studio:
        meant = version_of(studio, studio.personas.get(persona).id, version)
        named = studio.data.name_version(meant.id, new_name)
        session.output.result(version_document(named), _line(named))


@click.command(help=tr("Say what changed from one version to another, or to the data as it is now."))
@click.argument("persona")
@click.argument("before")
@click.argument("after", default="")
@pass_session
def compare(session: Session, persona: str, before: str, after: str) -> None:
    """Compare versions."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        earlier = version_of(studio, found.id, before)
        later = version_of(studio, found.id, after).id if after else ""
        difference = studio.data.compare(earlier.id, later)
    session.output.result(
        {
            "added": [_entry(one) for one in difference.added],
            "removed": [_entry(one) for one in difference.removed],
            "changed": [_entry(one) for one in difference.changed],
        },
        tr("{added} added, {removed} removed, {changed} changed", added=len(difference.added),
           removed=len(difference.removed), changed=len(difference.changed)),
        *(f"+ {_about(one)}" for one in difference.added),
        *(f"- {_about(one)}" for one in difference.removed),
        *(f"~ {_about(one)}" for one in difference.changed),
    )  # fmt: skip


def _formats() -> str:
    listed = [f"  {one.name:<12} {tr(one.summary)}" for one in dataset_formats()]
    return "\b\n" + "\n".join([tr("Formats:"), *listed])


@click.command(
    help=tr("Write a version to a file or folder that is not there yet; without --version, the data as it is now."),
    epilog=_formats(),
)
@click.argument("persona")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--format", "format_name", default="messages", metavar="FORMAT", help=tr("See below."))
@click.option("--version", "version_name", default="", metavar="VERSION", help=tr("A number, a name or an id."))
@click.option(
    "--side", default="all", type=click.Choice(["all", "train", "heldout"]), help=tr("One side of the split.")
)
@click.option("--filled", is_flag=True, help=tr("As training reads it: system prompt in place, names filled in."))
@pass_session
def export(
    session: Session, persona: str, out: Path, format_name: str, version_name: str, side: str, filled: bool
) -> None:
    """Export a version."""
    with session.reading() if version_name else session.writing() as studio:
        found = studio.personas.get(persona)
        if version_name:
            version = version_of(studio, found.id, version_name)
        else:
            version = session.wait(studio.data.snapshot_job(found.id, USUAL_FRACTION))
        job = studio.data.export_version(version.id, format_name, out.absolute(), side=side, filled=filled)
        path = session.wait(job)
        session.output.result(
            {"path": str(path), "format": format_name, "side": side, "version": version_document(version)},
            tr("Version {number} is in {path}", number=version.number, path=path),
        )


def _line(version: "DatasetVersion") -> str:
    held = tr_plural("{count} conversation", "{count} conversations", version.conversations)
    if version.name:
        return tr("Version {number}, '{name}': {held}", number=version.number, name=version.name, held=held)
    return tr("Version {number}: {held}", number=version.number, held=held)


def _entry(entry: DiffEntry) -> dict[str, object]:
    return {
        "conversation": entry.conversation_id,
        "title": entry.title,
        "turns_before": len(entry.before.turns) if entry.before else 0,
        "turns_after": len(entry.after.turns) if entry.after else 0,
    }


def _about(entry: DiffEntry) -> str:
    shown = entry.after or entry.before
    first = shown.turns[0].text if shown and shown.turns else ""
    return f"{entry.conversation_id}  {entry.title or excerpt(first)}"
