"""The card as a JSON file, version 2."""

from typing import BinaryIO

from studio.exporters.cards._versions import as_v2, json_bytes
from studio.exporters.cards.card_exporter import CardExporter, CardRequest


def _write(request: CardRequest, out: BinaryIO) -> None:
    out.write(json_bytes(as_v2(request), indent=2))


ENTRY = CardExporter(
    name="card_json_v2",
    label="JSON card V2",
    summary="The card without its portrait, in the version that nearly every program reads.",
    suffix=".json",
    write=_write,
    order=2,
)
