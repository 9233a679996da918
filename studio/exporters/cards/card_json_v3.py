"""The card as a JSON file, version 3."""

from typing import BinaryIO

from studio.exporters.cards._versions import as_v3, json_bytes
from studio.exporters.cards.card_exporter import CardExporter, CardRequest


def _write(request: CardRequest, out: BinaryIO) -> None:
    out.write(json_bytes(as_v3(request), indent=2))


ENTRY = CardExporter(
    name="card_json_v3",
    label="JSON card V3",
    summary="The card without its portrait, in the newest version.",
    suffix=".json",
    write=_write,
    order=3,
)
