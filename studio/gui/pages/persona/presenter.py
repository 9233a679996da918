"""What a persona's workspace shows above its tabs, decided without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.gui import figures
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.services.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Header:
    """The line with the face."""

    name: str
    colour: str
    portrait: Path | None
    summary: str


def header(studio: Studio, persona_id: str) -> Header:
    """Return what stands above the tabs."""
    persona = studio.personas.get(persona_id)
    count = studio.data.count(persona_id)
    adapters = studio.adapters.list(persona_id)
    words = [figures.conversations(count)]
    newest = max(adapters, key=lambda one: one.created_at, default=None)
    words.append(_adapter_words(newest))
    return Header(
        name=persona.name,
        colour=persona.colour,
        portrait=studio.personas.portrait_path(persona),
        summary=" · ".join(words),
    )


def _adapter_words(newest: Adapter | None) -> str:
    if newest is None:
        return tr("not trained yet")
    if newest.gain is None:
        return tr("newest adapter: {name}", name=newest.name)
    return tr("newest adapter: {name}, {gain}", name=newest.name, gain=figures.gain(newest.gain))
