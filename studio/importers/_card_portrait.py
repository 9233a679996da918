"""The portrait that a card brings along: the icon among its assets, in an archive or written into the card itself."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

_EMBEDDED = re.compile(r"(?:embed{1,2}ed://|__asset:)(.+)", re.DOTALL)
"""The specification spells it with one d; both are about, and so is Risu's own prefix."""
_DATA = re.compile(r"data:image/[\w.+-]{1,20};base64,", re.IGNORECASE)
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM")


def is_picture(data: bytes) -> bool:
    """True for what begins as a picture that can be shown."""
    return data.startswith(_BEGINNINGS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[4:8] == b"ftyp"


def portrait_of(data: Mapping[str, object], embedded: Callable[[str], bytes]) -> bytes:
    """Return the icon: the main one, else the first that is a picture. Nothing is ever fetched from the network.

    ``embedded`` gives the content of a path inside the card's archive, or nothing.
    """
    for uri in _icons(data):
        inside = _EMBEDDED.fullmatch(uri)
        picture = embedded(str(PurePosixPath(inside[1]))) if inside else picture_in(uri)
        if is_picture(picture):
            return picture
    return b""


def picture_in(uri: str) -> bytes:
    """Return the picture that a ``data:`` address holds, if it is one."""
    head = _DATA.match(uri)
    if not head:
        return b""
    try:
        found = base64.b64decode("".join(uri[head.end() :].split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if is_picture(found) else b""


def _icons(data: Mapping[str, object]) -> Iterator[str]:
    assets = data.get("assets")
    listed = [one for one in assets if isinstance(one, dict)] if isinstance(assets, list) else []
    icons = sorted((one for one in listed if one.get("type") == "icon"), key=lambda one: one.get("name") != "main")
    for uri in (*(one.get("uri") for one in icons), data.get("avatar")):
        if isinstance(uri, str):
            yield uri
