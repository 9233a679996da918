"""``chat list`` and ``chat export``: the stored chats, and what their columns say side by side, for others to read."""

from pathlib import Path

import click

from studio.cli.session import Session, pass_session
from studio.cli.wording import day
from studio.services.chat_exports import FORMATS
from studio.texts import tr


@click.command("list", help=tr("List the stored chats, the one last spoken in first."))
@pass_session
def list_chats(session: Session) -> None:
    """List chats."""
    with session.reading() as studio:
        found = studio.chats.list()
    documents = [
        {"id": one.id, "title": one.title, "columns": len(one.columns), "created_at": one.created_at} for one in found
    ]
    session.output.table(
        documents,
        [tr("id"), tr("title"), tr("columns"), tr("begun")],
        [[one.id, one.title, str(len(one.columns)), day(one.created_at)] for one in found],
        empty=tr("No chats yet."),
    )


@click.command(
    "export",
    help=tr(
        "Write what a chat's columns say side by side: every word, who said it (with the SHA-256 of the adapters), "
        "seeds and samplers. Without --out, on stdout."
    ),
)
@click.argument("chat")
@click.option(
    "--format", "format_name", type=click.Choice(list(FORMATS)), default="markdown", show_default=True
)  # fmt: skip
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help=tr("A file that is new."))
@pass_session
def export_chat(session: Session, chat: str, format_name: str, out: Path | None) -> None:
    """Export a comparison."""
    with session.reading() as studio:
        if out is None:
            comparison = studio.chat_exports.comparison(chat)
            session.output.result(comparison.document(), studio.chat_exports.text(chat, format_name).rstrip("\n"))
            return
        path = studio.chat_exports.write(chat, format_name, out)
    document = {"chat": chat, "format": format_name, "path": str(path)}
    session.output.result(document, tr("The comparison is in {path}.", path=path))
