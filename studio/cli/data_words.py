"""What the commands of ``data`` have in common: how filters and versions are named, and how things are told."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from studio.domain.acts import Act
from studio.domain.data_changes import ChangePreview
from studio.domain.data_filter import ORDERS, Filter
from studio.domain.dataset import DatasetVersion, StoredConversation
from studio.domain.errors import StudioError
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio

Document = dict[str, Any]
F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 80


def filter_options(command: F) -> F:
    """The options that say which conversations are meant; ``filter_of`` makes a filter of them."""
    options = [
        _words("--search", "text", "WORDS", tr("Only those in which these words occur.")),
        _words("--speaker", "speaker", "NAME", tr("Only those in which this speaker speaks.")),
        _words("--tag", "tag", "TAG", tr("Only those with this tag.")),
        _words("--finding", "finding", "CODE", tr("Only those in which the kept check found this.")),
        _words("--source", "source", "FILE", tr("Only those that came from this file.")),
        _words("--mark", "mark", "MARK", tr("Only those with a turn so marked (generated, doubtful).")),
        click.option("--side", type=click.Choice(["train", "heldout"]), help=tr("Only one side of the split.")),
        _number("--least-words", tr("At least so many words.")),
        _number("--most-words", tr("At most so many words.")),
        _number("--least-turns", tr("At least so many turns.")),
        _number("--most-turns", tr("At most so many turns.")),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _words(flag: str, name: str, metavar: str, help: str) -> Callable[[F], F]:
    return click.option(flag, name, default="", metavar=metavar, help=help)


def _number(flag: str, help: str) -> Callable[[F], F]:
    return click.option(flag, default=0, type=click.IntRange(0), metavar="N", help=help)


order_option = click.option(
    "--order", default="", type=click.Choice(ORDERS), help=tr("As they lie in the data, or another order.")
)


def filter_of(given: dict[str, Any]) -> Filter:
    """The filter of a command's options."""
    return Filter(**{name: value for name, value in given.items() if value})


def version_of(studio: "Studio", persona_id: str, named: str) -> DatasetVersion:
    """The version with this number, name or id."""
    known = studio.data.versions(persona_id)
    found = [one for one in known if named in (one.id, str(one.number)) or (one.name and named == one.name)]
    if not found:
        raise StudioError("not_found", what="dataset version", name=named)
    return found[0]


def version_document(version: DatasetVersion) -> Document:
    """A version."""
    return asdict(version)


def conversation_document(stored: StoredConversation) -> Document:
    """A conversation in a list."""
    conversation = stored.conversation
    return {
        "id": stored.id,
        "title": conversation.title,
        "source": conversation.source,
        "tags": list(conversation.tags),
        "turns": len(conversation.turns),
        "persona_turns": len(conversation.persona_turns),
        "words": sum(len(turn.text.split()) for turn in conversation.turns),
        "revision": stored.revision,
        "begins": beginning(stored),
    }


def beginning(stored: StoredConversation) -> str:
    """The first words."""
    return next((excerpt(turn.text) for turn in stored.conversation.turns if turn.text.strip()), "")


def excerpt(text: str) -> str:
    """A text on one line, cut to what a terminal shows."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def act_document(act: Act) -> Document:
    """What was done."""
    return asdict(act)


def act_line(act: Act) -> str:
    """What was done, in words."""
    if not act.token:
        return tr("Nothing to change.")
    touched = tr_plural("{count} conversation", "{count} conversations", act.conversations)
    return tr("{act} ({touched}). Its token, for 'data undo': {token}", act=act.label, touched=touched, token=act.token)


def preview_document(preview: ChangePreview) -> Document:
    """What would be changed."""
    return {"preview": True} | asdict(preview)


def preview_lines(preview: ChangePreview, shown: int = 10) -> list[str]:
    """What would be changed, with the first places."""
    touched = tr_plural("{count} conversation", "{count} conversations", preview.conversations)
    places = tr_plural("{count} place", "{count} places", preview.places)
    lines = [tr("Would change: {places} in {touched}", places=places, touched=touched)]
    for sample in preview.samples[:shown]:
        place = sample.conversation_id if sample.turn < 0 else f"{sample.conversation_id}, {sample.turn + 1}"
        lines += [f"  {place}", f"  - {excerpt(sample.before)}"]
        lines += [] if sample.removed else [f"  + {excerpt(sample.after)}"]
    return lines
