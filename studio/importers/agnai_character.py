"""Agnai's own characters: persona in prose or attributes, greetings, sample chat and memory book, as a card draft."""

import re
from collections.abc import Mapping
from dataclasses import replace

from studio.domain.errors import StudioError
from studio.importers._agnai_memory import character_book
from studio.importers._agnai_persona import described, summed_up
from studio.importers._card_draft import text_of
from studio.importers._card_portrait import picture_in
from studio.importers._json_fields import whole_value
from studio.importers._json_text import require_shallow
from studio.importers._plan import PersonaDraft
from studio.importers._source import Source
from studio.importers._v2_card import examples, greetings, v2_draft
from studio.importers._wording import clean_name, clean_tree
from studio.importers.importer import Importer, Reading, ReadOptions

_KIND = re.compile(r'"kind"\s*:\s*"(?:library-)?character"')
_OWN_FIELDS = ('"persona"', '"greeting"', '"sampleChat"', '"scenario"', '"alternateGreetings"')
_MESSAGES = re.compile(r'"messages"\s*:\s*\[')
_FIELDS = {
    "scenario": "scenario",
    "greeting": "first_mes",
    "sampleChat": "mes_example",
    "description": "creator_notes",
    "systemPrompt": "system_prompt",
    "postHistoryInstructions": "post_history_instructions",
    "creator": "creator",
    "characterVersion": "character_version",
    "alternateGreetings": "alternate_greetings",
    "tags": "tags",
}
"""Agnai's name to the card's. Its ``description`` is a note to people and was never in a prompt."""
_YOU = re.compile(r"^You ?:", re.MULTILINE | re.IGNORECASE)


def _sniff(source: Source) -> float:
    text = source.head_text.lstrip()
    if not text.startswith("{") or _MESSAGES.search(text) or '"spec"' in text:
        return 0.0
    own = sum(field in text for field in _OWN_FIELDS)
    if _KIND.search(text):
        return 0.95 if own else 0.0
    return 0.92 if own >= 3 and '"persona"' in text else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    value = whole_value(source)
    if not isinstance(value, dict):
        raise StudioError("card_invalid", path=source.path, reason="it is no JSON object")
    require_shallow(value, source.path)
    cleaned = clean_tree(value)
    character: Mapping[str, object] = cleaned if isinstance(cleaned, dict) else {}
    name = clean_name(text_of(character, "name")) or options.persona
    if not name:
        raise StudioError("card_invalid", path=source.path, reason="it has no name")
    if not any(character.get(field) for field in ("persona", "greeting", "sampleChat", "scenario")):
        raise StudioError("card_invalid", path=source.path, reason="it has none of the fields of a character")
    options.checkpoint()
    draft = _draft(character, name)
    return Reading(
        persona_name=name,
        card=draft,
        conversations=(*greetings(draft, source.name), *examples(draft, source.name)),
        speakers=(name,),
        speaker=name,
        portrait=picture_in(text_of(character, "avatar")),
    )


def _draft(character: Mapping[str, object], name: str) -> PersonaDraft:
    fields: dict[str, object] = {theirs: character.get(ours) for ours, theirs in _FIELDS.items()}
    fields["mes_example"] = _YOU.sub("{{user}}:", text_of(character, "sampleChat"))
    fields["description"] = described(name, character.get("persona"))
    fields["character_book"] = character_book(character.get("characterBook"))
    fields["extensions"] = _extensions(character)
    draft = v2_draft(fields, name)
    own = text_of(character, "systemPrompt")
    prompt = "" if own else summed_up(name, character.get("persona"))
    return replace(draft, system_prompt=prompt) if prompt else draft


def _extensions(character: Mapping[str, object]) -> dict[str, object]:
    """What other programs keep there, and under ``agnai`` all that a card has no field for, the persona as it was."""
    theirs = character.get("extensions")
    kept = dict(theirs) if isinstance(theirs, dict) else {}
    told = {*_FIELDS, "name", "kind", "extensions", "characterBook", "insert"}
    if isinstance(insert := character.get("insert"), dict):
        kept["depth_prompt"] = insert
    if picture_in(text_of(character, "avatar")):
        told.add("avatar")
    return {**kept, "agnai": {key: value for key, value in character.items() if key not in told}}


ENTRY = Importer(
    name="agnai_character",
    label="Agnai character",
    suffixes=(".json",),
    summary="Characters of Agnai with any kind of persona: who the persona is, greetings, sample chat, memory book.",
    sniff=_sniff,
    read=_read,
    introduces=True,
    order=11,
)
