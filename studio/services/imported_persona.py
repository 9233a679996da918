"""The persona that imported files belong to: made, or filled up where it was still empty; never overwritten."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from studio.domain.persona import Persona
from studio.importers import IMPORTERS, ImportItem, PersonaDraft, merged_card
from studio.library.library import Library
from studio.services.personas import Personas

_FROM_CARD = ("tagline", "description", "greeting", "alternate_greetings", "system_prompt", "tags")


def persona_of(library: Library, personas: Personas, name: str, items: Sequence[ImportItem]) -> tuple[Persona, bool]:
    """Return the persona of this name and whether it is new. Lorebooks among the items go into its card."""
    there = library.personas.find(name)
    if there:
        return _filled_up(library, personas, there[0], items), False
    item = _card_item(items)
    draft = (item.card if item else None) or PersonaDraft(name=name)
    card = merged_card(name, {}, draft.card, _books(items))
    portrait, original = _portrait(items), _original(items)
    persona = personas.create_from(replace(draft, name=name, card=card), portrait)
    if original:
        persona = personas.update(persona.id, original=library.files.put(original))
    return persona, True


def _filled_up(library: Library, personas: Personas, persona: Persona, items: Sequence[ImportItem]) -> Persona:
    item = _card_item(items)
    draft = item.card if item else None
    fields: dict[str, Any] = {}
    if draft:
        given = {name: getattr(draft, name) for name in _FROM_CARD}
        fields = {name: value for name, value in given.items() if value and not getattr(persona, name)}
    card = merged_card(persona.name, persona.card, draft.card if draft else {}, _books(items))
    if card != persona.card:
        fields["card"] = card
    if (portrait := _portrait(items)) and not persona.portrait:
        fields["portrait"] = library.files.put(portrait)
    if (original := _original(items)) and not persona.original and _is_of(card, draft):
        fields["original"] = library.files.put(original)
    return personas.update(persona.id, **fields) if fields else persona


def _books(items: Sequence[ImportItem]) -> list[Any]:
    return [item.lorebook for item in items if item.lorebook]


def _portrait(items: Sequence[ImportItem]) -> bytes:
    return next((item.portrait for item in items if item.portrait), b"")


def _original(items: Sequence[ImportItem]) -> Any:
    """The file of the card that is taken, never that of another one."""
    card = _card_item(items)
    return card.original if card else b""


def _card_item(items: Sequence[ImportItem]) -> ImportItem | None:
    """A file that is a card comes before one that only says something about the character beside its chats."""
    known = IMPORTERS.all()
    with_card = [item for item in items if item.card]
    return min(with_card, key=lambda item: not (item.format in known and known[item.format].introduces), default=None)


def _is_of(card: object, draft: PersonaDraft | None) -> bool:
    """True when the persona's card is the one that came in: pictures of another card mean nothing to it."""
    return draft is not None and card == draft.card
