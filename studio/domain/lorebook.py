"""A card's lorebook (``character_book`` of V2 and V3): which entries the end of a conversation calls up."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from studio.domain.lore_entry import (
    AFTER,
    AND_ALL,
    BEFORE,
    DEPTH,
    NOT_ALL,
    NOT_ANY,
    LoreEntry,
    entries_of,
    number,
)

__all__ = ["AFTER", "BEFORE", "DEPTH", "Finder", "LoreHit", "book_of", "called", "estimated_tokens"]
SCAN_DEPTH = 4
"""Messages that are looked through where a book does not say."""
TOKEN_BUDGET = 1024
"""Tokens of lore where a book does not say; more would push the conversation out of a small window."""
ROUNDS = 4
"""How often lore may call up lore."""
_BYTES_PER_TOKEN = 4

Finder = Callable[[str, str, bool], bool]
"""Whether a pattern (first) stands in a text (second), letter case told apart or not."""


@dataclass(frozen=True, kw_only=True)
class LoreHit:
    """An entry that was called up. ``word`` called it (empty: it always stands there); ``fits``: there was room.

    ``position``: ``before`` or ``after`` the system prompt, or at a ``depth`` of messages before the end. ``through``
    is the title of the entry whose text holds the word, where no message does.
    """

    title: str
    text: str
    word: str = ""
    position: str = AFTER
    depth: int = 0
    order: float = 100.0
    tokens: int = 0
    fits: bool = True
    through: str = ""


@dataclass(frozen=True, kw_only=True)
class _Call:
    entry: LoreEntry
    word: str = ""
    through: str = ""


def book_of(card: Mapping[str, object]) -> Mapping[str, object]:
    """Return the lorebook of a card of any version; empty where it has none."""
    data = card.get("data", card)
    book = data.get("character_book") if isinstance(data, Mapping) else None
    return book if isinstance(book, Mapping) else {}


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text takes; the true number is the base's own."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)


def called(
    book: Mapping[str, object],
    said: Sequence[str],
    *,
    replies: int = 0,
    fill: Callable[[str], str] = str,
    finds: Finder | None = None,
) -> list[LoreHit]:
    """Return the entries that the last of these messages call up, in the order in which they stand in the prompt.

    ``replies``: how often the persona has spoken; ``fill`` fills in placeholders; ``finds`` looks for patterns, and
    without it entries with patterns are called up by nothing.
    """
    able = [
        one for one in entries_of(book) if one.enabled and replies >= one.after and replies % max(one.every, 1) == 0
    ]
    scan = _Scan(book, said, fill, finds)
    calls = [call for entry in able if (call := scan.call(entry))]
    if book.get("recursive_scanning") is True:
        calls += _called_by_lore(able, calls, scan)
    return _placed([_hit(call, fill) for call in calls], _priorities(calls), book)


class _Scan:
    """Looks for keys in the end of a conversation, or in a text of lore."""

    def __init__(
        self, book: Mapping[str, object], said: Sequence[str], fill: Callable[[str], str], finds: Finder | None
    ) -> None:
        depth = number(book.get("scan_depth"))
        self._depth = SCAN_DEPTH if depth is None else max(int(depth), 0)
        self._said = said
        self._fill = fill
        self._finds = finds

    def call(self, entry: LoreEntry) -> _Call | None:
        """What calls an entry up, if anything does."""
        if entry.constant:
            return _Call(entry=entry)
        depth = self._depth if entry.scan_depth is None else entry.scan_depth
        word = self._word(entry, "\n".join(self._said[-depth:]) if depth else "")
        return _Call(entry=entry, word=word) if word else None

    def call_by(self, entry: LoreEntry, callers: Sequence[LoreEntry]) -> _Call | None:
        """The same, where other lore is looked through."""
        for caller in callers:
            if word := self._word(entry, self._fill(caller.text)):
                return _Call(entry=entry, word=word, through=caller.title)
        return None

    def _word(self, entry: LoreEntry, text: str) -> str:
        """The first key that stands in a text, where the other keys allow it."""
        if not text:
            return ""
        word = next((key for key in entry.keys if self._there(entry, key, text)), "")
        return word if word and self._allowed(entry, text) else ""

    def _allowed(self, entry: LoreEntry, text: str) -> bool:
        if any(self._there(entry, key, text) for key in entry.none_of):
            return False
        if entry.all_of and not any(self._there(entry, key, text) for key in entry.all_of):
            return False
        if not (entry.selective and entry.secondary):
            return True
        there = [self._there(entry, key, text) for key in entry.secondary]
        verdicts = {NOT_ALL: not all(there), NOT_ANY: not any(there), AND_ALL: all(there)}
        return verdicts.get(entry.logic, any(there))

    def _there(self, entry: LoreEntry, key: str, text: str) -> bool:
        if entry.regex:
            return self._finds is not None and self._finds(key, text, entry.case_sensitive)
        sought = self._fill(key)
        pattern = f"{_border(sought[:1], entry.whole_words)}{re.escape(sought)}"
        if entry.whole_words:
            pattern += r"(?!\w)" if _has_borders(sought[-1:]) else ""
        return re.search(pattern, text, 0 if entry.case_sensitive else re.IGNORECASE) is not None


def _border(letter: str, whole_words: bool | None) -> str:
    """A key begins where a word begins, so that ``ice`` is not found in ``police``; some scripts know no words."""
    return r"(?<!\w)" if whole_words is not False and _has_borders(letter) else ""


def _has_borders(letter: str) -> bool:
    return letter.isalnum() and unicodedata.category(letter) != "Lo"


def _called_by_lore(able: Sequence[LoreEntry], calls: Sequence[_Call], scan: _Scan) -> list[_Call]:
    found: list[_Call] = []
    callers = [call.entry for call in calls if call.entry.calls_lore]
    waiting = [one for one in able if one.called_by_lore and one not in [call.entry for call in calls]]
    for _ in range(ROUNDS):
        fresh = [call for entry in waiting if (call := scan.call_by(entry, callers))]
        found += fresh
        callers = [call.entry for call in fresh if call.entry.calls_lore]
        waiting = [one for one in waiting if one not in [call.entry for call in fresh]]
        if not callers:
            break
    return found


def _hit(call: _Call, fill: Callable[[str], str]) -> LoreHit:
    entry, text = call.entry, fill(call.entry.text)
    return LoreHit(
        title=entry.title, text=text, word=call.word, position=entry.position,
        depth=entry.depth if entry.position == DEPTH else 0, order=entry.order, tokens=estimated_tokens(text),
        through=call.through,
    )  # fmt: skip


def _priorities(calls: Sequence[_Call]) -> list[tuple[bool, float, float]]:
    """Who may stay when there is not room for all: what always stands there, then by priority, then by order."""
    return [(call.entry.constant, call.entry.priority or 0.0, call.entry.order) for call in calls]


def _placed(
    hits: Sequence[LoreHit], priorities: Sequence[tuple[bool, float, float]], book: Mapping[str, object]
) -> list[LoreHit]:
    budget = number(book.get("token_budget"))
    left = TOKEN_BUDGET if budget is None or budget <= 0 else int(budget)
    kept = list(hits)
    for at in sorted(range(len(hits)), key=lambda at: priorities[at], reverse=True):
        kept[at] = replace(hits[at], fits=hits[at].tokens <= left)
        left -= hits[at].tokens if kept[at].fits else 0
    places = (BEFORE, AFTER, DEPTH)
    return sorted(kept, key=lambda hit: (places.index(hit.position), -hit.depth, hit.order))
