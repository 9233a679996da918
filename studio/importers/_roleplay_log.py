"""Chats between a user and characters, as programs for roleplay store them: gathered, then folded for the persona."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.importers._branches import graft
from studio.importers._people import Cast, match_name
from studio.importers._plan import PersonaDraft
from studio.importers._sides import SpokenLine, fold
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note, without_ooc
from studio.importers.importer import Reading, ReadOptions

CHARACTER = "Character"
"""What a character is called of whom nobody knows the name."""
USER = "User"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What one side says. ``name`` may be empty: then it is the chat's user, or its character.

    ``told``: nobody says it, it is a narrator's; the character answers to it as to the user.
    """

    text: str
    by_user: bool
    name: str = ""
    alternatives: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class _Chat:
    title: str
    lines: tuple[SpokenLine, ...]
    branch: bool


class ChatLog:
    """All chats of one file. ``character`` and ``user`` are the names as far as the file or its place tells them."""

    def __init__(self, source: Source, options: ReadOptions, *, character: str = "", user: str = "") -> None:
        self._source = source
        self._options = options
        self._character = clean_name(character)
        self._known = self._character or options.expected or CHARACTER
        self._user = clean_name(user) or USER
        if self._user.casefold() == self._known.casefold():
            self._user = USER
        self._users: set[str] = set()
        self._chats: list[_Chat] = []
        self._out_of_character = 0
        self.hidden = 0

    def add(self, messages: Sequence[Message], title: str = "", *, branch: bool = False) -> None:
        """Add a chat; a ``branch`` is another course of the latest chat that was none."""
        lines = tuple(line for message in messages for line in self._line(message))
        self._chats.append(_Chat(title=clean_name(title), lines=lines, branch=branch))

    def reading(
        self,
        *,
        card: PersonaDraft | None = None,
        examples: tuple[Conversation, ...] = (),
        notes: tuple[Finding, ...] = (),
    ) -> Reading:
        """Decide who is the persona and return its conversations; ``nothing_to_import`` when it never speaks."""
        cast = Cast(line.speaker for chat in self._chats for line in chat.lines if line.speaker)
        persona = self._persona(cast) if cast.names else self._known
        told = [talk for talk in self._told(persona) if talk.persona_turns]
        if not told and card is None:
            raise StudioError("nothing_to_import", path=self._source.path)
        mute = sum(not chat.branch for chat in self._chats) - sum("branch" not in talk.tags for talk in told)
        return Reading(
            persona_name=self._name_of(persona),
            card=card,
            conversations=(*examples, *told),
            speakers=cast.names or (persona,),
            speaker=persona,
            notes=(*self._left_out(mute), *notes),
        )

    def _name_of(self, persona: str) -> str:
        """The persona's name, unless it is one that we made up or took from elsewhere."""
        if persona == self._known:
            return self._character
        return "" if persona == USER else persona

    def _left_out(self, mute: int) -> tuple[Finding, ...]:
        return (
            *note("hidden_lines_left_out", self.hidden),
            *note("ooc_removed", self._out_of_character),
            *note("chats_left_out", mute),
        )

    def _line(self, message: Message) -> Iterator[SpokenLine]:
        """What is left of a message, if anything is."""
        self._options.checkpoint()
        kept, removed = without_ooc(clean(message.text).strip())
        self._out_of_character += removed
        if not kept:
            return
        speaker = "" if message.told else self._speaker(message)
        if message.by_user:
            self._users.add(speaker.casefold())
        alternatives = () if message.by_user else tuple(_passed_over(message.alternatives, kept))
        yield SpokenLine(speaker=speaker, text=kept, alternatives=alternatives)

    def _speaker(self, message: Message) -> str:
        name = clean_name(message.name)
        if message.by_user:
            # Some users call themselves like the character; the sides must stay apart.
            return self._user if name.casefold() in ("", self._known.casefold()) else name
        return name or self._known

    def _persona(self, cast: Cast) -> str:
        """The speaker whom the user named, else the expected one, else the file's character, else the only one."""
        characters = [name for name in cast.names if name.casefold() not in self._users]
        found = (
            cast.asked_for(self._options, self._source.path)
            or match_name(self._options.expected, characters)
            or match_name(self._character, characters)
        )
        if not found and len(characters) != 1:
            raise cast.undecided(self._source.path)
        return found or characters[0]

    def _told(self, persona: str) -> list[Conversation]:
        """Every chat as a conversation, branches after the chat that they belong to."""
        told: list[Conversation] = []
        trunk, count = -1, 0
        for chat in self._chats:
            self._options.checkpoint()
            conversation = self._conversation(chat, persona)
            if not chat.branch or trunk < 0:
                trunk, count = len(told), 0
                told.append(conversation)
                continue
            told[trunk], branch = graft(told[trunk], conversation)
            if branch:
                count += 1
                told.append(
                    replace(branch, tags=("branch",), title=f"{chat.title} ({count + 1})" if chat.title else "")
                )
        return told

    def _conversation(self, chat: _Chat, persona: str) -> Conversation:
        turns = fold(chat.lines, persona, joint="\n\n")
        tags = ("greeting",) if _only_greets(turns) else ()
        return Conversation(turns=turns, title=chat.title, source=self._source.name, tags=tags)


def _only_greets(turns: Sequence[Turn]) -> bool:
    return len(turns) == 1 and turns[0].role is Role.PERSONA


def _passed_over(others: Sequence[str], chosen: str) -> Iterator[str]:
    """The other texts, each once. When the chosen one was edited afterwards, all of them were passed over."""
    seen = {chosen, ""}
    for other in others:
        text = without_ooc(clean(other).strip())[0]
        if text not in seen:
            seen.add(text)
            yield text
