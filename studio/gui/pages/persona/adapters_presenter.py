"""What the Adapters tab shows and does. Knows no Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.adapter import Adapter, made_of
from studio.domain.chat import Contestant
from studio.gui import figures
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.adapters import Lineage
    from studio.services.studio import Studio

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class AdapterCard:
    """One adapter. ``gain_role`` is a theme role."""

    id: str
    name: str
    facts: tuple[str, ...]
    gain: str
    gain_role: str
    gain_help: str
    lineage: str
    colour: str
    train: tuple[Point, ...]
    heldout: tuple[Point, ...]


class AdaptersPresenter:
    """The adapters of one persona."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def cards(self, persona_id: str) -> list[AdapterCard]:
        """One card an adapter, newest first."""
        colour = self._studio.personas.get(persona_id).colour
        return [self._card(adapter, colour) for adapter in self._studio.adapters.list(persona_id)]

    def contestants(self, adapter_id: str) -> tuple[Contestant, ...]:
        """The base with the persona's card beside the adapter: one sees at once what training did."""
        adapter = self._studio.adapters.get(adapter_id)
        prompt = self._studio.personas.get(adapter.persona_id).system_prompt
        return (Contestant(system_prompt=prompt), Contestant(adapter_id=adapter.id, system_prompt=prompt))

    def folder_name(self, adapter_id: str) -> str:
        """A name for an export's folder that every file system takes."""
        name = self._studio.adapters.get(adapter_id).name
        return re.sub(r"[^\w.-]+", "-", name, flags=re.UNICODE).strip("-.").lower() or "adapter"

    def free_folder(self, inside: Path, adapter_id: str) -> Path:
        """A folder that does not exist yet, inside the one that was chosen."""
        name = self.folder_name(adapter_id)
        candidates = (inside / (name if number == 1 else f"{name}-{number}") for number in range(1, 1000))
        return next(folder for folder in candidates if not folder.exists())

    def _card(self, adapter: Adapter, colour: str) -> AdapterCard:
        lineage = self._studio.adapters.lineage(adapter.id)
        points = self._studio.training.points(adapter.run_id)
        return AdapterCard(
            id=adapter.id,
            name=adapter.name,
            facts=_facts(adapter, lineage),
            gain=figures.gain(adapter.gain) if adapter.gain is not None else tr("not measured"),
            gain_role="muted" if adapter.gain is None else "good" if adapter.gain > 0 else "bad",
            gain_help=tr("How much better than the base it foresees held-out lines, per token. More is better."),
            lineage=_lineage_words(lineage),
            colour=colour,
            train=tuple((point.step, point.loss) for point in points if point.kind == "train"),
            heldout=tuple((point.step, point.loss) for point in points if point.kind == "heldout"),
        )


def _facts(adapter: Adapter, lineage: Lineage) -> tuple[str, ...]:
    base = lineage.base.name if lineage.base else tr("its base is gone")
    rank = (tr("rank {rank}", rank=adapter.rank),) if adapter.rank else ()
    return (*rank, adapter.method, base, figures.size(adapter.size_bytes))


def _lineage_words(lineage: Lineage) -> str:
    parts = []
    if lineage.adapter.made_of:
        parts.append(" + ".join(f"{one.weight:g} × {one.name}" for one in made_of(lineage.adapter)))
    if lineage.run is not None:
        steps = tr("step {step} of {total}", step=lineage.adapter.step, total=lineage.run.total_steps)
        parts.append(f"{tr('run {number}', number=lineage.run.number)}, {steps}")
    if lineage.dataset is not None:
        talks = figures.conversations(lineage.dataset.conversations)
        parts.append(tr("data version {number} ({talks})", number=lineage.dataset.number, talks=talks))
    if lineage.recipe is not None and lineage.recipe.preset:
        parts.append(tr("preset {preset}", preset=lineage.recipe.preset))
    if lineage.adapter.created_at:
        parts.append(datetime.fromisoformat(lineage.adapter.created_at).astimezone().strftime("%d %b %Y, %H:%M"))
    return tr("From {parts}", parts=" · ".join(parts)) if parts else ""
