"""From wishes to a run: preset, options, recipe and dataset version, all checked before anything is queued."""

from collections.abc import Mapping
from dataclasses import asdict

from studio.domain.base_model import BaseModel
from studio.domain.clock import now
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.recipe import Recipe
from studio.domain.run import Run
from studio.library.library import Library
from studio.methods.method import METHODS, Method
from studio.options import build, options_of
from studio.services.data import DataBench
from studio.services.presets import adapted

CUSTOM = "custom"


def method_named(name: str) -> Method:
    """The training method of this name."""
    known = METHODS.all()
    if name not in known:
        raise StudioError("method_unknown", name=name, known=", ".join(known))
    return known[name]


def full_options(method: Method, given: Mapping[str, object]) -> dict[str, object]:
    """Check options against their declaration and fill in the defaults."""
    return asdict(build(method.options, given))


def preset_options(library: Library, preset: str, persona_id: str, base: BaseModel) -> dict[str, object]:
    """A preset's options for this persona's data and this base; the custom preset has none of its own."""
    if preset in ("", CUSTOM):
        return {}
    counts = library.conversations.turn_counts([persona_id])
    turns = counts[persona_id].persona_turns if persona_id in counts else 0
    return dict(adapted(preset, persona_turns=turns, parameters=base.parameters).options)


def plan_run(
    library: Library,
    data: DataBench,
    persona_id: str,
    base: BaseModel,
    method: Method,
    preset: str,
    given: Mapping[str, object],
) -> Run:
    """Store recipe, dataset version and the queued run."""
    chosen = preset_options(library, preset, persona_id, base)
    known = options_of(method.options)
    options = full_options(method, {name: value for name, value in chosen.items() if name in known} | dict(given))
    version = data.snapshot(persona_id, float(str(options["heldout_fraction"])))
    _check_version(version)
    recipe = Recipe(id=new_id("recipe"), method=method.name, options=options, preset=preset, created_at=now())
    run = Run(
        id=new_id("run"),
        persona_id=persona_id,
        base_id=base.id,
        dataset_id=version.id,
        recipe_id=recipe.id,
        number=library.runs.next_number(persona_id),
        method=method.name,
        quantization=method.quantization,
        created_at=now(),
    )
    with library.transaction():
        library.recipes.add(recipe)
        library.runs.add(run)
    return run


def _check_version(version: DatasetVersion) -> None:
    if not version.persona_turns:
        raise StudioError("nothing_to_train")
    if version.heldout_conversations == version.conversations:
        raise StudioError("no_training_side", count=version.conversations)
