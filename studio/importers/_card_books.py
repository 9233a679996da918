"""A card and the lorebooks that came beside it, as one card."""

import json
from collections.abc import Iterable, Iterator, Mapping

from studio.importers._card_fields import V1_FIELDS

Card = Mapping[str, object]
_SHELL = frozenset({"name", "character_book"})


def merged_card(name: str, stored: Card, brought: Card, books: Iterable[Card]) -> Card:
    """Return the card that a persona has after an import: its own (it is never overwritten), with every book in it.

    ``stored`` is the persona's card and ``brought`` the one that came in; both may be empty. A persona without a card
    gets one that holds nothing but the books; a card that comes later takes its place.
    """
    shell = stored if _is_shell(stored) else {}
    card = brought if brought and (shell or not stored) else stored
    wanted = [*(_book_of(shell) if card is not shell else []), *books]
    for book in filter(None, wanted):
        card = _with_book(card or _shell(name), book)
    return card


def _is_shell(card: Card) -> bool:
    data = card.get("data")
    return isinstance(data, dict) and set(data) <= _SHELL


def _shell(name: str) -> Card:
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": name}}


def _book_of(card: Card) -> list[Card]:
    data = card.get("data")
    book = data.get("character_book") if isinstance(data, dict) else None
    return [book] if isinstance(book, dict) else []


def _with_book(card: Card, book: Card) -> Card:
    """Put the book where the card's version has its fields."""
    data = card.get("data")
    if isinstance(data, dict) and ("spec" in card or not any(field in card for field in V1_FIELDS[1:])):
        return {**card, "data": {**data, "character_book": _joined(data.get("character_book"), book)}}
    return {**card, "character_book": _joined(card.get("character_book"), book)}


def _joined(there: object, book: Card) -> Card:
    """The book that is there, with the entries of the other that it lacks; their numbers never clash."""
    entries, added = _entries(there), _entries(book)
    if not isinstance(there, dict) or not entries:
        return dict(book)
    said = {_said(entry) for entry in entries}
    new = [entry for entry in added if _said(entry) not in said]
    return {**there, "entries": [*entries, *_renumbered(new, {_number(entry) for entry in entries})]}


def _entries(book: object) -> list[object]:
    found = book.get("entries") if isinstance(book, dict) else None
    return found if isinstance(found, list) else []


def _renumbered(entries: list[object], taken: set[int]) -> Iterator[object]:
    free = max(taken) + 1
    for entry in entries:
        clashes = isinstance(entry, dict) and "id" in entry and _number(entry) in taken
        number = free if clashes else _number(entry)
        taken.add(number)
        free = max(free, number + 1)
        yield {**entry, "id": number} if clashes and isinstance(entry, dict) else entry


def _number(entry: object) -> int:
    number = entry.get("id") if isinstance(entry, dict) else None
    return number if isinstance(number, int) else -1


def _said(entry: object) -> str:
    told = [entry.get("keys"), entry.get("content")] if isinstance(entry, dict) else entry
    return json.dumps(told, sort_keys=True)
