"""``import``: files and folders into personas and conversations."""

from pathlib import Path

import click

from studio.cli.documents import plan_document, report_document
from studio.cli.exit_codes import ExitCode
from studio.cli.progress import progress_view
from studio.cli.session import Session, pass_session
from studio.services.catalogue import import_formats, read_paths
from studio.services.imports import ImportPlan, ImportReport, PersonaImported
from studio.services.job import Progress
from studio.texts import sentence, tr, tr_plural


def _formats() -> str:
    listed = [f"  {one.name:<18} {tr(one.summary)}" for one in import_formats()]
    return "\b\n" + "\n".join([tr("Formats:"), *listed])


@click.command(
    "import",
    help=tr(
        "Bring in character cards, chats and scripts; folders are searched. What is there already is not stored twice. "
        "Files that cannot be read are named on stderr, the others go in, and the exit code is 3."
    ),
    epilog=_formats(),
)
@click.argument("files", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--persona", default="", metavar="NAME", help=tr("Whose lines these are, where the file does not say."))
@click.option("--speaker", default="", metavar="NAME", help=tr("Which speaker in the file is the persona."))
@click.option("--format", "format_name", default="", metavar="FORMAT", help=tr("Read the files as this format."))
@click.option("--dry-run", is_flag=True, help=tr("Only say what would be imported."))
@pass_session
def import_files(
    session: Session, files: tuple[Path, ...], persona: str, speaker: str, format_name: str, dry_run: bool
) -> ExitCode:
    """Import, or say what would be."""
    plan = _read(files, persona, speaker, format_name)
    if dry_run:
        session.output.result(plan_document(plan), *_plan_lines(plan))
    else:
        with session.writing() as studio:
            report = studio.imports.commit(plan)
        session.output.result(report_document(plan, report), *_report_lines(report))
    for _, error in plan.problems:
        session.output.note(sentence(error))
    return ExitCode.TROUBLE if plan.problems else ExitCode.OK


def _read(files: tuple[Path, ...], persona: str, speaker: str, format_name: str) -> ImportPlan:
    """Read before the library is touched: when nothing can be read, it is not even made."""
    with progress_view() as view:
        return read_paths(
            files,
            format=format_name,
            persona=persona,
            speaker=speaker,
            progress=lambda done, total, name: view.show(Progress(what="reading", done=done, total=total), name),
        )


def _plan_lines(plan: ImportPlan) -> list[str]:
    return [
        tr("{path}: {format}, {persona}, {conversations} conversations, {turns} turns of the persona",
           path=item.path, format=tr(item.format_label), persona=item.persona_name,
           conversations=len(item.conversations), turns=item.persona_turns)
        for item in plan.items
    ]  # fmt: skip


def _report_lines(report: ImportReport) -> list[str]:
    return [_imported(one) for one in report.personas]


def _imported(one: PersonaImported) -> str:
    added = tr_plural("{count} conversation", "{count} conversations", one.conversations)
    known = tr(" ({count} were there already)", count=one.duplicates) if one.duplicates else ""
    kind = tr("new persona") if one.created else tr("known persona")
    return tr("{name} ({kind}): {added} with {turns} turns of the persona{known}",
              name=one.name, kind=kind, added=added, turns=one.persona_turns, known=known)  # fmt: skip
