"""The portrait's place among a card's assets, in an archive."""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from studio.exporters.cards._png_pieces import SIGNATURE, without_cards

_EMBEDDED = re.compile(r"(?:embed{1,2}ed://|__asset:)(.+)", re.DOTALL)
_FOLDER = "assets/icon/images"
_KINDS = {b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp", b"BM": "bmp"}


@dataclass(frozen=True, kw_only=True)
class Icon:
    """The card's fields with the icon named in them; ``path`` is empty when nothing has to be written for it."""

    data: Mapping[str, object]
    path: str = ""
    picture: bytes = b""


def icon_of(data: Mapping[str, object]) -> str:
    """The path of the main icon inside the archive, if it is there."""
    place, assets = _main(data)
    inside = _EMBEDDED.fullmatch(str(assets[place].get("uri", ""))) if place >= 0 else None
    return str(PurePosixPath(inside[1])) if inside else ""


def placed_icon(data: Mapping[str, object], portrait: bytes, there: bytes, taken: Collection[str], name: str) -> Icon:
    """Make the portrait the main icon. ``there`` is what the icon shows now; when that is the same, nothing changes."""
    picture = without_cards(portrait, name) if portrait.startswith(SIGNATURE) else portrait
    place, assets = _main(data)
    uri = str(assets[place].get("uri", "")) if place >= 0 else ""
    if picture == there or portrait == there or _in_uri(uri) == portrait:
        return Icon(data=data)
    kind = next((kind for start, kind in _KINDS.items() if picture.startswith(start)), "png")
    path = _free(kind, taken)
    icon: dict[str, object] = {"type": "icon", "uri": f"embeded://{path}", "name": "main", "ext": kind}
    listed = data.get("assets")
    before = list(listed) if isinstance(listed, list) else []
    if uri.lower().startswith(("http:", "https:")):  # the address is the creator's word, and stays
        listing = [{**icon, "name": "portrait"}, *before]
    elif place >= 0:
        listing = [{**assets[place], **icon} if one is assets[place] else one for one in before]
    else:
        listing = [icon, *before]
    return Icon(data={**data, "assets": listing}, path=path, picture=picture)


def _main(data: Mapping[str, object]) -> tuple[int, list[dict[str, object]]]:
    """(where the main icon is among the assets, or -1; the assets that are any)."""
    listed = data.get("assets")
    assets = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    icons = [number for number, one in enumerate(assets) if one.get("type") == "icon"]
    return next((number for number in icons if assets[number].get("name") == "main"), icons[0] if icons else -1), assets


def _in_uri(uri: str) -> bytes:
    head, comma, packed = uri.partition(";base64,")
    if not comma or not head.startswith("data:"):
        return b""
    try:
        return base64.b64decode("".join(packed.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _free(kind: str, taken: Collection[str]) -> str:
    path, number = f"{_FOLDER}/main.{kind}", 2
    while path in taken:
        path, number = f"{_FOLDER}/main-{number}.{kind}", number + 1
    return path
