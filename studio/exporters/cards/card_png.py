"""The card inside its portrait: a PNG with V2 as ``chara`` and V3 as ``ccv3``, the way every program reads it."""

from typing import BinaryIO

from studio.exporters.cards._png_pieces import with_cards
from studio.exporters.cards._versions import as_v2, as_v3, json_bytes
from studio.exporters.cards.card_exporter import CardExporter, CardRequest


def _write(request: CardRequest, out: BinaryIO) -> None:
    cards = {"chara": json_bytes(as_v2(request)), "ccv3": json_bytes(as_v3(request))}
    out.write(with_cards(request.portrait, cards, request.persona.name))


ENTRY = CardExporter(
    name="card_png",
    label="PNG card",
    summary="The portrait with the card in it, as V2 and V3: what SillyTavern, Risu, Chub and others open.",
    suffix=".png",
    write=_write,
    needs_portrait=True,
    order=1,
)
