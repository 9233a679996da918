"""Character cards V1, V2 and V3: JSON, or a PNG that carries the JSON in a text chunk."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.importers._card_draft import draft_from, text_of, texts_of
from studio.importers._json_text import parse, require_shallow
from studio.importers._mes_example import example_conversations
from studio.importers._plan import PersonaDraft
from studio.importers._png_chunks import FILE_LIMIT_MB, SIGNATURE, text_chunks
from studio.importers._source import Source
from studio.importers._wording import clean_name, clean_tree
from studio.importers.importer import Importer, Reading, ReadOptions
from studio.texts import tr

_KEYWORDS = ("ccv3", "chara")
"""Newest first: a card that was edited by a newer program may keep a stale older copy."""
_SPEC = re.compile(r'"spec"\s*:\s*"chara_card_v\d')
_V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
_PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "char_greeting": "first_mes",
    "world_scenario": "scenario",
    "example_dialogue": "mes_example",
}


def _sniff(source: Source) -> float:
    if source.head.startswith(SIGNATURE):
        return 0.95
    text = source.head_text
    if not text.lstrip().startswith("{"):
        return 0.0
    if _SPEC.search(text):
        return 1.0
    named = sum(f'"{field}"' in text for field in _V1_FIELDS)
    return 0.85 if named >= 3 or '"char_name"' in text else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    from_png = source.head.startswith(SIGNATURE)
    text = _text_in_png(source) if from_png else source.text(limit_mb=FILE_LIMIT_MB)
    card = _card(text.removeprefix("\ufeff"), source.path)
    data = _fields(card, source.path)
    name = clean_name(text_of(data, "name")) or options.persona
    if not name:
        raise _invalid(source.path, "it has no name")
    draft = draft_from(card, data, name)
    options.checkpoint()
    return Reading(
        persona_name=name,
        card=draft,
        conversations=tuple(_conversations(draft, data, source.name)),
        speakers=(name,),
        speaker=name,
        portrait=source.whole(limit_mb=FILE_LIMIT_MB) if from_png else b"",
    )


def _text_in_png(source: Source) -> str:
    found = {keyword.lower(): text for keyword, text in reversed(text_chunks(source))}
    for keyword in _KEYWORDS:
        if keyword in found:
            return _unpacked(found[keyword], source.path)
    raise StudioError("png_without_card", path=source.path)


def _unpacked(payload: bytes, path: Path) -> str:
    """Undo base64, whichever alphabet, line length and padding the writer liked; bare JSON is taken as it is."""
    packed = b"".join(payload.split())
    try:
        raw = payload if packed.startswith(b"{") else base64.b64decode(_padded(packed), validate=True)
        return raw.decode("utf-8-sig")
    except (binascii.Error, ValueError) as error:
        raise _invalid(path, "its text is not Base64 of UTF-8") from error


def _padded(packed: bytes) -> bytes:
    plain = packed.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    return plain + b"=" * (-len(plain) % 4)


def _card(text: str, path: Path) -> dict[str, object]:
    value = parse(text, path)
    if not isinstance(value, dict):
        raise _invalid(path, "it is no JSON object")
    require_shallow(value, path)
    card = clean_tree(value)
    return card if isinstance(card, dict) else {}


def _fields(card: Mapping[str, object], path: Path) -> Mapping[str, object]:
    """Return the part with the fields: ``data`` in V2 and V3, the card itself in V1, renamed for Pygmalion's."""
    data = card.get("data")
    if isinstance(data, dict):
        return data
    if "spec" in card:
        raise _invalid(path, "its 'data' is missing")
    if "char_name" in card and not card.get("name"):
        return {_PYGMALION.get(key, key): value for key, value in card.items()}
    if not any(field in card for field in _V1_FIELDS[1:]):
        raise _invalid(path, "it has none of the fields of a card")
    return card


def _conversations(draft: PersonaDraft, data: Mapping[str, object], source: str) -> Iterator[Conversation]:
    greetings = dict.fromkeys(filter(None, (draft.greeting, *draft.alternate_greetings)))
    for number, greeting in enumerate(greetings, start=1):
        turn = Turn(role=Role.PERSONA, text=greeting, speaker=draft.name)
        title = tr("Greeting {number}", number=number)
        yield Conversation(turns=(turn,), title=title, source=source, tags=("greeting",))
    names = tuple(filter(None, (draft.name, clean_name(text_of(data, "nickname")))))
    yield from example_conversations("\n".join(_examples(data)), names, source)


def _examples(data: Mapping[str, object]) -> tuple[str, ...]:
    text = text_of(data, "mes_example")
    return (text,) if text else texts_of(data, "mes_example")


def _invalid(path: Path, reason: str) -> StudioError:
    return StudioError("card_invalid", path=path, reason=reason)


ENTRY = Importer(
    name="character_card",
    label="Character card",
    suffixes=(".png", ".json"),
    summary="Cards V1, V2 and V3, as JSON or inside a PNG: who the persona is, greetings, example dialogue.",
    sniff=_sniff,
    read=_read,
    introduces=True,
    order=1,
)
