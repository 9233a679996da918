"""``votes``: the blind votes that were cast, and the ranking that they make."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from studio.cli.session import Session, pass_session
from studio.cli.wording import day
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.vote_ranking import RankingRow


@click.group(help=tr("Votes on replies side by side, cast in the window, and what they say together."))
def votes() -> None:
    """Hold the commands together."""


@votes.command("list", help=tr("List the votes, oldest first."))
@pass_session
def list_votes(session: Session) -> None:
    """List votes."""
    with session.reading() as studio:
        found = studio.votes.list()
    rows = [
        [one.id, day(one.created_at), one.winner.name if one.winner else tr(one.verdict), one.prompt] for one in found
    ]
    session.output.table(
        [asdict(one) for one in found],
        [tr("id"), tr("cast"), tr("best"), tr("asked")],
        rows,
        empty=tr("No votes yet."),
    )


@votes.command(help=tr("Rank the voices by their blind votes (Bradley-Terry), with 95 % intervals."))
@click.option("--persona", default="", metavar="NAME", help=tr("Only this persona's voices, and the base alone."))
@pass_session
def ranking(session: Session, persona: str) -> None:
    """Show the ranking."""
    with session.reading() as studio:
        found = studio.votes.ranking(studio.personas.get(persona).id if persona else "")
    if session.output.as_json:
        session.output.result(asdict(found))
        return
    heads = [tr("voice"), tr("won"), tr("lost"), tr("tied"), tr("points"), tr("95 %"), tr("wins against it"), ""]
    session.output.table([], heads, [_row(one) for one in found.rows])
    reference = tr("Points and chances are against {name}.", name=found.reference) if found.reference else ""
    for line in (found.verdict, reference):
        if line:
            session.output.line(line)


def _row(one: "RankingRow") -> list[str]:
    interval = "" if one.is_reference else f"{one.low:+.0f} … {one.high:+.0f}"
    chance = "" if one.is_reference else f"{100 * one.win_chance:.0f} %"
    unsure = "" if one.enough or one.is_reference else tr("not enough votes")
    return [one.label, str(one.wins), str(one.losses), str(one.ties), f"{one.score:+.0f}", interval, chance, unsure]
