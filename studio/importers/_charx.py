"""CHARX: a card as a zip with ``card.json`` and pictures, also with a picture or a program before the archive."""

from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.errors import StudioError
from studio.importers._archive import Archive, Member, looks_like_zip
from studio.importers._card_portrait import is_picture
from studio.importers._source import MEGABYTE, Source

FILE_LIMIT_MB = 512
PICTURE_LIMIT_MB = 64
_CARD = "card.json"
_BEFORE = (b"\xff\xd8\xff", b"MZ", b"\x7fELF")
"""What may stand before the archive: a JPEG (so that the card shows as a picture), or a program that unpacks itself."""
_END = b"PK\x05\x06"
_END_ROOM = 64 * 1024 + 22


@dataclass(frozen=True, kw_only=True)
class CharxContent:
    """``card`` is the text of the card; ``embedded`` gives a picture by its path, ``cover`` what stands before it."""

    card: Source
    embedded: Callable[[str], bytes]
    cover: bytes


def is_charx(source: Source) -> bool:
    """True for an archive that has a card at its root."""
    return _has_archive(source) and Archive(source).find(_CARD) is not None


def read_charx(source: Source) -> CharxContent:
    """Open the archive; its pictures are only read when they are asked for."""
    source.require_at_most(FILE_LIMIT_MB)
    archive = Archive(source)
    member = archive.find(_CARD)
    if member is None:
        raise StudioError("card_invalid", path=source.path, reason="the archive has no card.json")
    archive.require_modest([member])
    return CharxContent(card=_card_source(archive, member), embedded=_reader(archive), cover=_cover(archive, source))


def _has_archive(source: Source) -> bool:
    """Begins or ends as a zip. The end of a file in an archive is not looked at: it would be unpacked for that."""
    if looks_like_zip(source):
        return True
    if not source.is_file or not source.head.startswith(_BEFORE):
        return False
    with source.open() as file:
        file.seek(max(0, source.size - _END_ROOM))
        return _END in file.read(_END_ROOM)


def _card_source(archive: Archive, member: Member) -> Source:
    """Complaints name the archive: nobody sees the file in it."""
    return Source(archive.path, stored=member)


def _reader(archive: Archive) -> Callable[[str], bytes]:
    def embedded(path: str) -> bytes:
        member = archive.find(path)
        if member is None or member.size > PICTURE_LIMIT_MB * MEGABYTE:
            return b""
        archive.require_modest([member])
        with member.open() as file:
            return file.read()

    return embedded


def _cover(archive: Archive, source: Source) -> bytes:
    if not 0 < archive.start <= PICTURE_LIMIT_MB * MEGABYTE:
        return b""
    with source.open() as file:
        before = file.read(archive.start)
    return before if is_picture(before) else b""
