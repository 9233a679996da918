"""What a run made becomes an adapter of the library: its folder moved there whole, then its row."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.recipe import Recipe
from studio.domain.run import Run
from studio.library.library import Library
from studio.protocol import events

WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, kw_only=True)
class PlacedAdapter:
    """A PEFT folder that lies in the library's adapters, without a row yet."""

    id: str
    folder: Path
    content: str
    size_bytes: int


def place_adapter(library: Path, made: Path) -> PlacedAdapter:
    """Move the folder that the engine made into the library, in one step; may run on any thread."""
    weights = made / WEIGHTS
    if not weights.is_file():
        raise StudioError("adapter_broken", path=str(made), reason=f"{WEIGHTS} is missing")
    with weights.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    adapter_id = new_id("adapter")
    target = paths.adapters(library) / adapter_id
    target.parent.mkdir(parents=True, exist_ok=True)
    size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
    atomic_files.place_folder(made, target)
    return PlacedAdapter(id=adapter_id, folder=target, content=content, size_bytes=size)


def store_adapter(
    library: Library, placed: PlacedAdapter, run: Run, recipe: Recipe, base: BaseModel, ended: events.RunEnded
) -> Adapter:
    """Write the adapter's row."""
    adapter = Adapter(
        id=placed.id,
        name=_free_name(library, run.persona_id),
        persona_id=run.persona_id,
        base_id=base.id,
        base_fingerprint=base.fingerprint,
        run_id=run.id,
        method=run.method,
        rank=int(str(recipe.options.get("rank", 0))),  # 0: not made of factors (IA³, learned tokens)
        alpha=float(str(recipe.options.get("alpha", 0))),
        step=ended.step,
        path=placed.folder.relative_to(library.folder).as_posix(),
        content=placed.content,
        size_bytes=placed.size_bytes,
        gain=_gain(ended),
        created_at=now(),
    )
    library.adapters.add(adapter)
    return adapter


def _gain(ended: events.RunEnded) -> float | None:
    """Held-out nats per token saved against the base."""
    if ended.heldout_nll_base is None or ended.heldout_nll_adapter is None:
        return None
    return ended.heldout_nll_base - ended.heldout_nll_adapter


def _free_name(library: Library, persona_id: str) -> str:
    persona = library.personas.get(persona_id)
    name = persona.name if persona else persona_id
    taken = {adapter.name for adapter in library.adapters.all(persona_id)}
    number = len(taken) + 1
    while f"{name} v{number}" in taken:
        number += 1
    return f"{name} v{number}"
