"""Records with a list of messages into conversations: OpenAI, ShareGPT and what is made after them."""

from collections.abc import Mapping

from studio.domain.conversation import Conversation, Role, Turn
from studio.importers._messages import MessageReader, one_line, words
from studio.importers._wording import clean

LISTS = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat")
_GREETINGS = ("bot_greeting", "greeting")
_PERSONA_NAMES = ("persona_name", "bot_name", "char_name", "character_name")
_TAGS = ("tags", "categories")


def conversation_of(
    record: Mapping[str, object], messages: MessageReader, line: int, source: str
) -> Conversation | None:
    """Return the conversation of one record, ``None`` when it has no turns."""
    turns = messages.turns(_message_list(record, messages, line), line)
    if not turns:
        return None
    return dressed((*system_turn(record), *_greeting(record, turns), *turns), record, source)


def dressed(turns: tuple[Turn, ...], record: Mapping[str, object], source: str) -> Conversation:
    """Return the turns as a conversation with the title and tags that the record gives it."""
    tags = next((found for key in _TAGS if (found := words(record.get(key)))), [])
    return Conversation(turns=turns, title=one_line(record.get("title")), tags=tuple(tags), source=source)


def persona_name_of(record: Mapping[str, object]) -> str:
    """Return what the record calls the persona."""
    return next((name for key in _PERSONA_NAMES if (name := one_line(record.get(key)))), "")


def system_turn(record: Mapping[str, object]) -> tuple[Turn, ...]:
    """Return the ``system`` text that stands beside the messages."""
    said = next((record[key] for key in ("system", "system_prompt") if isinstance(record.get(key), str)), "")
    text = clean(said).strip() if isinstance(said, str) else ""
    return (Turn(role=Role.SYSTEM, text=text),) if text else ()


def _message_list(record: Mapping[str, object], messages: MessageReader, line: int) -> object:
    parts = next((record[key] for key in LISTS if isinstance(record.get(key), list)), None)
    if parts is None:
        raise messages.invalid(line, "it has neither 'conversations' nor 'messages'")
    return parts


def _greeting(record: Mapping[str, object], turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The character's first words, where they stand beside the chat and not in it."""
    said = next((record[key] for key in _GREETINGS if isinstance(record.get(key), str)), "")
    text = clean(said).strip() if isinstance(said, str) else ""
    begun = any(turn.role is Role.PERSONA and turn.text == text for turn in turns[:2])
    answered = turns[0].role is Role.USER
    return (Turn(role=Role.PERSONA, text=text),) if text and answered and not begun else ()
