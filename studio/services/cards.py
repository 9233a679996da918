"""Personas out of the library as character cards, with every key that their card came in with."""

from dataclasses import dataclass
from pathlib import Path

from studio import atomic_files
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.exporters.cards import plain_picture
from studio.exporters.cards.card_exporter import CARD_EXPORTERS, CardExporter, CardRequest
from studio.importers import card_fields, draft_of_card
from studio.library.library import Library
from studio.services.personas import Personas

_FIELDS = {
    "name": "name",
    "description": "description",
    "greeting": "first_mes",
    "alternate_greetings": "alternate_greetings",
    "system_prompt": "system_prompt",
    "tags": "tags",
}
"""What can be edited in the studio, and what cards call it."""


@dataclass(frozen=True, kw_only=True)
class CardFormatInfo:
    """A format that a card can be written in."""

    name: str
    label: str
    summary: str
    suffix: str


class Cards:
    """Only reads the library, and needs nothing but it."""

    def __init__(self, library: Library, personas: Personas) -> None:
        self._library = library
        self._personas = personas

    def formats(self) -> list[CardFormatInfo]:
        """Every format, the most useful first."""
        return [
            CardFormatInfo(name=one.name, label=one.label, summary=one.summary, suffix=one.suffix)
            for one in CARD_EXPORTERS.all().values()
        ]

    def export(self, persona_id: str, format: str, path: Path, *, picture: bytes = b"") -> Path:
        """Write a persona's card to ``path``, in place of what is there; return the path.

        ``picture`` stands for the portrait where that is in a format that the card cannot take (a PNG card needs PNG).
        """
        exporter = self._format(format)
        request = self._request(self._personas.get(persona_id), exporter, picture)
        try:
            with atomic_files.writing(path) as file:
                exporter.write(request, file)
        except OSError as error:
            raise StudioError("card_not_written", path=str(path), reason=error.strerror or str(error)) from error
        return path

    def _format(self, name: str) -> CardExporter:
        known = CARD_EXPORTERS.all()
        if name not in known:
            raise StudioError("card_format_unknown", name=name, known=", ".join(known))
        return known[name]

    def _request(self, persona: Persona, exporter: CardExporter, picture: bytes) -> CardRequest:
        there = self._library.files.exists(persona.portrait)
        portrait = picture or (self._library.files.read(persona.portrait) if there else b"")
        if not portrait and exporter.needs_portrait:
            portrait = plain_picture(persona.colour)
        kept = self._library.files.exists(persona.original)
        edited, own = _edits(persona)
        return CardRequest(
            persona=persona,
            fields=card_fields(persona.card),
            edited=edited,
            own=own,
            portrait=portrait,
            original=self._library.files.path(persona.original) if kept else None,
        )


def _edits(persona: Persona) -> tuple[dict[str, object], dict[str, str]]:
    """What differs from what the card said: (under the card's own names, what no card has a name for)."""
    draft = draft_of_card(persona.card, persona.name)
    edited: dict[str, object] = {}
    for ours, theirs in _FIELDS.items():
        value = getattr(persona, ours)
        if value != getattr(draft, ours):
            edited[theirs] = list(value) if isinstance(value, tuple) else value
    if not persona.card:
        edited["name"] = persona.name
    ours_alone = ("tagline", "colour")
    return edited, {key: getattr(persona, key) for key in ours_alone if getattr(persona, key) != getattr(draft, key)}
