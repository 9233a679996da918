"""Where a card is written: in a text chunk of a PNG, in an archive, or in a file of its own."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.domain.checks import Finding
from studio.domain.errors import StudioError
from studio.importers._card_fields import card_invalid, fields_of
from studio.importers._card_portrait import portrait_of
from studio.importers._charx import is_charx, read_charx
from studio.importers._json_text import parse, require_shallow
from studio.importers._png_chunks import FILE_LIMIT_MB, SIGNATURE, text_chunks
from studio.importers._source import Source
from studio.importers._wording import clean_tree, note

TEXT_LIMIT_MB = 32
_KEYWORDS = ("ccv3", "chara")
"""Newest first: a card that was edited by a newer program may keep a stale older copy."""


@dataclass(frozen=True, kw_only=True)
class FoundCard:
    """The card, the part of it with the fields, and what was beside it."""

    card: dict[str, object]
    fields: Mapping[str, object]
    portrait: bytes = b""
    notes: tuple[Finding, ...] = ()
    keep_original: bool = False


def find_card(source: Source) -> FoundCard:
    """Read the card of a file; ``StudioError`` when it holds none."""
    if source.head.startswith(SIGNATURE):
        return _from_png(source)
    return _from_archive(source) if is_charx(source) else _from_json(source)


def _from_png(source: Source) -> FoundCard:
    """The newest copy that can be read: some programs wrote only one of the two whole."""
    found = {keyword.lower(): text for keyword, text in reversed(text_chunks(source))}
    copies = [found[keyword] for keyword in _KEYWORDS if keyword in found]
    if not copies:
        raise StudioError("png_without_card", path=source.path)
    portrait = source.whole(limit_mb=FILE_LIMIT_MB)
    for payload in copies[:-1]:
        try:
            return _found(_unpacked(payload, source.path), source.path, portrait)
        except StudioError:
            continue
    notes = note("card_newer_copy_broken", len(copies) - 1)
    return _found(_unpacked(copies[-1], source.path), source.path, portrait, notes)


def _from_archive(source: Source) -> FoundCard:
    content = read_charx(source)
    card = _card(content.card.text(limit_mb=TEXT_LIMIT_MB), source.path)
    fields = fields_of(card, source.path)
    portrait = portrait_of(fields, content.embedded) or content.cover
    return FoundCard(card=card, fields=fields, portrait=portrait, keep_original=True)


def _from_json(source: Source) -> FoundCard:
    card = _card(source.text(limit_mb=TEXT_LIMIT_MB), source.path)
    fields = fields_of(card, source.path)
    return FoundCard(card=card, fields=fields, portrait=portrait_of(fields, lambda path: b""))


def _found(text: str, path: Path, portrait: bytes, notes: tuple[Finding, ...] = ()) -> FoundCard:
    card = _card(text, path)
    return FoundCard(card=card, fields=fields_of(card, path), portrait=portrait, notes=notes)


def _unpacked(payload: bytes, path: Path) -> str:
    """Undo base64, whichever alphabet, line length and padding the writer liked; bare JSON is taken as it is."""
    packed = b"".join(payload.split())
    try:
        raw = payload if packed.startswith(b"{") else base64.b64decode(_padded(packed), validate=True)
        return raw.decode("utf-8-sig")
    except (binascii.Error, ValueError) as error:
        raise card_invalid(path, "its text is not Base64 of UTF-8") from error


def _padded(packed: bytes) -> bytes:
    plain = packed.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    return plain + b"=" * (-len(plain) % 4)


def _card(text: str, path: Path) -> dict[str, object]:
    value = parse(text.removeprefix("\ufeff"), path)
    if not isinstance(value, dict):
        raise card_invalid(path, "it is no JSON object")
    require_shallow(value, path)
    card = clean_tree(value)
    return card if isinstance(card, dict) else {}
