"""Agnai's memory books in the shape of a card's lorebook."""

from studio.importers._json_fields import Fields, items, parts, words

_SAME = {
    "name": "name",
    "comment": "comment",
    "id": "id",
    "priority": "priority",
    "constant": "constant",
    "selective": "selective",
    "position": "position",
    "secondaryKeys": "secondary_keys",
}
_BOOK = {
    "name": "name",
    "description": "description",
    "scanDepth": "scan_depth",
    "tokenBudget": "token_budget",
    "recursiveScanning": "recursive_scanning",
}


def character_book(memory: object) -> dict[str, object]:
    """Return the book; nothing when there is none, or it is empty."""
    if not isinstance(memory, dict):
        return {}
    entries = [_entry(entry, number) for number, entry in enumerate(parts(memory, "entries"))]
    if not entries:
        return {}
    extensions = memory.get("extensions")
    book: dict[str, object] = {theirs: memory[ours] for ours, theirs in _BOOK.items() if ours in memory}
    return {**book, "extensions": extensions if isinstance(extensions, dict) else {}, "entries": entries}


def _entry(entry: Fields, number: int) -> dict[str, object]:
    """Agnai draws the entry of the highest weight last, as a card does the one of the highest order."""
    weight = entry.get("weight")
    kept: dict[str, object] = {theirs: entry[ours] for ours, theirs in _SAME.items() if ours in entry}
    return {
        "keys": [key for key in items(entry, "keywords") if isinstance(key, str)],
        "content": words(entry, "entry"),
        "enabled": entry.get("enabled") is not False,
        "insertion_order": weight if isinstance(weight, int) else number,
        "extensions": {},
        **kept,
    }
