"""World info of a Kobold save, in the shape of a card's lorebook."""

from collections.abc import Iterator

from studio.importers._json_fields import Fields, items, part, parts, words
from studio.importers._wording import clean


def lorebook(save: Fields) -> dict[str, object]:
    """Return the ``character_book``; nothing when the save has no world info."""
    entries = [_entry(info, number) for number, info in enumerate(_infos(save)) if words(info, "content").strip()]
    return {"extensions": {}, "entries": entries} if entries else {}


def _infos(save: Fields) -> Iterator[Fields]:
    """A list, or, in newer KoboldAI, an object of entries by number."""
    yield from parts(save, "worldinfo")
    newer = part(part(save, "worldinfo_v2"), "entries")
    yield from (info for info in newer.values() if isinstance(info, dict))


def _entry(info: Fields, number: int) -> dict[str, object]:
    return {
        "keys": _keys(info, "key"),
        "secondary_keys": _keys(info, "keysecondary"),
        "content": clean(words(info, "content")).strip(),
        "comment": clean(words(info, "comment")).strip(),
        "enabled": info.get("widisabled") is not True,
        "constant": info.get("constant") is True,
        "selective": info.get("selective") is True,
        "insertion_order": number,
        "extensions": {},
    }


def _keys(info: Fields, name: str) -> list[str]:
    """One text with commas, or a list."""
    said = [key for key in items(info, name) if isinstance(key, str)] or words(info, name).split(",")
    return [clean(key).strip() for key in said if key.strip()]
