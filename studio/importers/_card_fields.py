"""The fields of a card of any version, under the names that V2 gave them."""

from collections.abc import Mapping
from pathlib import Path

from studio.domain.errors import StudioError
from studio.importers._card_draft import draft_from, text_of
from studio.importers._plan import PersonaDraft
from studio.importers._wording import clean_name

V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
_PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "char_greeting": "first_mes",
    "world_scenario": "scenario",
    "example_dialogue": "mes_example",
}


def fields_of(card: Mapping[str, object], path: Path) -> Mapping[str, object]:
    """Return the part with the fields: ``data`` in V2 and V3, the card itself in V1, renamed for Pygmalion's."""
    data = card.get("data")
    if isinstance(data, dict) and ("spec" in card or _has_fields(data) or not _has_fields(card)):
        return data
    if "spec" in card:
        raise card_invalid(path, "its 'data' is missing")
    if "char_name" in card and not card.get("name"):
        return {_PYGMALION.get(key, key): value for key, value in card.items()}
    if not _has_fields(card):
        raise card_invalid(path, "it has none of the fields of a card")
    return card


def card_fields(card: Mapping[str, object]) -> Mapping[str, object]:
    """Return the fields of a stored card; none when there is no card."""
    try:
        return fields_of(card, Path())
    except StudioError:
        return {}


def draft_of_card(card: Mapping[str, object], name: str) -> PersonaDraft:
    """Return what a stored card said when it came in, so that one can tell what was changed since."""
    data = card_fields(card)
    return draft_from(card, data, clean_name(text_of(data, "name")) or name)


def card_invalid(path: Path, reason: str) -> StudioError:
    """The trouble with a card that is no card."""
    return StudioError("card_invalid", path=path, reason=reason)


def _has_fields(card: Mapping[str, object]) -> bool:
    return any(field in card for field in V1_FIELDS[1:])
