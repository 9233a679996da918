"""Lorebooks without a card: SillyTavern's world info, lorebook_v3, Risu's, NovelAI's, Agnai's memory books."""

import re
from collections.abc import Mapping

from studio.domain.errors import StudioError
from studio.importers._agnai_memory import character_book
from studio.importers._json_text import parse, require_shallow
from studio.importers._lore_entries import Reader, from_card, from_novelai, from_risu, from_world
from studio.importers._source import Source
from studio.importers._wording import clean_tree, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 32
_V3 = re.compile(r'"spec"\s*:\s*"lorebook_v3"')
_CARD = re.compile(r'"spec"\s*:\s*"chara_card|"first_mes"\s*:|"kind"\s*:\s*"character"')
_OTHERS = re.compile(r'"lorebookVersion"\s*:|"type"\s*:\s*"risu"|"kind"\s*:\s*"memory"')
_LISTS = re.compile(r'"(?:entries|data)"\s*:\s*[\[{]')
_KEYS = re.compile(r'"keys?"\s*:')
_CONTENT = re.compile(r'"content"\s*:')


def _sniff(source: Source) -> float:
    text = source.head_text
    if not text.lstrip().startswith("{"):
        return 0.0
    if _V3.search(text):
        return 1.0
    if _CARD.search(text) or not _LISTS.search(text):
        return 0.0
    if _OTHERS.search(text):
        return 0.9
    return 0.8 if '"entries"' in text and _KEYS.search(text) and _CONTENT.search(text) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    value = parse(source.text(limit_mb=LIMIT_MB).removeprefix("\ufeff"), source.path)
    require_shallow(value, source.path)
    book = _book(clean_tree(value))
    entries = book.get("entries")
    if not isinstance(entries, list) or not entries:
        raise StudioError("lorebook_empty", path=source.path)
    if not options.expected:
        raise StudioError("lorebook_needs_persona", path=source.path, count=len(entries))
    return Reading(lorebook=book, notes=note("lorebook_goes_to_card", len(entries)))


def _book(value: object) -> dict[str, object]:
    """Return the book as a card would hold it; without entries when it is none."""
    if not isinstance(value, dict):
        return {}
    data = value.get("data")
    if str(value.get("spec", "")).startswith("lorebook_v") and isinstance(data, dict):
        return data
    if value.get("kind") == "memory":
        return character_book(value)
    key = "data" if value.get("type") == "risu" else "entries"
    entries = _entries(value.get(key))
    reader = _reader(value, entries)
    made = [reader(entry, number) for number, entry in enumerate(entries)]
    if reader is from_card:
        return {**value, "entries": made}
    name = {"name": value["name"]} if isinstance(value.get("name"), str) else {}
    return {**name, "extensions": _extensions(value, key), "entries": made}


def _entries(listed: object) -> list[dict[str, object]]:
    parts = list(listed.values()) if isinstance(listed, dict) else listed
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _reader(value: Mapping[str, object], entries: list[dict[str, object]]) -> Reader:
    """Who wrote it."""
    if value.get("type") == "risu":
        return from_risu
    if "lorebookVersion" in value:
        return from_novelai
    return from_world if entries and "key" in entries[0] else from_card


def _extensions(value: Mapping[str, object], key: str) -> dict[str, object]:
    """What the book's writer kept beside the entries stays with it."""
    own = value.get("extensions")
    beside = {name: part for name, part in value.items() if name not in (key, "name", "extensions", "originalData")}
    return {**(own if isinstance(own, dict) else {}), **beside}


ENTRY = Importer(
    name="lorebook",
    label="Lorebook",
    suffixes=(".json", ".lorebook"),
    summary="World info of SillyTavern, lorebook_v3, Risu, NovelAI and Agnai; it is kept with the persona's card.",
    sniff=_sniff,
    read=_read,
    order=2,
)
