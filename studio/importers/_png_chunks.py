"""Text chunks of PNG files: lengths are judged before anything is read, checksums before anything is believed."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from studio.domain.errors import StudioError
from studio.importers._source import MEGABYTE, Source

SIGNATURE = b"\x89PNG\r\n\x1a\n"
FILE_LIMIT_MB = 64
TEXT_LIMIT_MB = 8
CHUNK_COUNT_LIMIT = 20_000
_TEXT_KINDS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_BLOCK = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    kind: bytes
    start: int
    length: int


def text_chunks(source: Source) -> list[tuple[str, bytes]]:
    """Return (keyword, text) of every text chunk; refuse broken files, and text or files over the limits."""
    with source.open() as file:
        chunks = list(_index(file, source))
        source.require_at_most(FILE_LIMIT_MB)
        texts = []
        for chunk in chunks:
            if chunk.kind in _TEXT_KINDS:
                texts.append(_text(chunk.kind, _checked(file, chunk, source.path), source.path))
            else:
                _check(file, chunk, source.path)
    return texts


def _index(file: BinaryIO, source: Source) -> Iterator[_Chunk]:
    """Walk over the chunk headers only, so that a declared size is judged before it can hurt."""
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise _broken(source.path, "it does not begin as a PNG does")
    position = len(SIGNATURE)
    for _ in range(CHUNK_COUNT_LIMIT):
        chunk = _header(file, position, source.path)
        if chunk.kind in _TEXT_KINDS and chunk.length > TEXT_LIMIT_MB * MEGABYTE:
            raise _text_too_large(source.path, chunk.length // MEGABYTE)
        position = chunk.start + chunk.length + 4
        if position > source.size:
            raise _broken(source.path, "it ends in the middle")
        yield chunk
        if chunk.kind == b"IEND":
            return
    raise _broken(source.path, f"it has more than {CHUNK_COUNT_LIMIT} pieces")


def _header(file: BinaryIO, position: int, path: Path) -> _Chunk:
    file.seek(position)
    header = file.read(8)
    if len(header) < 8:
        raise _broken(path, "it ends before its end mark")
    length, kind = struct.unpack(">I4s", header)
    if length >= 2**31:
        raise _broken(path, "a chunk has an impossible size")
    return _Chunk(kind=kind, start=position + 8, length=length)


def _checked(file: BinaryIO, chunk: _Chunk, path: Path) -> bytes:
    file.seek(chunk.start)
    data = file.read(chunk.length)
    _compare(zlib.crc32(data, zlib.crc32(chunk.kind)), file.read(4), path)
    return data


def _check(file: BinaryIO, chunk: _Chunk, path: Path) -> None:
    file.seek(chunk.start)
    found, left = zlib.crc32(chunk.kind), chunk.length
    while left:
        block = file.read(min(left, _BLOCK))
        if not block:
            raise _broken(path, "it ends in the middle")
        found, left = zlib.crc32(block, found), left - len(block)
    _compare(found, file.read(4), path)


def _compare(found: int, stored: bytes, path: Path) -> None:
    if found.to_bytes(4, "big") != stored:
        raise _broken(path, "a checksum is wrong")


def _text(kind: bytes, data: bytes, path: Path) -> tuple[str, bytes]:
    keyword, _, rest = data.partition(b"\0")
    name = keyword[:79].decode("latin-1")
    if kind == b"zTXt":
        return name, _inflated(rest[1:], path)
    if kind == b"iTXt":
        flags, rest = rest[:2], rest[2:]
        text = rest.partition(b"\0")[2].partition(b"\0")[2]
        return name, _inflated(text, path) if flags[:1] == b"\x01" else text
    return name, rest


def _inflated(data: bytes, path: Path) -> bytes:
    """Unpack at most the limit: a small chunk may hold gigabytes."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, TEXT_LIMIT_MB * MEGABYTE + 1)
    except zlib.error as error:
        raise _broken(path, "a packed text cannot be unpacked") from error
    if len(text) > TEXT_LIMIT_MB * MEGABYTE:
        raise _text_too_large(path, f"> {TEXT_LIMIT_MB}")
    if not unpacker.eof:
        raise _broken(path, "a packed text ends in the middle")
    return text


def _text_too_large(path: Path, size: object) -> StudioError:
    return StudioError("card_text_too_large", path=path, size=size, limit=TEXT_LIMIT_MB)


def _broken(path: Path, reason: str) -> StudioError:
    return StudioError("png_broken", path=path, reason=reason)
