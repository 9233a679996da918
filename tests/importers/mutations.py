"""Files after accidents, and from bad minds: samples cut off, with pieces doubled, lost, flipped or replaced."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

CUTS = 30
MUTATIONS = 200
JUNK = [
    b"\0", b"\xff", b"\xed\xa0\x80", b'"', b"{", b"}", b"[", b"]", b":", b",", b"\\", b"\\ud800", b"\\u0000", b"null",
    b"-1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"\n", b"\r", b"<START>", b"{{char}}:", b"((", b"[OOC:",
    b"NAME: ", b"--- ", b"\xef\xbb\xbf", b"\xff\xfe", b'{"mes": 1}', b'{"from": "gpt"}', b"true", b"\xe2\x80\xa8",
    b"&a [*a, *a]", b"!!python/object/apply:os.system", b"99/99/9999", b" --> ", b"00:00:00,000", b"\t", b";" * 3000,
    b'""', b"<|im_start|>", b"<|im_end|>", "“".encode(), "‘".encode(), b"\x1a", b"\xe2\x80\x8e", b"PK\x03\x04",
]  # fmt: skip


def variants(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """The cut ones, then the mutated ones."""
    for _ in range(CUTS):
        yield data[: chance.randrange(len(data))]
    for _ in range(MUTATIONS):
        yield mutated(data, chance)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to three accidents; checksums mended half the time, so that they reach the inside."""
    inside = chance.random() < 0.5
    if inside and data.startswith(b"PK\x03\x04"):
        return _zip_of_mutated(data, chance)
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed) or 1)
        until = min(len(changed), at + chance.choice((0, 1, 4, 40)))
        match chance.randrange(4):
            case 0:
                changed[at:until] = chance.choice(JUNK)
            case 1:
                changed[at:at] = changed[at:until] * 3
            case 2:
                del changed[at:until]
            case _ if changed:
                changed[min(at, len(changed) - 1)] ^= 1 << chance.randrange(8)
    return _png_mended(bytes(changed)) if inside else bytes(changed)


def _zip_of_mutated(data: bytes, chance: random.Random) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other:
        hit = chance.choice(archive.namelist())
        for name in archive.namelist():
            other.writestr(name, mutated(archive.read(name), chance) if name == hit else archive.read(name))
    return made.getvalue()


def _png_mended(data: bytes) -> bytes:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    mended, position = bytearray(data), 8
    while position + 12 <= len(mended):
        (length,) = struct.unpack_from(">I", mended, position)
        end = position + 8 + length
        if end + 4 > len(mended):
            break
        mended[end : end + 4] = zlib.crc32(mended[position + 4 : end]).to_bytes(4, "big")
        position = end + 4
    return bytes(mended)
