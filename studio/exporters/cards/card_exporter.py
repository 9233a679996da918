"""The contract of a card format: how a persona leaves the library as a card that other programs read.

Growth: one new file in this room with an ``ENTRY``. ``write`` writes into an open file; the service makes the file
appear only when it is whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from studio.domain.persona import Persona
from studio.registry import Registry


@dataclass(frozen=True, kw_only=True)
class CardRequest:
    """A persona with all that is known of its card.

    ``fields`` is the part of ``persona.card`` that has the fields, under V2's names. ``edited`` is what was changed
    since the card came in, under the same names; ``own`` what only the studio knows of (tagline, colour).
    ``original`` is the imported archive, if there was one. ``portrait`` is a picture in any format.
    """

    persona: Persona
    fields: Mapping[str, object] = field(default_factory=dict)
    edited: Mapping[str, object] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    portrait: bytes = b""
    original: Path | None = None


@dataclass(frozen=True, kw_only=True)
class CardExporter:
    """A format. One that ``needs_portrait`` is always given a picture, a plain one if need be."""

    name: str
    label: str
    summary: str
    suffix: str
    write: Callable[[CardRequest, BinaryIO], None]
    needs_portrait: bool = False
    order: int = 0


CARD_EXPORTERS: Registry[CardExporter] = Registry("studio.exporters.cards", CardExporter)
