"""Entries of other programs' lorebooks in the shape that cards use; what has no place in it is kept beside it."""

from collections.abc import Callable, Mapping

Entry = Mapping[str, object]
_ST_NAMES = {
    "excludeRecursion": "exclude_recursion",
    "preventRecursion": "prevent_recursion",
    "delayUntilRecursion": "delay_until_recursion",
    "displayIndex": "display_index",
    "selectiveLogic": "selectiveLogic",
    "groupOverride": "group_override",
    "groupWeight": "group_weight",
    "scanDepth": "scan_depth",
    "matchWholeWords": "match_whole_words",
    "useGroupScoring": "use_group_scoring",
    "automationId": "automation_id",
    "caseSensitive": "case_sensitive",
}
"""SillyTavern calls its own settings otherwise inside cards than in world files."""


def from_world(entry: Entry, number: int) -> dict[str, object]:
    """SillyTavern's world info."""
    known = ("key", "keysecondary", "content", "comment", "constant", "selective", "order", "disable", "uid")
    return {
        "id": entry.get("uid", number),
        "keys": _texts(entry.get("key")),
        "secondary_keys": _texts(entry.get("keysecondary")),
        "comment": _text(entry, "comment"),
        "content": _text(entry, "content"),
        "constant": entry.get("constant") is True,
        "selective": entry.get("selective") is True,
        "insertion_order": _number(entry, "order", 100),
        "enabled": entry.get("disable") is not True,
        "position": "before_char" if entry.get("position", 0) == 0 else "after_char",
        "extensions": {_ST_NAMES.get(key, key): value for key, value in entry.items() if key not in known},
    }


def from_risu(entry: Entry, number: int) -> dict[str, object]:
    """Risu's lorebook."""
    return _made(
        entry,
        number,
        {"comment": "comment", "content": "content", "selective": "selective"},
        keys=_split(entry.get("key")),
        secondary_keys=_split(entry.get("secondkey")),
        insertion_order=_number(entry, "insertorder", 100),
        constant=entry.get("alwaysActive") is True,
        enabled=True,
    )


def from_novelai(entry: Entry, number: int) -> dict[str, object]:
    """NovelAI's lorebook."""
    context = entry.get("contextConfig")
    order = _number(context, "budgetPriority", 100) if isinstance(context, dict) else 100
    return _made(
        entry,
        number,
        {"name": "displayName", "comment": "displayName", "content": "text"},
        keys=_texts(entry.get("keys")),
        insertion_order=order,
        constant=entry.get("forceActivation") is True,
        enabled=entry.get("enabled") is not False,
    )


def from_card(entry: Entry, number: int) -> dict[str, object]:
    """The shape of cards already."""
    return dict(entry)


Reader = Callable[[Entry, int], dict[str, object]]


def _made(entry: Entry, number: int, names: Mapping[str, str], **made: object) -> dict[str, object]:
    """An entry of fields that are only called otherwise and of those made; the whole original goes into extensions."""
    same = {ours: entry[theirs] for ours, theirs in names.items() if theirs in entry}
    return {"id": number, "content": "", **same, **made, "extensions": {"original": dict(entry)}}


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return _split(value)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _split(value: object) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else []


def _number(entry: Entry, key: str, otherwise: int) -> int | float:
    value = entry.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
