"""``chat``: one prompt, answered by the base and adapters side by side in one batch. Nothing is stored.

Behind the word ``chat`` stand commands about chats that are stored; without one of them it asks.
"""

import secrets
from typing import TYPE_CHECKING, Any

import click

from studio.cli.columns import reply_view
from studio.cli.session import Session, pass_session
from studio.domain.chat import Contestant, Sampler
from studio.domain.errors import StudioError
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.replies import ReplyRow
    from studio.services.studio import Studio

MOST_STRENGTH = 4.0


@click.group(
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
    help=tr(
        "Ask the base and adapters the same thing. Without --with: the base and the newest adapters. With --json, a "
        "line for each piece of text, and the replies as the last line."
    ),
)
@click.option(
    "--with",
    "names",
    multiple=True,
    metavar="WHO[:STRENGTH]",
    help=tr("'base', or an adapter's id or name (or a persona's: its newest adapter); may be repeated."),
)
@click.option("--prompt", metavar="TEXT", help=tr("What to say to them."))
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help=tr("The same seed gives the same replies."))
@click.option("--max-tokens", type=click.IntRange(1, 8192), default=200, show_default=True, help=tr("Longest reply."))
@click.option(
    "--temperature", type=click.FloatRange(0, 5), default=0.8, show_default=True,
    help=tr("0 always takes the likeliest token."),
)  # fmt: skip
@click.pass_context
@pass_session
def chat(
    session: Session,
    context: click.Context,
    names: tuple[str, ...],
    prompt: str | None,
    seed: int | None,
    max_tokens: int,
    temperature: float,
) -> None:
    """Ask once, unless a command follows."""
    if context.invoked_subcommand is not None:
        return
    if prompt is None:
        raise click.UsageError(tr("Say what to ask, with --prompt."), context)
    drawn = secrets.randbelow(2**31) if seed is None else seed
    sampler = Sampler(temperature=temperature, max_tokens=max_tokens)
    with session.reading() as studio:
        studio.models.get()  # without any base, say so before anything is started
        contestants = [contestant(studio, name) for name in names] or studio.chats.suggested_contestants()
        titles = [_title(studio, one) for one in contestants]
        job = studio.chats.answer_once(prompt, contestants, sampler=sampler, seed=drawn)
        with reply_view(session.output, titles) as view:
            job.on_delta(view.piece).on_row(view.row)
            rows = session.wait(job, view.progress)
        replies = [_reply(one, title, row) for one, title, row in zip(contestants, titles, rows, strict=True)]
    session.output.result({"prompt": prompt, "seed": drawn, "replies": replies})


def contestant(studio: "Studio", word: str) -> Contestant:
    """Who is meant by ``base``, ``NAME_OR_ID`` or ``NAME_OR_ID:STRENGTH``."""
    name, strength = _split(word)
    if name.casefold() == "base":
        return Contestant()
    return Contestant(adapter_id=_adapter_id(studio, name), strength=strength)


def _split(word: str) -> tuple[str, float]:
    name, colon, last = word.rpartition(":")
    try:
        strength = float(last) if colon else 1.0
    except ValueError:  # the colon belongs to the name
        return word, 1.0
    if not 0 <= strength <= MOST_STRENGTH:
        words = tr("a strength lies between 0 and {most}", most=f"{MOST_STRENGTH:g}")
        raise click.BadParameter(words, param_hint="--with")
    return (name, strength) if colon else (word, 1.0)


def _adapter_id(studio: "Studio", name: str) -> str:
    """An adapter of this id or name; a persona's name stands for its newest."""
    try:
        return studio.adapters.get(name).id
    except StudioError as error:
        if error.code != "not_found":
            raise
        meant = [one.newest_adapter for one in studio.personas.list() if name in (one.persona.name, one.persona.id)]
        if len(meant) != 1 or meant[0] is None:
            raise
        return meant[0].id


def _title(studio: "Studio", one: Contestant) -> str:
    if one.is_base:
        return "base"
    name = studio.adapters.get(one.adapter_id).name
    return name if one.strength == 1.0 else f"{name}:{one.strength:g}"


def _reply(one: Contestant, title: str, row: "ReplyRow") -> dict[str, Any]:
    return {
        "contestant": title,
        "adapter": one.adapter_id,
        "strength": one.strength,
        "text": row.text,
        "tokens": row.tokens,
        "seconds": row.seconds,
        "reason": row.reason,
    }
