"""Who can answer: the base, also with a persona's card, adapters by persona, and the run in training. Knows no Qt."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.chat import Contestant
from studio.gui import figures
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.domain.run import Run
    from studio.services.studio import Studio


@dataclass(frozen=True)
class Choice:
    """One line of the picker."""

    label: str
    contestant: Contestant


@dataclass(frozen=True)
class Group:
    """Lines of one persona; ``name`` is empty for the base alone."""

    name: str
    colour: str
    portrait: Path | None
    choices: tuple[Choice, ...]


def groups(studio: "Studio") -> list[Group]:
    """The picker's menu: the base first, then the personas that have something to say."""
    adapters, in_training = studio.adapters.list(), _in_training(studio)
    found = [Group("", "", None, (Choice(tr("Base, no adapter"), Contestant()),))]
    for one in studio.personas.list():
        persona = one.persona
        choices = [choice for run, choice in in_training if run.persona_id == persona.id]
        choices += [_adapter_choice(adapter) for adapter in adapters if adapter.persona_id == persona.id]
        if persona.system_prompt:
            choices.append(Choice(tr("Base with this card"), Contestant(system_prompt=persona.system_prompt)))
        if choices:
            portrait = studio.personas.portrait_path(persona)
            found.append(Group(persona.name, persona.colour, portrait, tuple(choices)))
    return found


def next_contestant(studio: "Studio", present: list[Contestant]) -> Contestant:
    """Whom a new column should hold: the first that does not answer yet."""
    known = [(one.adapter_id, one.system_prompt if one.is_base else "") for one in present]
    suggested = list(studio.chats.suggested_contestants())
    offered = suggested + [choice.contestant for group in groups(studio) for choice in group.choices]
    for one in offered:
        if (one.adapter_id, one.system_prompt if one.is_base else "") not in known:
            return one
    return offered[0] if offered else Contestant()


def subtitle(studio: "Studio", contestant: Contestant, title: str, name: str) -> str:
    """The line under a contestant's title: ``v3 · rank 16 · +0.82 nats``; the adapter's name without the persona's."""
    if contestant.is_base:
        return " · ".join(
            part for part in (name, tr("with a card") if contestant.system_prompt else tr("no adapter")) if part
        )
    found = [one for one in studio.adapters.list() if one.id == contestant.adapter_id]
    short = name.removeprefix(title).strip() or name
    return " · ".join([short, *(_figures(found[0]) if found else [])])


def _in_training(studio: "Studio") -> list[tuple["Run", Choice]]:
    """The run that trains now answers with what it has learned so far."""
    contestants = studio.chats.contestants_in_training()
    return [(studio.training.get(one.adapter_id), Choice(studio.chats.label(one).subtitle, one)) for one in contestants]


def _adapter_choice(adapter: "Adapter") -> Choice:
    return Choice(" · ".join([adapter.name, *_figures(adapter)]), Contestant(adapter_id=adapter.id))


def _figures(adapter: "Adapter") -> list[str]:
    rank = tr("rank {rank}", rank=adapter.rank) if adapter.rank else adapter.method
    return [rank] if adapter.gain is None else [rank, figures.gain(adapter.gain)]
