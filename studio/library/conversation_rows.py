"""Conversations to rows and back."""

import msgspec

from studio.domain.conversation import Conversation, Turn, content_hash
from studio.domain.dataset import StoredConversation
from studio.library.connection import Row

CONTENT = "turns, title, source, tags, content_hash, persona_turns"
STORED = "c.id, c.persona_id, c.turns, c.title, c.source, c.tags, c.revision, c.created_at"
_encode = msgspec.json.Encoder().encode
_turns = msgspec.json.Decoder(tuple[Turn, ...])
_words = msgspec.json.Decoder(tuple[str, ...])


def content(conversation: Conversation, hashed: str = "") -> tuple[object, ...]:
    """Return the values of the columns ``CONTENT``; ``hashed`` is the content's hash where it is known already."""
    return (
        _encode(conversation.turns).decode(),
        conversation.title,
        conversation.source,
        _encode(conversation.tags).decode(),
        hashed or content_hash(conversation),
        len(conversation.persona_turns),
    )


def stored(row: Row) -> StoredConversation:
    """Return the conversation of a row with the columns ``STORED``."""
    return StoredConversation(
        id=row["id"],
        persona_id=row["persona_id"],
        conversation=conversation_of(row),
        revision=row["revision"],
        created_at=row["created_at"],
    )


def conversation_of(row: Row) -> Conversation:
    """Return the content of a row."""
    return Conversation(
        turns=_turns.decode(row["turns"]),
        title=row["title"],
        source=row["source"],
        tags=_words.decode(row["tags"]),
    )


def as_json(values: object) -> str:
    """Return a list for ``json_each``."""
    return _encode(values).decode()
