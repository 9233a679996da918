"""CHARX: the card as V3 in a zip together with its pictures, those of the imported archive among them."""

import shutil
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from studio.domain.errors import StudioError
from studio.exporters.cards._icon import icon_of, placed_icon
from studio.exporters.cards._versions import as_v3, data_of, json_bytes
from studio.exporters.cards.card_exporter import CardExporter, CardRequest

_CARD = "card.json"
_LIMIT_MB = 4096
_PICTURE_LIMIT_MB = 64
_TROUBLES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


def _write(request: CardRequest, out: BinaryIO) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if request.original is None:
            _write_card(archive, request, b"", ())
        else:
            _write_with_original(archive, request, request.original)


def _write_with_original(archive: zipfile.ZipFile, request: CardRequest, path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as original:
            members = _members(original)
            icon = members.get(icon_of(data_of(as_v3(request))))
            there = original.read(icon) if icon and icon.file_size <= _PICTURE_LIMIT_MB * 1024 * 1024 else b""
            _write_card(archive, request, there, members)
            for info in members.values():
                _copy(original, info, archive)
    except _TROUBLES as error:
        raise StudioError("card_original_broken", name=request.persona.name, reason=str(error)) from error


def _write_card(archive: zipfile.ZipFile, request: CardRequest, there: bytes, taken: Collection[str]) -> None:
    """``there`` is the icon that will be in the archive anyway."""
    card = as_v3(request)
    icon = placed_icon(data_of(card), request.portrait, there, taken, request.persona.name)
    archive.writestr(_CARD, json_bytes({**card, "data": icon.data}, indent=2))
    if icon.path:
        archive.writestr(icon.path, icon.picture, zipfile.ZIP_STORED)


def _members(original: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What goes along: everything but folders and the card itself; of two with one name the later counts."""
    found = {info.filename: info for info in original.infolist() if not info.is_dir() and info.filename != _CARD}
    if sum(info.file_size for info in found.values()) > _LIMIT_MB * 1024 * 1024:
        raise ValueError(f"it unpacks to more than {_LIMIT_MB} MB")
    return found


def _copy(original: zipfile.ZipFile, info: zipfile.ZipInfo, archive: zipfile.ZipFile) -> None:
    target = zipfile.ZipInfo(info.filename, info.date_time)
    target.compress_type = info.compress_type
    target.external_attr = info.external_attr
    target.file_size = info.file_size  # so that a large one is announced as such
    with original.open(info) as source, archive.open(target, "w") as copy:
        shutil.copyfileobj(source, copy, 1024 * 1024)


ENTRY = CardExporter(
    name="charx",
    label="CHARX",
    summary="An archive with the card as V3, the portrait and every further picture that the card came with.",
    suffix=".charx",
    write=_write,
    needs_portrait=True,
    order=4,
)
