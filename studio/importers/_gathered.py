"""The conversations of a dataset, each with the persona it is said to belong to, and which of them are wanted."""

from collections.abc import Iterator
from pathlib import Path

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.importers._messages import MessageReader
from studio.importers._people import Cast, match_name
from studio.importers._wording import note
from studio.importers.importer import Reading, ReadOptions


class Gathered:
    """Conversations as they come. A file with the chats of several personas is asked for one of them."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._found: list[tuple[str, Conversation]] = []
        self._empty = 0

    def add(self, conversation: Conversation | None, persona_name: str = "") -> None:
        """Take up a conversation; one without turns is only counted."""
        if conversation is None or not conversation.turns:
            self._empty += 1
        else:
            self._found.append((persona_name, conversation))

    def reading(self, messages: MessageReader, *notes: Finding) -> Reading:
        """Return what was found."""
        cast = Cast(name for name, _ in self._found if name)
        persona = self._persona(cast)
        wanted = tuple(self._wanted(persona if len(cast.names) > 1 else ""))
        speakers = messages.speakers() if len(cast.names) <= 1 else cast.names
        return Reading(
            persona_name=persona or messages.only_name(),
            conversations=wanted,
            speakers=speakers,
            speaker=persona if persona in speakers else messages.only_name(),
            notes=(
                *notes,
                *messages.notes(),
                *note("records_without_turns", self._empty),
                *note("other_personas_left_out", len(self._found) - len(wanted)),
            ),
        )

    def _persona(self, cast: Cast) -> str:
        if len(cast.names) <= 1:
            return next(iter(cast.names), "")
        found = cast.asked_for(self._options, self._path) or match_name(self._options.expected, cast.names)
        if not found:
            raise cast.undecided(self._path)
        return found

    def _wanted(self, persona: str) -> Iterator[Conversation]:
        for name, conversation in self._found:
            if not persona or not name or name.casefold() == persona.casefold():
                yield conversation
