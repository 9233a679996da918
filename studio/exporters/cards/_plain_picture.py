"""A plain picture for the card of a persona that has none."""

import struct
import zlib

from studio.exporters.cards._png_pieces import SIGNATURE, chunk


def plain_picture(colour: str, width: int = 400, height: int = 600) -> bytes:
    """Return a calm picture in a colour (``#rrggbb``), for a card whose persona has none."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    rows = bytearray()
    for row in range(height):
        light = 1.1 - 0.7 * row / (height - 1)
        rows += b"\0" + bytes(min(255, round(part * light)) for part in (red, green, blue)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in pieces)
