"""The contract of an export format: how an adapter leaves the library.

Growth: one new file in this room with an ``ENTRY``. ``write`` fills an empty folder; the service moves it into place
when it is whole, so an export is there completely or not at all. No torch outside of functions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.dataset import DatasetVersion
from studio.domain.persona import Persona
from studio.domain.recipe import Recipe
from studio.domain.run import Run
from studio.registry import Registry


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """An adapter with all that is known about where it came from. ``folder`` is its PEFT folder in the library.

    One that was baked of others has neither run nor data of its own; ``adapter.made_of`` says of which.
    """

    adapter: Adapter
    folder: Path
    persona: Persona
    base: BaseModel
    run: Run | None
    recipe: Recipe
    dataset: DatasetVersion | None
    portrait: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """A format. ``write(request, folder)`` fills the empty ``folder``.

    ``plain_factors_only``: it understands plain LoRA and nothing else; other adapters are refused by name before it.
    """

    name: str
    label: str
    summary: str
    write: Callable[[ExportRequest, Path], None]
    plain_factors_only: bool = False
    order: int = 0


EXPORTERS: Registry[Exporter] = Registry("studio.exporters", Exporter)
