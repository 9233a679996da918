"""Character cards V1, V2 and V3: JSON, a PNG that carries the JSON in a text chunk, or a CHARX archive."""

import re
from collections.abc import Iterator, Mapping

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.importers._card_draft import draft_from, text_of, texts_of
from studio.importers._card_fields import V1_FIELDS, card_invalid
from studio.importers._card_text import find_card
from studio.importers._charx import is_charx
from studio.importers._mes_example import example_conversations
from studio.importers._plan import PersonaDraft
from studio.importers._png_chunks import SIGNATURE
from studio.importers._source import Source
from studio.importers._v2_card import greetings
from studio.importers._wording import clean_name, note
from studio.importers.importer import Importer, Reading, ReadOptions

_SPEC = re.compile(r'"spec"\s*:\s*"chara_card_v\d')
_NEWEST = 3.0


def _sniff(source: Source) -> float:
    if source.head.startswith(SIGNATURE):
        return 0.95
    text = source.head_text
    if not text.lstrip().startswith("{"):
        return 1.0 if is_charx(source) else 0.0
    if _SPEC.search(text):
        return 1.0
    named = sum(f'"{field}"' in text for field in V1_FIELDS)
    return 0.85 if named >= 3 or '"char_name"' in text else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    found = find_card(source)
    name = clean_name(text_of(found.fields, "name")) or options.persona
    if not name:
        raise card_invalid(source.path, "it has no name")
    draft = draft_from(found.card, found.fields, name)
    options.checkpoint()
    return Reading(
        persona_name=name,
        card=draft,
        conversations=tuple(_conversations(draft, found.fields, source.name)),
        speakers=(name,),
        speaker=name,
        portrait=found.portrait,
        notes=(*found.notes, *_newer(found.card)),
        keep_original=found.keep_original,
    )


def _newer(card: Mapping[str, object]) -> tuple[Finding, ...]:
    """A card of a later version is read as far as it is known; what is not known is kept."""
    said = re.match(r"chara_card_v(\d{1,3})", str(card.get("spec", "")))
    version = re.match(r"\d{1,3}(?:\.\d{1,3})?", str(card.get("spec_version", "")))
    newest = max(float(found) for found in (said[1] if said else 0, version[0] if version else 0))
    return note("card_newer_version", int(newest > _NEWEST), f"{card.get('spec')} {card.get('spec_version')}"[:80])


def _conversations(draft: PersonaDraft, data: Mapping[str, object], source: str) -> Iterator[Conversation]:
    yield from greetings(draft, source)
    names = tuple(filter(None, (draft.name, clean_name(text_of(data, "nickname")))))
    yield from example_conversations("\n".join(_examples(data)), names, source)


def _examples(data: Mapping[str, object]) -> tuple[str, ...]:
    text = text_of(data, "mes_example")
    return (text,) if text else texts_of(data, "mes_example")


ENTRY = Importer(
    name="character_card",
    label="Character card",
    suffixes=(".png", ".json", ".charx"),
    summary="Cards V1, V2 and V3, as JSON, inside a PNG or as CHARX: who the persona is, greetings, example dialogue.",
    sniff=_sniff,
    read=_read,
    introduces=True,
    order=1,
)
