"""What full fine-tuning made becomes a base of the library: its folder moved there whole, then a row of its own."""

from pathlib import Path

from studio import atomic_files, paths
from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.run import Run
from studio.library.library import Library


def place_base(library: Path, made: Path) -> Path:
    """Move the folder that the engine made into the library, in one step; may run on any thread."""
    if not any(made.glob("*.safetensors")):
        raise StudioError("base_incomplete", path=str(made), missing="model.safetensors")
    target = paths.bases(library) / new_id("base")
    target.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.place_folder(made, target)
    return target


def base_name(library: Library, run: Run, origin: BaseModel) -> str:
    """Persona and base, with a number where there is one of that name already."""
    persona = library.personas.get(run.persona_id)
    name = f"{persona.name if persona else run.persona_id} ({origin.name})"
    taken = {base.name for base in library.bases.all()}
    number = 2
    found = name
    while found in taken:
        found, number = f"{name} {number}", number + 1
    return found
