"""A thread of a chat as a conversation to learn from.

Only replies that were chosen are trained. What the persona said before them is what happened in this chat, not what the
creator wants said: a reply that was let pass was not approved, and one that a base or a younger adapter wrote would be
learned as if the creator had written it. It stays, because the chosen reply answers it, with its own swipes, for when
somebody switches it on. A greeting is not trained either: it stands at the beginning of every chat with the persona.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from studio.domain.chat import ChatMessage
from studio.domain.conversation import CHOSEN, GENERATED, Conversation, Role, Turn

TAUGHT = "taught"
"""Tag of conversations that were taught in a chat."""
SOURCE = "chat"
_NEVER_WHOLE = ("cancelled", "interrupted")
_USER = "{{user}}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A thread with what was said beside it; ``swipes`` are by message.

    In a scene ``speaker`` is the taught persona's key, and ``names`` what everybody is called, by key. ``prompt`` is a
    system prompt that is not the persona's own.
    """

    thread: Sequence[ChatMessage]
    swipes: Mapping[str, Sequence[ChatMessage]] = field(default_factory=dict)
    speaker: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    prompt: str = ""
    title: str = ""


def conversation_of(told: Told, chosen: Collection[str]) -> Conversation:
    """Return the thread as a conversation in which the chosen messages, and they alone, are trained."""
    turns = [_turn(told, message, message.id in chosen) for message in told.thread if message.text.strip()]
    first = (Turn(role=Role.SYSTEM, text=told.prompt),) if told.prompt else ()
    joined = _joined(turns) if told.speaker else turns
    return Conversation(turns=(*first, *joined), title=told.title, source=SOURCE, tags=(TAUGHT,))


def rejected(message: ChatMessage, swipes: Iterable[ChatMessage]) -> tuple[str, ...]:
    """Return the replies that lost against this one.

    Not those with a thumb up, nor what was broken off, nor what it was only gone on with, nor somebody else's.
    """
    said = message.text.strip()
    lost = {
        other.text.strip(): other.text
        for other in swipes
        if other.id != message.id
        and other.role is message.role
        and other.rating < 1
        and other.made_by.get("reason") not in _NEVER_WHOLE
        and other.made_by.get("speaker") == message.made_by.get("speaker")
    }
    return tuple(text for words, text in lost.items() if words and not said.startswith(words))


def is_greeting(message: ChatMessage) -> bool:
    """True for words of the card that the persona began with."""
    return message.made_by.get("greeting") is not None


def holds(conversation: Conversation, thread: Sequence[ChatMessage]) -> bool:
    """True when a conversation trains the last words of this thread."""
    at = _place(conversation, thread)
    return at is not None and conversation.turns[at].train


def without(conversation: Conversation, thread: Sequence[ChatMessage]) -> Conversation:
    """Return the conversation with the turn of a thread's last words switched off."""
    at = _place(conversation, thread)
    if at is None:
        return conversation
    turn = conversation.turns[at]
    return conversation.with_turn(at, replace(turn, train=False, marks=tuple(m for m in turn.marks if m != CHOSEN)))


def _place(conversation: Conversation, thread: Sequence[ChatMessage]) -> int | None:
    """The turn that says the last words of a thread: in the same place if it can be, for a reply may be said twice."""
    message = thread[-1]
    own = [at for at, turn in enumerate(conversation.turns) if turn.role is Role.PERSONA]
    speaker = message.made_by.get("speaker")
    before = sum(one.role is Role.PERSONA and one.made_by.get("speaker") == speaker for one in thread[:-1])
    likely = own[before : before + 1]
    return next((at for at in [*likely, *own] if _says(conversation.turns[at], message)), None)


def renewed(before: Conversation, new: Conversation) -> Conversation:
    """Return what is taught anew; what the bench calls it and how it is tagged there stays."""
    return replace(new, title=before.title, tags=tuple(dict.fromkeys((*before.tags, *new.tags))))


def also_chosen(before: Conversation, new: Conversation) -> Conversation:
    """Return a conversation of the same words with what was chosen in the chat added to what it is already."""
    turns = tuple(
        replace(
            there,
            train=there.train or came.train,
            alternatives=tuple(dict.fromkeys((*there.alternatives, *came.alternatives))),
            marks=tuple(dict.fromkeys((*there.marks, *((CHOSEN,) if CHOSEN in came.marks else ())))),
        )
        for there, came in zip(before.turns, new.turns, strict=True)
    )
    return replace(before, turns=turns, tags=tuple(dict.fromkeys((*before.tags, *new.tags))))


def _says(turn: Turn, message: ChatMessage) -> bool:
    """In a scene, several lines in a row are one turn."""
    return f"\n{message.text.strip()}\n" in f"\n{turn.text.strip()}\n"


def _turn(told: Told, message: ChatMessage, chosen: bool) -> Turn:
    if told.speaker and message.made_by.get("speaker") != told.speaker:
        return Turn(role=Role.USER, text=f"{_name(told, message)}: {message.text}")
    if message.role is not Role.PERSONA:
        return Turn(role=message.role, text=message.text)
    if is_greeting(message):
        return Turn(role=Role.PERSONA, text=message.text, train=False)
    by_hand = bool(message.made_by.get("edited"))
    marks = (*(() if by_hand else (GENERATED,)), *((CHOSEN,) if chosen else ()))
    others = rejected(message, told.swipes.get(message.id, ()))
    return Turn(role=Role.PERSONA, text=message.text, train=chosen, alternatives=others, marks=marks)


def _name(told: Told, message: ChatMessage) -> str:
    """Who says a line of a scene; the user's name is filled in when it is trained."""
    key = str(message.made_by.get("speaker", ""))
    return (told.names.get(key) or str(message.made_by.get("name", key))) if key else _USER


def _joined(turns: Iterable[Turn]) -> list[Turn]:
    """What others say between two lines of the persona is one turn, as the persona heard it in the scene."""
    joined: list[Turn] = []
    for turn in turns:
        if joined and joined[-1].role is turn.role:
            before = joined[-1]
            both = tuple(dict.fromkeys((*before.marks, *turn.marks)))
            joined[-1] = replace(
                turn, text=f"{before.text}\n{turn.text}", alternatives=(), marks=both, train=before.train or turn.train
            )
        else:
            joined.append(turn)
    return joined
