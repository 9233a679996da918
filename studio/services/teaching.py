"""Teaching from a chat: a reply that is right becomes a conversation of the persona's data, with those passed over."""

from dataclasses import dataclass, replace

from studio.domain.chat import SCENE, Chat, ChatMessage, Contestant
from studio.domain.clock import now
from studio.domain.conversation import Conversation, Role, content_hash
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.teaching import (
    Told,
    also_chosen,
    conversation_of,
    holds,
    is_greeting,
    rejected,
    renewed,
    without,
)  # fmt: skip
from studio.library.library import Library
from studio.library.vote_store import TaughtReply
from studio.services.contestants import Contestants
from studio.services.data import DataBench
from studio.services.scene_turns import names_of, speaker_of
from studio.services.taught_places import TaughtPlace, taught_places
from studio.services.who_answered import contestant_of
from studio.texts import tr

_Taughts = list["Taught"]


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What became of a reply. ``undo`` is the token that takes it back; ``updated``: its conversation was there."""

    message_id: str
    conversation_id: str
    persona_id: str
    undo: str
    updated: bool = False
    alternatives: int = 0


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a taught conversation came from. ``is_there`` is False when the chat was deleted since."""

    chat_id: str
    message_id: str
    title: str = ""
    is_there: bool = True


class Teaching:
    """One conversation for each branch of a chat: what is taught further down makes it longer.

    Whether a reply is taught, the data itself says: undone on the bench or edited there, it is not any more.
    """

    def __init__(self, library: Library, data: DataBench, contestants: Contestants) -> None:
        self._library = library
        self._data = data
        self._contestants = contestants

    def teach(self, chat_id: str, column: int, message_id: str, *, persona_id: str = "") -> Taught:
        """Put a reply into the data of its persona (or of ``persona_id``); taught again, it renews its conversation."""
        chat, message = self._chat(chat_id), self._reply(chat_id, message_id)
        persona = self._persona(chat, column, message, persona_id)
        place = self._place(chat, message, persona)
        thread = place.thread if place else tuple(self._library.chats.thread(message_id))
        chosen = {message_id, *(one.id for one in place.members)} if place else {message_id}
        told = self._told(chat, column, message, thread, persona)
        conversation = conversation_of(told, chosen)
        stored_id, act = self._stored(persona, conversation, place.stored if place else None)
        self._library.votes.remember_taught(
            TaughtReply(message_id=message_id, chat_id=chat_id, conversation_id=stored_id, taught_at=now())
        )
        return Taught(
            message_id=message_id, conversation_id=stored_id, persona_id=persona.id, undo=act,
            updated=place is not None, alternatives=len(rejected(message, told.swipes[message_id])),
        )  # fmt: skip

    def untaught(self, message_id: str) -> str:
        """Take a reply out of the data again; return the token of ``undo``."""
        message = self._library.chats.message(message_id)
        known = {one.message_id: one for one in self._library.votes.taught(message.chat_id)} if message else {}
        stored = self._library.conversations.get(known[message_id].conversation_id) if message_id in known else None
        thread = self._library.chats.thread(message_id)
        if stored is None or not holds(stored.conversation, thread):
            raise StudioError("not_taught")
        left = without(stored.conversation, thread)
        if any(turn.train for turn in left.persona_turns):
            return self._data.rewrite_conversation(stored.id, left, tr("Took back a taught reply")).token
        return self._data.delete_conversations([stored.id]).token

    def undo(self, token: str) -> None:
        """Undo teaching, or taking back."""
        if token:  # nothing was new, so nothing is undone
            self._data.undo(token)

    def taught(self, chat_id: str) -> set[str]:
        """The replies of a chat that are in the data now."""
        return {member.id for place in taught_places(self._library, chat_id) for member in place.members}

    def origin(self, conversation_id: str) -> Origin | None:
        """The chat and the latest reply that a conversation came from; None when it was not taught in a chat."""
        found = self._library.votes.taught_from(conversation_id)
        chat = self._library.chats.get(found[-1].chat_id) if found else None
        if not found:
            return None
        link = found[-1]
        if chat is None:
            return Origin(chat_id=link.chat_id, message_id=link.message_id, is_there=False)
        return Origin(chat_id=link.chat_id, message_id=link.message_id, title=chat.title)

    def rated(self, chat_id: str) -> list[str]:
        """The replies that thumbs have chosen and that are not taught yet.

        Those with a thumb up, and those that a column shows in the place of one with a thumb down.
        """
        chat, messages = self._chat(chat_id), self._library.chats.messages(chat_id)
        liked = [one for one in messages if one.rating > 0]
        shown = {one.id for _, tip in chat.columns for one in self._library.chats.thread(tip)}
        for down in (one for one in messages if one.rating < 0):
            beside = self._library.chats.siblings(down.id)
            if not any(one.rating > 0 for one in beside):
                liked += [one for one in beside if one.id in shown and one.rating == 0]
        known = self.taught(chat_id)
        teachable = (one.id for one in liked if one.role is Role.PERSONA and not is_greeting(one))
        return [one for one in dict.fromkeys(teachable) if one not in known]

    def teach_rated(self, chat_id: str) -> _Taughts:
        """Teach every reply that thumbs have chosen."""
        lanes = {self._chat(chat_id).lane(column): column for column in range(len(self._chat(chat_id).columns))}
        made_in = {one.id: one.made_by.get("column", 0) for one in self._library.chats.messages(chat_id)}
        return [self.teach(chat_id, lanes.get(int(str(made_in[one])), 0), one) for one in self.rated(chat_id)]

    # -- where it goes ------------------------------------------------------------------------------------------

    def _place(self, chat: Chat, message: ChatMessage, persona: Persona) -> TaughtPlace | None:
        """The conversation that this reply belongs into: its own, or that of its branch as it was left here."""
        thread = tuple(self._library.chats.thread(message.id))
        for place in taught_places(self._library, chat.id, also=message.id):
            if place.stored.persona_id != persona.id:
                continue
            if message.id in place.covered:
                return place
            if place.thread[-1] in thread and self._as_left(chat, place):
                return replace(place, thread=thread)
        return None

    def _as_left(self, chat: Chat, place: TaughtPlace) -> bool:
        """False when somebody has edited the conversation on the bench: then it is not made longer from here."""
        told = self._bare(chat, place.thread[-1], place.thread)
        return _spoken(conversation_of(told, ())) == _spoken(place.stored.conversation)

    def _stored(self, persona: Persona, new: Conversation, there: StoredConversation | None) -> tuple[str, str]:
        """Write it, in the place of what is there; the same words that came in another way are only marked as chosen.

        Returns the conversation and the act; no act where nothing is new.
        """
        known = self._library.conversations.with_content(persona.id, content_hash(new)) if there is None else there.id
        if not known:
            act = self._data.add_conversations(persona.id, [new], tr("Taught a reply"))
            return self._library.journal.touched(act.token)[0], act.token
        before = self._library.conversations.many([known])[0].conversation
        after = renewed(before, new) if there else also_chosen(before, new)
        if after == before:
            return known, ""
        return known, self._data.rewrite_conversation(known, after, tr("Taught a reply again")).token

    # -- what it is ---------------------------------------------------------------------------------------------

    def _bare(self, chat: Chat, message: ChatMessage, thread: tuple[ChatMessage, ...]) -> Told:
        """The thread with the names of those who speak in it."""
        if chat.kind != SCENE:
            return Told(thread=thread, title=chat.title)
        speaker = str(message.made_by.get("speaker", ""))
        return Told(
            thread=thread, title=chat.title, speaker=speaker, names=names_of(chat.settings.scene, self._contestants)
        )

    def _told(
        self, chat: Chat, column: int, message: ChatMessage, thread: tuple[ChatMessage, ...], persona: Persona
    ) -> Told:
        swipes = {one.id: self._library.chats.siblings(one.id) for one in thread if one.role is Role.PERSONA}
        prompt = self._prompt(chat, column, message, persona)
        return replace(self._bare(chat, message, thread), swipes=swipes, prompt=prompt)

    def _prompt(self, chat: Chat, column: int, message: ChatMessage, persona: Persona) -> str:
        """A system prompt that was written for this chat is a part of what was said; the card's words are not.

        The whole card, the lorebook and the author's note help a reply along, and the adapter learns to do without.
        """
        own = chat.settings.system_prompt or contestant_of(message.made_by, self._column(chat, column)).system_prompt
        return "" if own.strip() in ("", persona.system_prompt.strip()) else own

    def _persona(self, chat: Chat, column: int, message: ChatMessage, persona_id: str) -> Persona:
        """Whose data it is: the one named, the speaker's in a scene, else the contestant's."""
        if persona_id:
            found = self._library.personas.get(persona_id)
        elif chat.kind == SCENE and message.made_by.get("speaker"):
            speaker = speaker_of(chat.settings.scene, str(message.made_by["speaker"]))
            found = self._contestants.persona(speaker.contestant)
        else:
            found = self._contestants.persona(contestant_of(message.made_by, self._column(chat, column)))
        if found is None:
            raise StudioError("teach_no_persona")
        return found

    def _reply(self, chat_id: str, message_id: str) -> ChatMessage:
        found = self._library.chats.message(message_id)
        if found is None or found.chat_id != chat_id:
            raise StudioError("not_found", what="message", name=message_id)
        if found.role is not Role.PERSONA or is_greeting(found):
            raise StudioError("teach_no_reply")
        return found

    def _column(self, chat: Chat, column: int) -> Contestant:
        if not 0 <= column < len(chat.columns):
            raise StudioError("not_found", what="column", name=str(column))
        return chat.columns[column][0]

    def _chat(self, chat_id: str) -> Chat:
        chat = self._library.chats.get(chat_id)
        if chat is None:
            raise StudioError("not_found", what="chat", name=chat_id)
        return chat


def _spoken(conversation: Conversation) -> list[tuple[Role, str]]:
    return [(turn.role, turn.text) for turn in conversation.turns if turn.role is not Role.SYSTEM]
