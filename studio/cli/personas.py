"""``personas``: who is in the library."""

from pathlib import Path

import click

from studio.cli.documents import adapter_document, persona_document, summary_document
from studio.cli.session import Session, pass_session
from studio.cli.wording import count
from studio.domain.errors import StudioError
from studio.services.catalogue import card_formats
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


@personas.command("export-card", help=tr("Write a persona's card to a file; no key of the card it came from is lost."))
@click.argument("persona")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format", "format_name", type=click.Choice([one.name for one in card_formats()]),
    help=tr("Without it the end of PATH decides: .png, .charx or .json (V2)."),
)  # fmt: skip
@click.option("--force", is_flag=True, help=tr("Write over a file that is there."))
@pass_session
def export_card(session: Session, persona: str, path: Path, format_name: str | None, force: bool) -> None:
    """Export one card."""
    chosen = format_name or next((one.name for one in card_formats() if one.suffix == path.suffix.lower()), "")
    if not chosen:
        raise click.UsageError(tr("Name a format with --format, or let PATH end in .png, .charx or .json."))
    if path.exists() and not force:
        raise StudioError("card_exists", path=str(path))
    with session.reading() as studio:
        found = studio.personas.get(persona)
        written = studio.cards.export(found.id, chosen, path)
        document = {"persona": found.id, "format": chosen, "path": str(written), "bytes": written.stat().st_size}
        session.output.result(document, tr("The card of {name} is in {path}.", name=found.name, path=written))


def _row(one: PersonaSummary) -> list[str]:
    newest = one.newest_adapter.name if one.newest_adapter else ""
    return [one.persona.id, one.persona.name, count(one.conversations), count(one.persona_turns), newest]
