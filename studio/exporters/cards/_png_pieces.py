"""PNG files taken apart and put together again: text chunks are exchanged, all others stay byte for byte."""

import base64
import struct
import zlib
from collections.abc import Iterator

from studio.domain.errors import StudioError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORDS = (b"chara", b"ccv3")
_TEXT_KINDS = (b"text", b"ztxt", b"itxt")
_END = b"IEND"
_HEAD = struct.Struct(">I4s")


def with_cards(png: bytes, cards: dict[str, bytes], name: str) -> bytes:
    """Return the picture with these texts (keyword to JSON) as tEXt chunks, and with no other card in it.

    Every reader prefers one of the two keywords and some read compressed text, so any copy left behind could win.
    """
    pieces, rest = _without_cards(png, name)
    texts = [chunk(b"tEXt", keyword.encode() + b"\0" + base64.b64encode(text)) for keyword, text in cards.items()]
    return b"".join([SIGNATURE, *pieces[:-1], *texts, pieces[-1], rest])


def without_cards(png: bytes, name: str) -> bytes:
    """Return the picture alone."""
    pieces, rest = _without_cards(png, name)
    return b"".join([SIGNATURE, *pieces, rest])


def _without_cards(png: bytes, name: str) -> tuple[list[bytes], bytes]:
    """Return the chunks that are no card, the end mark last, and whatever stands behind it."""
    if not png.startswith(SIGNATURE):
        raise StudioError("card_portrait_not_png", name=name)
    kept, position = [], len(SIGNATURE)
    for kind, piece in _chunks(png, name):
        position += len(piece)
        if not _is_card(kind, piece):
            kept.append(piece)
    return kept, png[position:]


def _chunks(png: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    position = len(SIGNATURE)
    kind = b""
    while kind != _END:
        if position + 12 > len(png):
            raise StudioError("card_portrait_broken", name=name)
        length, kind = _HEAD.unpack_from(png, position)
        end = position + 12 + length
        if end > len(png):
            raise StudioError("card_portrait_broken", name=name)
        yield kind, png[position:end]
        position = end


def _is_card(kind: bytes, piece: bytes) -> bool:
    keyword = piece[8:-4][:80].partition(b"\0")[0]
    return kind.lower() in _TEXT_KINDS and keyword.strip().lower() in _KEYWORDS


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk with its length and checksum."""
    return _HEAD.pack(len(data), kind) + data + zlib.crc32(kind + data).to_bytes(4, "big")
