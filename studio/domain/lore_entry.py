"""One entry of a lorebook, read from whatever a card of any version and origin holds of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

BEFORE, AFTER, DEPTH = "before", "after", "depth"
AND_ANY, NOT_ALL, NOT_ANY, AND_ALL = range(4)
"""How secondary keys are meant; SillyTavern's numbers."""
_AT_DEPTH = 4
"""SillyTavern's number for a place among the messages."""
_ORDER, _DEPTH = 100.0, 4
_LINES = "\n"


@dataclass(frozen=True, kw_only=True)
class LoreEntry:
    """``whole_words`` None: a key begins where a word begins. ``after`` and ``every`` count the persona's turns.

    ``all_of``: further keys of which one must stand there, too; ``none_of``: keys that keep the entry away.
    """

    title: str
    text: str
    keys: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    logic: int = AND_ANY
    selective: bool = False
    enabled: bool = True
    constant: bool = False
    regex: bool = False
    case_sensitive: bool = False
    whole_words: bool | None = None
    order: float = _ORDER
    priority: float | None = None
    position: str = AFTER
    depth: int = _DEPTH
    scan_depth: int | None = None
    called_by_lore: bool = True
    calls_lore: bool = True
    after: int = 0
    every: int = 1
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()


def entries_of(book: Mapping[str, object]) -> list[LoreEntry]:
    """Return the entries of a book that say anything; what is no entry is passed over."""
    found = book.get("entries")
    listed = list(found.values()) if isinstance(found, Mapping) else found if isinstance(found, list) else []
    read = [_entry(one, number) for number, one in enumerate(listed, 1) if isinstance(one, Mapping)]
    return [entry for entry in read if entry.text.strip()]


def number(value: object, otherwise: float | None = None) -> float | None:
    """A number, or a text that is one."""
    if isinstance(value, bool):
        return otherwise
    try:
        return float(value) if isinstance(value, int | float | str) else otherwise
    except ValueError:
        return otherwise


def _entry(raw: Mapping[str, object], place: int) -> LoreEntry:
    extra = raw.get("extensions")
    extra = extra if isinstance(extra, Mapping) else {}
    keys = _words(raw.get("keys", raw.get("key")))
    title = next((text for name in ("name", "comment") if (text := _text(raw.get(name)))), "") or ", ".join(keys[:3])
    chance = number(extra.get("probability"), 100.0) if extra.get("useProbability") is True else 100.0
    entry = LoreEntry(
        title=title or str(place),
        text=_text(raw.get("content")),
        keys=keys,
        secondary=_words(raw.get("secondary_keys")),
        selective=raw.get("selective") is True,
        logic=int(number(extra.get("selectiveLogic"), AND_ANY) or AND_ANY),
        enabled=raw.get("enabled") is not False and bool(chance),
        constant=raw.get("constant") is True,
        regex=raw.get("use_regex") is True,
        case_sensitive=_either(raw.get("case_sensitive"), extra.get("case_sensitive")) is True,
        whole_words=_either(extra.get("match_whole_words"), None),
        order=number(raw.get("insertion_order"), _ORDER) or 0.0,
        priority=number(raw.get("priority")),
        scan_depth=_whole(extra.get("scan_depth")),
        called_by_lore=extra.get("exclude_recursion") is not True,
        calls_lore=extra.get("prevent_recursion") is not True,
    )
    return _decorated(_placed(entry, raw.get("position"), extra))


def _placed(entry: LoreEntry, position: object, extra: Mapping[str, object]) -> LoreEntry:
    if number(extra.get("position")) == _AT_DEPTH:
        depth = _whole(extra.get("depth"))
        return replace(entry, position=DEPTH, depth=_DEPTH if depth is None else depth)
    return replace(entry, position=BEFORE if position == "before_char" else AFTER)


def _decorated(entry: LoreEntry) -> LoreEntry:
    """Take the decorators of V3 off the text's beginning, and do as those say that are known here.

    ``@@@`` is what to do instead where the decorator before it is not known.
    """
    lines = entry.text.lstrip().split(_LINES)
    known = True
    while lines and lines[0].lstrip().startswith("@@"):
        line = lines.pop(0).strip()
        instead = line.startswith("@@@")
        name, _, value = line.lstrip("@").partition(" ")
        if instead and known:
            continue
        changed = _DECORATORS[name](value.strip()) if name in _DECORATORS else None
        known = changed is not None
        entry = replace(entry, **(changed or {}))  # type: ignore[arg-type]
    return replace(entry, text=_LINES.join(lines).strip())


def _position(value: str) -> dict[str, object] | None:
    places = {"before_desc": BEFORE, "after_desc": AFTER}
    return {"position": places[value]} if value in places else None


def _counted(name: str, value: str, **more: object) -> dict[str, object] | None:
    found = _whole(value)
    return None if found is None else {name: found} | more


_Changes = dict[str, object] | None
_DECORATORS: dict[str, Callable[[str], _Changes]] = {
    "activate": lambda _: {"constant": True},
    "dont_activate": lambda _: {"enabled": False},
    "depth": lambda value: _counted("depth", value, position=DEPTH),
    "scan_depth": lambda value: _counted("scan_depth", value),
    "position": _position,
    "activate_only_after": lambda value: _counted("after", value),
    "activate_only_every": lambda value: _counted("every", value),
    "additional_keys": lambda value: {"all_of": _words(value)},
    "exclude_keys": lambda value: {"none_of": _words(value)},
}


def _either(first: object, second: object) -> bool | None:
    return first if isinstance(first, bool) else second if isinstance(second, bool) else None


def _whole(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and 0 <= found <= 100_000 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(one.strip() for one in listed if isinstance(one, str) and one.strip())
