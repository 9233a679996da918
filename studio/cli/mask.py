"""``data mask``: what a base would see of a conversation, token by token, as a run would read it."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from studio.cli.exit_codes import ExitCode
from studio.cli.session import Session, pass_session
from studio.cli.wording import count
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.domain.mask import CONTEXT, CUT, NO_TURN, SPECIAL, TRAINED, MaskToken, MaskView
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio

_WORDS = {TRAINED: "learned", CONTEXT: "read", SPECIAL: "template", CUT: "cut"}
_COLOURS = {TRAINED: "green underline", CONTEXT: "", SPECIAL: "dim", CUT: "red strike"}
Run = tuple[str, str]
"""A kind (or ``turn``, ``window``) and the words of a line."""


@click.command(
    help=tr(
        "Show the tokens that a base would see of a conversation, and which of them a run would learn. Ends with exit "
        "code 3 when a run would refuse it."
    )
)
@click.argument("conversation", metavar="PERSONA|CONVERSATION")
@click.option("--number", type=click.IntRange(1), default=1, show_default=True, help=tr("Which one of a persona's."))
@click.option("--base", default="", metavar="BASE", help=tr("Id or name; otherwise the one in use."))
@click.option(
    "--max-length", type=click.IntRange(0), default=0, metavar="TOKENS",
    help=tr("The window; otherwise that of the persona's newest run."),
)  # fmt: skip
@pass_session
def mask(session: Session, conversation: str, number: int, base: str, max_length: int) -> ExitCode:
    """Show the mask of one conversation."""
    with session.reading() as studio:
        stored = _meant(studio, conversation, number)
        named = studio.models.get(base).id if base else ""
        view = session.wait(studio.masks.show(stored.id, named, max_length))
    session.output.result(_document(stored, view))
    for kind, words in [] if session.output.as_json else _runs(view):
        _print(session, kind, words)
    for problem in view.problems:
        session.output.note(problem)
    return ExitCode.TROUBLE if view.refused else ExitCode.OK


def _meant(studio: "Studio", word: str, number: int) -> StoredConversation:
    """The conversation with this id, or one of the persona's with this id or name."""
    try:
        return studio.data.get(word)
    except StudioError as error:
        if error.code != "not_found":
            raise
    persona = studio.personas.get(word)
    found = studio.data.conversations(persona.id, offset=number - 1, limit=1)
    if not found:
        raise StudioError("not_found", what="conversation", name=f"{persona.name} {number}")
    return found[0]


def _document(stored: StoredConversation, view: MaskView) -> dict[str, Any]:
    return {
        "conversation": stored.id,
        "title": stored.conversation.title,
        "base": view.base_name,
        "max_length": view.max_length,
        "windows": view.windows,
        "counts": view.counts,
        "refused": view.refused,
        "problems": list(view.problems),
        "tokens": [asdict(token) for token in view.tokens],
    }


def _runs(view: MaskView) -> Iterator[Run]:
    """The lines: a heading for each window and each turn, then its tokens, as many as are of one kind together."""
    counts = view.counts
    windows = tr_plural(
        "{base}: {count} window of at most {limit} tokens",
        "{base}: {count} windows of at most {limit} tokens",
        view.windows,
        base=view.base_name,
        limit=count(view.max_length),
    )
    yield "", windows
    yield "", ", ".join(f"{tr(words)} {count(counts[kind])}" for kind, words in _WORDS.items())
    for window, inside in groupby(view.tokens, key=lambda token: token.window):
        yield "window", tr("In no window") if window < 0 else tr("Window {number}", number=window + 1)
        for turn, said in groupby(inside, key=lambda token: token.turn):
            yield "turn", _speaker(view, turn)
            for kind, together in groupby(said, key=lambda token: token.kind):
                yield kind, _said(together)


def _speaker(view: MaskView, turn: int) -> str:
    name = view.speakers.get(turn, "")
    return f"{turn + 1}. {name}" if turn > NO_TURN else name


def _said(tokens: Iterator[MaskToken]) -> str:
    return "".join(token.text for token in tokens).replace("\n", "⏎")


def _print(session: Session, kind: str, words: str) -> None:
    plain = f"    {tr(_WORDS[kind])}: {words}" if kind in _WORDS else words
    if not session.output.terminal:
        session.output.line(f"  {words}" if kind == "turn" else plain)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if kind in _WORDS:
        name = Text(f"    {tr(_WORDS[kind]):>9}  ", style="dim")
        console.print(name.append_text(Text(words, style=_COLOURS[kind] or "not dim")), soft_wrap=True)
    else:
        console.print(Text(f"  {words}" if kind == "turn" else words, style="bold" if kind else ""), soft_wrap=True)
