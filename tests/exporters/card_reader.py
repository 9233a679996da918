"""Cards read as SillyTavern reads them, written down apart from the studio's own reader so that it can judge it."""

import base64
import io
import json
import struct
import zipfile
import zlib
from typing import Any

Chunk = tuple[bytes, bytes]


def chunks(png: bytes) -> list[Chunk]:
    """(kind, data) of every chunk; a wrong checksum, or bytes that are none, is an error."""
    assert png[:8] == bytes((137, 80, 78, 71, 13, 10, 26, 10))
    found: list[Chunk] = []
    position = 8
    while not found or found[-1][0] != b"IEND":
        (length,) = struct.unpack(">I", png[position : position + 4])
        body = png[position + 4 : position + 8 + length]
        assert png[position + 8 + length : position + 12 + length] == struct.pack(">I", zlib.crc32(body))
        found.append((body[:4], body[4:]))
        position += 12 + length
    return found


def texts(png: bytes) -> list[tuple[str, bytes]]:
    """(keyword, text) of the plain text chunks; compressed ones are not looked at."""
    pairs = [data.split(b"\0", 1) for kind, data in chunks(png) if kind == b"tEXt"]
    return [(keyword.decode("latin-1").lower(), text) for keyword, text in pairs]


def read_png(png: bytes) -> Any:
    """The first ``ccv3``, else the first ``chara``."""
    found = texts(png)
    for wanted in ("ccv3", "chara"):
        for keyword, text in found:
            if keyword == wanted:
                return json.loads(base64.b64decode(text, validate=True).decode("utf-8"))
    raise AssertionError("no card in it")


def read_charx(data: bytes) -> Any:
    """``card.json`` at the root of the archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("card.json").decode("utf-8"))


def check_v2(card: Any) -> None:
    """What a strict reader wants of V2."""
    assert (card["spec"], card["spec_version"]) == ("chara_card_v2", "2.0")
    data = card["data"]
    wanted = ("name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes")
    wanted += ("system_prompt", "post_history_instructions", "creator", "character_version")
    assert all(isinstance(data[key], str) for key in wanted)
    assert isinstance(data["alternate_greetings"], list) and isinstance(data["tags"], list)
    assert isinstance(data["extensions"], dict)


def check_v3(card: Any) -> None:
    """What a strict reader wants of V3."""
    assert card["spec"] == "chara_card_v3" and 3.0 <= float(card["spec_version"]) < 4.0
    check_v2({"spec": "chara_card_v2", "spec_version": "2.0", "data": card["data"]})
    assert isinstance(card["data"]["group_only_greetings"], list)


def lost(whole: Any, part: Any, at: str = "") -> list[str]:
    """Where ``part`` is not within ``whole``: every key must be there, and everything else be the same."""
    if isinstance(part, dict) and isinstance(whole, dict):
        missing = [f"{at}/{key}" for key in part if key not in whole]
        return missing + [one for key in part if key in whole for one in lost(whole[key], part[key], f"{at}/{key}")]
    return [] if json.dumps(whole) == json.dumps(part) else [at]
