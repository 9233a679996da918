"""``import``: files and folders into personas and conversations."""

from pathlib import Path
from typing import Any

import click

from studio.cli.documents import plan_document, report_document
from studio.cli.exit_codes import ExitCode
from studio.cli.import_words import plan_lines, remarks, report_lines
from studio.cli.progress import progress_view
from studio.cli.session import Session, pass_session
from studio.services.catalogue import import_formats, read_paths
from studio.services.imports import ImportPlan
from studio.services.job import Progress
from studio.texts import sentence, tr


def _formats() -> str:
    listed = [f"  {one.name:<18} {tr(one.summary)}" for one in import_formats()]
    return "\b\n" + "\n".join([tr("Formats:"), *listed])


def _columns(context: click.Context, parameter: click.Parameter, said: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in said]
    if not all(role.strip() and name.strip() for role, _, name in pairs):
        raise click.BadParameter(tr("Write it as ROLE=NAME, such as persona=reply."), context, parameter)
    return {role.strip(): name.strip() for role, _, name in pairs}


@click.command(
    "import",
    help=tr(
        "Bring in character cards, chats, scripts and datasets; folders and zip archives are searched. What is there "
        "already is not stored twice. In chats between real people names and personal details are hidden. "
        "Files that cannot be read are named on stderr, the others go in, and the exit code is 3."
    ),
    epilog=_formats(),
)
@click.argument("files", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--persona", default="", metavar="NAME", help=tr("Whose lines these are, where the file does not say."))
@click.option("--speaker", default="", metavar="NAME", help=tr("Which speaker in the file is the persona."))
@click.option("--format", metavar="FORMAT", default="", help=tr("Read the files as this format."))
@click.option(
    "--day-first/--month-first",
    default=None,
    help=tr("How dates in figures are meant, where the file does not show it."),
)
@click.option(
    "--column", "columns", multiple=True, metavar="ROLE=NAME", callback=_columns,
    help=tr("Which column of a table is what, such as persona=reply. Can be given several times."),
)  # fmt: skip
@click.option("--hide-names/--keep-names", default=None, help=tr("Replace the names of other people, or leave them."))
@click.option(
    "--hide-details/--keep-details", default=None,
    help=tr("Replace mail addresses, phone numbers and the like, or leave them."),
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help=tr("Only say what would be imported."))
@pass_session
def import_files(session: Session, /, files: tuple[Path, ...], dry_run: bool, **answers: Any) -> ExitCode:
    """Import, or say what would be."""
    plan = _read(files, answers)
    if dry_run or not plan.items:
        session.output.result(plan_document(plan), *plan_lines(plan))
    else:
        with session.writing() as studio:
            report = session.wait(studio.imports.commit_job(plan))
        session.output.result(report_document(plan, report), *report_lines(report))
    for line in (*remarks(plan), *(sentence(error) for _, error in plan.problems)):
        session.output.note(line)
    return ExitCode.TROUBLE if plan.problems else ExitCode.OK


def _read(files: tuple[Path, ...], answers: dict[str, Any]) -> ImportPlan:
    """Read before the library is touched: when nothing can be read, it is not even made."""
    with progress_view() as view:
        return read_paths(
            files,
            progress=lambda done, total, name: view.show(Progress(what="reading", done=done, total=total), name),
            **answers,
        )
