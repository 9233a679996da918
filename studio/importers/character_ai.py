"""Character.AI: the old dumps with all chats of a character, and the turns of its newer interface."""

import re
from collections.abc import Iterator

from studio.domain.errors import StudioError
from studio.importers._cai_chats import Chat, character_of, chats_in
from studio.importers._definition import split_definition
from studio.importers._json_fields import Fields, whole_value, words
from studio.importers._plan import PersonaDraft
from studio.importers._roleplay_log import ChatLog
from studio.importers._source import Source
from studio.importers._v2_card import examples, v2_draft
from studio.importers._wording import clean_name
from studio.importers.importer import Importer, Reading, ReadOptions

_OLD = re.compile(r'"histories"\s*:\s*[\[{]|"msgs"\s*:\s*\[')
_INFO = re.compile(r'\{\s*(?:"info"\s*:\s*\{\s*)?"character"\s*:\s*\{')
_INFO_FIELDS = ('"participant__name"', '"external_id"', '"definition"', '"avatar_file_name"')
_NEW = re.compile(r'"candidates"\s*:\s*\[\s*\{')
_NEW_FIELDS = ('"raw_content"', '"author"')
_FLAT = re.compile(r'"src__is_human"\s*:')


def _sniff(source: Source) -> float:
    text = source.head_text.lstrip()
    if text[:1] not in ("{", "["):
        return 0.0
    new = _NEW.search(text) is not None and all(field in text for field in _NEW_FIELDS)
    old = _OLD.search(text) is not None and '"msgs"' in text and '"is_human"' in text
    if new or old or _FLAT.search(text):
        return 0.95
    return 0.9 if _INFO.match(text) and sum(field in text for field in _INFO_FIELDS) >= 2 else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    value = whole_value(source)
    about = character_of(value)
    chats = list(chats_in(value))
    if not about and not chats:
        raise StudioError("chat_invalid", path=source.path, reason="it holds neither a character nor chats")
    name = clean_name(words(about, "name") or words(about, "participant__name")) or _speaker(chats)
    log = ChatLog(source, options, character=name)
    for chat in chats:
        log.add(chat.messages, chat.title if len(chats) > 1 else source.path.stem)
    draft = _draft(about, name) if name else None
    return log.reading(card=draft, examples=examples(draft, source.name) if draft else ())


def _speaker(chats: list[Chat]) -> str:
    """The character's name by its own lines, unless there are several."""
    names = set(_names(chats))
    return names.pop() if len(names) == 1 else ""


def _names(chats: list[Chat]) -> Iterator[str]:
    for chat in chats:
        for message in chat.messages:
            if not message.by_user and (name := clean_name(message.name)):
                yield name


def _draft(about: Fields, name: str) -> PersonaDraft | None:
    """What the dump tells about the character, as a card: the definition holds prose and example dialogue."""
    fields = {key: words(about, key).strip() for key in ("title", "description", "greeting", "definition")}
    if not any(fields.values()):
        return None
    prose, dialogue = split_definition(fields["definition"], name)
    card = {
        "description": "\n\n".join(filter(None, (fields["description"], prose))),
        "creator_notes": fields["title"],
        "first_mes": fields["greeting"],
        "mes_example": dialogue,
    }
    return v2_draft(card, name)


ENTRY = Importer(
    name="character_ai",
    label="Character.AI",
    suffixes=(".json",),
    summary="Dumps of chats, old and new: all chats, other candidates as alternatives, what is said of the character.",
    sniff=_sniff,
    read=_read,
    order=22,
)
