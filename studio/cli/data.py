"""``data``: what a persona would learn from."""

from typing import Any

import click

from studio.cli.data_checks import check, coverage, repair
from studio.cli.data_edits import find_replace, history, redo, tag, undo
from studio.cli.data_versions import compare, export, name, snapshot, versions
from studio.cli.data_words import (
    beginning,
    conversation_document,
    filter_of,
    filter_options,
    order_option,
)
from studio.cli.documents import overview_document
from studio.cli.session import Session, pass_session
from studio.cli.wording import count
from studio.texts import tr


@click.group(help=tr("What a persona would learn from: look through it, check it, change it, keep versions of it."))
def data() -> None:
    """Hold the commands together."""


@data.command(help=tr("Show how much there is: conversations, turns of the persona, tokens, the held-out share."))
@click.argument("persona")
@pass_session
def show(session: Session, persona: str) -> None:
    """Show the figures."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        overview = studio.data.overview(found.id)
        figures = overview_document(overview)
        numbers = [version.number for version in studio.data.versions(found.id)]
        document = {"persona": found.name, "persona_id": found.id} | figures | {"versions": numbers}
        about = "" if overview.tokens_exact else tr("about ")
        session.output.result(
            document,
            tr("{name}: {conversations} conversations ({heldout} held out), {turns} turns of the persona",
               name=found.name, conversations=count(overview.conversations), heldout=count(overview.heldout),
               turns=count(overview.persona_turns)),
            tr("{words} words, {about}{tokens} tokens", words=count(overview.words), about=about,
               tokens=count(overview.tokens)),
        )  # fmt: skip


@data.command("list", help=tr("List conversations: all, or those that the options let through."))
@click.argument("persona")
@filter_options
@order_option
@click.option("--offset", default=0, type=click.IntRange(0), metavar="N", help=tr("Leave out the first N."))
@click.option("--limit", default=50, type=click.IntRange(1), metavar="N", help=tr("At most N of them."))
@pass_session
def list_conversations(session: Session, /, persona: str, offset: int, limit: int, **given: Any) -> None:
    """List conversations."""
    where = filter_of(given)
    with session.reading() as studio:
        found = studio.personas.get(persona)
        page = studio.data.conversations(found.id, where, offset=offset, limit=limit)
        total = studio.data.count(found.id, where)
    listed = [conversation_document(one) for one in page]
    session.output.table(
        {"persona": found.name, "count": total, "offset": offset, "conversations": listed},
        [tr("id"), tr("turns"), tr("tags"), tr("title"), tr("begins")],
        [
            [one.id, count(len(one.conversation.turns)), ", ".join(one.conversation.tags), one.conversation.title,
             beginning(one)]
            for one in page
        ],
        empty=tr("No conversation is like that."),
    )  # fmt: skip


for command in (
    check, repair, coverage, find_replace, tag, history, undo, redo, versions, snapshot, name, compare, export,
):  # fmt: skip
    data.add_command(command)
