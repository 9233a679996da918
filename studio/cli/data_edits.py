"""``data find-replace``, ``tag``, ``history``, ``undo`` and ``redo``: changes to many conversations, and back."""

from typing import Any

import click

from studio.cli.data_words import (
    act_document,
    act_line,
    filter_of,
    filter_options,
    preview_document,
    preview_lines,
)
from studio.cli.session import Session, pass_session
from studio.cli.wording import count, day
from studio.domain.conversation import Role
from studio.domain.data_changes import Replacing
from studio.domain.errors import StudioError
from studio.texts import tr

_ROLES = {"persona": Role.PERSONA, "user": Role.USER, "system": Role.SYSTEM}


@click.command("find-replace", help=tr("Replace words in all turns, or in those that the options let through."))
@click.argument("persona")
@click.argument("find")
@click.argument("replacement")
@click.option("--regex", is_flag=True, help=tr("FIND is a regular expression; REPLACEMENT may name groups (\\1)."))
@click.option("--match-case", is_flag=True, help=tr("Tell capital letters from small ones."))
@click.option("--whole-words", is_flag=True, help=tr("Only whole words."))
@click.option("--role", "roles", multiple=True, type=click.Choice(list(_ROLES)), help=tr("Only turns of this role."))
@filter_options
@click.option("--preview", is_flag=True, help=tr("Only show what would change."))
@pass_session
def find_replace(
    session: Session,
    /,
    persona: str,
    find: str,
    replacement: str,
    regex: bool,
    match_case: bool,
    whole_words: bool,
    roles: tuple[str, ...],
    preview: bool,
    **given: Any,
) -> None:
    """Replace, or show what would be replaced."""
    wanted = Replacing(
        find=find,
        replacement=replacement,
        regex=regex,
        match_case=match_case,
        whole_words=whole_words,
        roles=frozenset(_ROLES[role] for role in roles),
    )
    with session.reading() if preview else session.writing() as studio:
        found = studio.personas.get(persona)
        if preview:
            shown = session.wait(studio.data.preview_replace(found.id, wanted, filter_of(given)))
            session.output.result(preview_document(shown), *preview_lines(shown))
        else:
            act = session.wait(studio.data.replace_all(found.id, wanted, filter_of(given)))
            session.output.result(act_document(act), act_line(act))


@click.command(
    help=tr("Put tags on conversations and take others off: on all, or on those that the options let through.")
)
@click.argument("persona")
@click.option("--add", multiple=True, metavar="TAG", help=tr("Put this tag on; may be given several times."))
@click.option("--remove", multiple=True, metavar="TAG", help=tr("Take this tag off; may be given several times."))
@filter_options
@pass_session
def tag(session: Session, /, persona: str, add: tuple[str, ...], remove: tuple[str, ...], **given: Any) -> None:
    """Change tags."""
    if not add and not remove:
        raise click.UsageError(tr("Say which tags with --add or --remove."))
    with session.writing() as studio:
        found = studio.personas.get(persona)
        ids = studio.data.ids(found.id, filter_of(given))
        if not ids:
            raise StudioError("no_conversations")
        act = session.wait(studio.data.retag_job(ids, add, remove))
        session.output.result(act_document(act), act_line(act))


@click.command(help=tr("List what was done to a persona's data, the newest first."))
@click.argument("persona")
@click.option("--limit", default=20, type=click.IntRange(1), metavar="N", help=tr("At most N of them."))
@pass_session
def history(session: Session, persona: str, limit: int) -> None:
    """List acts."""
    with session.reading() as studio:
        acts = studio.data.history(studio.personas.get(persona).id, limit)
    session.output.table(
        [act_document(act) for act in acts],
        [tr("token"), tr("when"), tr("what"), tr("conversations"), ""],
        [
            [act.token, day(act.done_at), act.label, count(act.conversations), tr("undone") if act.undone else ""]
            for act in acts
        ],
        empty=tr("Nothing was done yet."),
    )


@click.command(help=tr("Undo the last act, or the one with this token ('data history' lists them)."))
@click.argument("persona")
@click.argument("token", default="")
@pass_session
def undo(session: Session, persona: str, token: str) -> None:
    """Undo an act."""
    with session.writing() as studio:
        found = studio.personas.get(persona)
        standing = [act for act in studio.data.history(found.id, 1000) if not act.undone]
        chosen = next((act for act in standing if token in ("", act.token)), None)
        if chosen is None:
            raise StudioError("act_gone")
        session.wait(studio.data.undo_job(chosen.token))
        document = act_document(chosen) | {"undone": True}
        session.output.result(document, tr("Undone: {act}", act=chosen.label))


@click.command(help=tr("Do again what was undone last."))
@click.argument("persona")
@pass_session
def redo(session: Session, persona: str) -> None:
    """Do an act again."""
    with session.writing() as studio:
        act = studio.data.redo_last(studio.personas.get(persona).id)
        if act is None:
            raise StudioError("act_gone")
        session.output.result(act_document(act), tr("Done again: {act}", act=act.label))
