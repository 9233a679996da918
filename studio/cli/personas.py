"""``personas``: who is in the library."""

import click

from studio.cli.documents import adapter_document, persona_document, summary_document
from studio.cli.session import Session, pass_session
from studio.cli.wording import count
from studio.services.personas import PersonaSummary
from studio.texts import tr


@click.group(help=tr("The personas in the library."))
def personas() -> None:
    """Hold the commands together."""


@personas.command("list", help=tr("List the personas; --search looks through names, tags and every line of dialogue."))
@click.option("--search", default="", metavar="WORDS", help=tr("Only those in which these words occur."))
@pass_session
def list_personas(session: Session, search: str) -> None:
    """List personas."""
    with session.reading() as studio:
        found = studio.personas.list(search)
        session.output.table(
            [summary_document(one) for one in found],
            [tr("id"), tr("name"), tr("conversations"), tr("turns"), tr("newest adapter")],
            [_row(one) for one in found],
            empty=tr("Nobody yet. Bring somebody in with 'persona-studio import PATH'."),
        )


@personas.command(help=tr("Show a persona: card, data and adapters."))
@click.argument("persona")
@pass_session
def show(session: Session, persona: str) -> None:
    """Show one persona."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        made = studio.adapters.list(found.id)
        overview = studio.data.overview(found.id)
        document = persona_document(found) | {
            "conversations": overview.conversations,
            "persona_turns": overview.persona_turns,
            "adapters": [adapter_document(adapter, found.name) for adapter in made],
        }
        session.output.result(
            document,
            f"{found.name}  ({found.id})",
            *filter(None, [found.tagline, found.description]),
            tr("{conversations} conversations, {turns} turns of the persona",
               conversations=overview.conversations, turns=overview.persona_turns),
            tr("Adapters: {names}", names=", ".join(adapter.name for adapter in made) or tr("none yet")),
        )  # fmt: skip


def _row(one: PersonaSummary) -> list[str]:
    newest = one.newest_adapter.name if one.newest_adapter else ""
    return [one.persona.id, one.persona.name, count(one.conversations), count(one.persona_turns), newest]
