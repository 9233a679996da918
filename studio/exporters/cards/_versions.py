"""A persona's card as V2 or V3: what it said when it came in, known or unknown, with what was edited since."""

import json
import math
from collections.abc import Mapping

from studio.exporters.cards.card_exporter import CardRequest

Card = dict[str, object]
V2 = ("chara_card_v2", "2.0")
V3 = ("chara_card_v3", "3.0")
_TEXTS = (
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt",
    "post_history_instructions", "creator", "character_version",
)  # fmt: skip
_LISTS = ("alternate_greetings", "tags")
_LATER = (
    "extensions", "character_book", "assets", "nickname", "creator_notes_multilingual", "source",
    "group_only_greetings", "creation_date", "modification_date",
)  # fmt: skip
_OLD_NAMES = {
    "name": ("name", "char_name"),
    "description": ("description", "char_persona"),
    "first_mes": ("first_mes", "char_greeting"),
}
"""What V1 and Pygmalion call the fields that can be edited here. Copies of them at the root follow the edits."""
_OWN = "persona_studio"
_FRAME = ("spec", "spec_version", "data")


def as_v2(request: CardRequest) -> Card:
    """The card as V2; keys of V3 stay where they are, as unknown keys must."""
    return _framed(request, V2, {})


def as_v3(request: CardRequest) -> Card:
    """The card as V3."""
    return _framed(request, V3, {"group_only_greetings": []})


def json_bytes(card: Mapping[str, object], indent: int | None = None) -> bytes:
    """The card as JSON in UTF-8. Numbers that JSON does not have become null, as every browser writes them."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(_finite(card), ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    return text.encode("utf-8", errors="replace")


def data_of(card: Card) -> Card:
    """The part with the fields."""
    data = card["data"]
    return data if isinstance(data, dict) else {}


def _framed(request: CardRequest, version: tuple[str, str], wanted: Card) -> Card:
    card, fields = request.persona.card, request.fields
    in_data = bool(fields) and card.get("data") is fields
    data = dict(fields) if in_data else _data_of_v1(fields)
    required: Card = {**dict.fromkeys(_TEXTS, ""), **{key: [] for key in _LISTS}, **wanted}
    data |= {key: value for key, value in required.items() if key not in data} | dict(request.edited)
    displaced = {key: card[key] for key in _FRAME if key in card and not in_data and card[key] != version[0]}
    data["extensions"] = _extensions(data.get("extensions", {}), request.own, displaced)
    same = in_data and card.get("spec") == version[0] and "spec_version" in card
    return {
        **card,
        **_root_copies(card, request.edited),
        "spec": version[0],
        "spec_version": card["spec_version"] if same else version[1],
        "data": data,
    }


def _data_of_v1(fields: Mapping[str, object]) -> Card:
    """V1 has its fields at the root; they stay there and are said again where V2 looks for them."""
    data = {key: fields[key] for key in (*_TEXTS, *_LISTS, *_LATER) if key in fields}
    if "creator_notes" not in data and "creatorcomment" in fields:
        data["creator_notes"] = fields["creatorcomment"]
    beside = {key: fields[key] for key in ("talkativeness", "fav") if key in fields}
    extensions = data.get("extensions", {})
    if beside and isinstance(extensions, dict):
        data["extensions"] = {**beside, **extensions}
    return data


def _root_copies(card: Mapping[str, object], edited: Mapping[str, object]) -> Card:
    names = {old: key for key in edited for old in _OLD_NAMES.get(key, (key,))}
    return {old: edited[key] for old, key in names.items() if old in card and old not in _FRAME}


def _extensions(there: object, own: Mapping[str, str], displaced: Card) -> object:
    """The card's extensions with the studio's own word in them; what has no other place any more goes there too."""
    if not own and not displaced:
        return there
    if not isinstance(there, dict):
        displaced, there = {**displaced, "extensions": there}, {}
    ours = there.get(_OWN, {})
    if not isinstance(ours, dict):
        displaced, ours = {**displaced, _OWN: ours}, {}
    kept = ours.get("displaced", {})
    if displaced:
        ours = {**ours, "displaced": {**(kept if isinstance(kept, dict) else {}), **displaced}}
    return {**there, _OWN: {**ours, **own}}


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value
