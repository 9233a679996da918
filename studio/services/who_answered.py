"""Who had answered: a contestant as it was when it spoke, from what a reply remembers of its making."""

from collections.abc import Mapping
from dataclasses import asdict

from studio.domain.chat import BlendPart, Contestant
from studio.library.library import Library
from studio.services.contestants import Contestants
from studio.texts import tr


def contestant_of(made_by: Mapping[str, object], column: Contestant) -> Contestant:
    """The contestant that a reply remembers, whatever its column is now; what remembers nobody is the column's own."""
    if "adapter_id" not in made_by:
        return column
    blend, step, strength = made_by.get("blend", []), made_by.get("step", 0), made_by.get("strength", 1.0)
    own = column.sampler is not None and asdict(column.sampler) == _sampler(made_by)
    return Contestant(
        adapter_id=str(made_by["adapter_id"]),
        strength=float(strength) if isinstance(strength, int | float) else 1.0,
        system_prompt=str(made_by.get("system_prompt", "")),
        blend=tuple(BlendPart(adapter_id=str(id), weight=float(weight)) for id, weight in blend)
        if isinstance(blend, list)
        else (),
        persona_id=str(made_by.get("persona_id", "")),
        card=str(made_by.get("card", "")),
        step=step if isinstance(step, int) else 0,
        sampler=column.sampler if own else None,
    )


def _sampler(made_by: Mapping[str, object]) -> dict[str, object]:
    found = made_by.get("sampler")
    return {**found, "stop": tuple(found.get("stop", ()))} if isinstance(found, Mapping) else {}


def personas_of(who: Contestant, library: Library) -> tuple[str, ...]:
    """Every persona that speaks: of the card, and of each adapter (or run)."""
    named = [who.persona_id]
    for part in who.parts:
        made = library.adapters.get(part.adapter_id) or library.runs.get(part.adapter_id)
        named.append(made.persona_id if made else "")
    return tuple(dict.fromkeys(persona for persona in named if persona))


def contents_of(who: Contestant, library: Library) -> dict[str, str]:
    """SHA-256 of the adapters by id; none for a run in training, whose weights move on."""
    found = {part.adapter_id: library.adapters.get(part.adapter_id) for part in who.parts}
    return {adapter_id: adapter.content for adapter_id, adapter in found.items() if adapter}


def name_of(who: Contestant, contestants: Contestants) -> str:
    """A contestant's name on one line."""
    label = contestants.label(who)
    if len(who.parts) != 1 or not label.subtitle:
        return label.title
    weight = who.parts[0].weight
    return label.subtitle if weight == 1.0 else tr("{name} at {weight}", name=label.subtitle, weight=f"{weight:g}")
