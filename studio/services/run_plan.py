"""From wishes to a run: preset, options, recipe and dataset version, all checked before anything is queued."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from studio.domain.base_model import BaseModel
from studio.domain.clock import now
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.preferences import PREFERENCES
from studio.domain.recipe import Recipe
from studio.domain.run import Run
from studio.library.library import Library
from studio.methods.method import METHODS, Method
from studio.options import build, options_of
from studio.services.card_presets import preset_named
from studio.services.data import DataBench
from studio.services.presets import Preset
from studio.services.run_data import check_preferences

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


def preset_options(data: DataBench, preset: str, persona_id: str, base: BaseModel) -> dict[str, object]:
    """A preset's options for this persona's data and this base; the custom preset has none of its own."""
    if preset in ("", CUSTOM):
        return {}
    return dict(preset_of(data, preset, persona_id, base).options)


def preset_of(data: DataBench, preset: str, persona_id: str, base: BaseModel) -> Preset:
    """A preset with its reasons, adapted to this persona's data and this base; a card's knows its method too."""
    return preset_named(preset, base, data.trained_amount(persona_id))


def preset_for(method: Method, chosen: Mapping[str, object]) -> dict[str, object]:
    """What of a preset a method understands; the learning rate, made for LoRA, becomes one for the method."""
    taken = options_of(method.options).keys() - set(method.keeps)
    known = {name: value for name, value in chosen.items() if name in taken}
    if "learning_rate" in known:
        known["learning_rate"] = float(str(known["learning_rate"])) * method.rate_factor
    return known


@dataclass(frozen=True, kw_only=True)
class RunWish:
    """What somebody wants trained. ``options`` are given over the preset's.

    ``version``: the data to learn (none: as it is now). ``continues``: the adapter to start from.
    """

    persona_id: str
    base: BaseModel
    method: Method
    preset: str = CUSTOM
    options: Mapping[str, object] = field(default_factory=dict)
    version: DatasetVersion | None = None
    starts_at: str = ""
    continues: str = ""
    group: str = ""


def wished_options(data: DataBench, wish: RunWish) -> dict[str, object]:
    """All options of the run: the method's defaults, the preset's values over them, the given ones over those."""
    chosen = preset_options(data, wish.preset, wish.persona_id, wish.base)
    options = full_options(wish.method, preset_for(wish.method, chosen) | dict(wish.options))
    if wish.version is not None:
        options["heldout_fraction"] = wish.version.heldout_fraction
    return options


def plan_run(library: Library, data: DataBench, wish: RunWish) -> Run:
    """Store recipe, dataset version and the queued run, behind all others."""
    options = wished_options(data, wish)
    version = wish.version or data.snapshot(wish.persona_id, float(str(options["heldout_fraction"])))
    check_version(version)
    if wish.method.objective == PREFERENCES:
        check_preferences(data.version_path(version))
    recipe = Recipe(id=new_id("recipe"), method=wish.method.name, options=options, preset=wish.preset, created_at=now())
    run = Run(
        id=new_id("run"),
        persona_id=wish.persona_id,
        base_id=wish.base.id,
        dataset_id=version.id,
        recipe_id=recipe.id,
        number=library.runs.next_number(wish.persona_id),
        method=wish.method.name,
        quantization=wish.method.quantization_for(options),
        created_at=now(),
        place=library.runs.last_place(),
        starts_at=wish.starts_at,
        continues=wish.continues,
        group=wish.group,
    )
    with library.transaction():
        library.recipes.add(recipe)
        library.runs.add(run)
    return run


def check_version(version: DatasetVersion) -> None:
    """Refuse data from which nothing can be learned."""
    if not version.persona_turns:
        raise StudioError("nothing_to_train")
    if version.heldout_conversations == version.conversations:
        raise StudioError("no_training_side", count=version.conversations)
