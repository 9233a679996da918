"""Who can answer: the base, also with a persona's card, adapters by persona, checkpoints, blends. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.chat import CARD_FULL, Contestant
from studio.gui import figures
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.domain.persona import Persona
    from studio.domain.run import Run
    from studio.services.studio import Studio


_RUNS = 60
"""Of so many of the newest runs checkpoints are offered."""


@dataclass(frozen=True)
class Choice:
    """One line of the picker; ``icon`` tells of which kind it is. ``trains``: it learns on while it answers."""

    label: str
    contestant: Contestant
    icon: str = "layers-outline"
    trains: bool = False

    @property
    def is_finished(self) -> bool:
        """A whole adapter or a blend: not the base, no checkpoint, no run in training."""
        return not self.trains and not self.contestant.is_base and not self.contestant.step


@dataclass(frozen=True)
class Group:
    """Lines of one persona; ``name`` is empty for the base alone. ``icon``: instead of a face."""

    name: str
    colour: str
    portrait: Path | None
    choices: tuple[Choice, ...]
    icon: str = ""


def groups(studio: "Studio", blends: Sequence[Contestant] = ()) -> list[Group]:
    """The base first, then blends, then the personas that have something to say."""
    by_persona: dict[str, list[Choice]] = {}
    for contestant in studio.chats.contestants_in_training():
        run = studio.training.get(contestant.adapter_id)
        label = studio.chats.label(contestant).subtitle
        by_persona.setdefault(run.persona_id, []).append(Choice(label, contestant, "fire", trains=True))
    for adapter in studio.adapters.list():
        by_persona.setdefault(adapter.persona_id, []).append(_adapter_choice(adapter))
    for run in studio.training.runs()[:_RUNS]:
        by_persona.setdefault(run.persona_id, []).extend(_checkpoints(studio, run))
    found = [Group("", "", None, (Choice(tr("Base, no adapter"), Contestant(), "cube-outline"),))]
    if blends:
        mixed = tuple(Choice(studio.chats.label(one).title, one, "blender-outline") for one in blends)
        found.append(Group(tr("Blends"), "", None, mixed, "blender-outline"))
    for summary in studio.personas.list():
        persona = summary.persona
        portrait = studio.personas.portrait_path(persona)
        choices = (*by_persona.get(persona.id, []), *_cards(persona))
        found.append(Group(persona.name, persona.colour, portrait, choices))
    return found


def matching(groups: Sequence[Group], typed: str) -> list[Group]:
    """The groups with the choices that hold every word that was typed, in their own name or their persona's."""
    words = typed.casefold().split()
    found = []
    for group in groups:
        kept = [one for one in group.choices if _holds(f"{group.name} {one.label}".casefold(), words)]
        if kept:
            found.append(replace(group, choices=tuple(kept)))
    return found


def next_contestant(studio: "Studio", present: Sequence[Contestant]) -> Contestant:
    """Whom a new column should hold: the first that does not answer yet."""
    known = {one.voice for one in present}
    suggested = list(studio.chats.suggested_contestants())
    free = next((one for one in suggested if one.voice not in known), None)
    if free is not None:
        return free
    offered = [choice.contestant for group in groups(studio) for choice in group.choices]
    return next((one for one in offered if one.voice not in known), Contestant())


def blends_of(chats: Sequence[tuple[tuple[Contestant, str], ...]]) -> list[Contestant]:
    """The blends that stand in some chat's columns, each once."""
    mixed = [replace(one, sampler=None, seed=None) for columns in chats for one, _ in columns if one.blend]
    return list(dict.fromkeys(mixed))


def subtitle(studio: "Studio", contestant: Contestant, title: str, name: str) -> str:
    """The line under a contestant's title: ``v3 · rank 16 · +0.82 nats``; the adapter's name without the persona's."""
    if contestant.is_base or contestant.blend:
        return name
    found = [one for one in studio.adapters.list() if one.id == contestant.adapter_id]
    short = name.removeprefix(title).strip() or name
    return " · ".join([short, *(_figures(found[0]) if found else [])])


def gain_words(studio: "Studio", adapter_id: str) -> str:
    """What the figure in nats under a name means; empty where none was measured."""
    gain = next((one.gain for one in studio.adapters.list() if one.id == adapter_id), None)
    if gain is None:
        return ""
    if gain <= 0:
        return tr("{gain}: lines of the persona that it never saw it foresees no better than the base does.",
                  gain=figures.gain(gain))  # fmt: skip
    return tr("{gain}: so much better than the base it foresees lines of the persona that it never saw.",
              gain=figures.gain(gain))  # fmt: skip


def effect_words(studio: "Studio", adapter_id: str) -> str:
    """What was measured that an adapter changes at its base; empty when nothing was measured yet."""
    found = studio.proof.effect(adapter_id)
    if found is None:
        return ""
    if found.nothing:
        return tr("Measured: it changes nothing at its base.")
    return tr(
        "Measured: another likeliest token in {share:.0f} % of places, {kl:.2f} nats away from the base",
        share=100 * found.top1_changed, kl=found.kl,
    )  # fmt: skip


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def _cards(persona: "Persona") -> list[Choice]:
    """The base alone, in the persona's clothes: its short system prompt, or all that its card says."""
    short = Choice(tr("Base with the short prompt"), Contestant(persona_id=persona.id), "card-text-outline")
    whole = Contestant(persona_id=persona.id, card=CARD_FULL)
    card = Choice(tr("Base with the whole card"), whole, "card-account-details-outline")
    return [*([short] if persona.system_prompt else []), card]


def _checkpoints(studio: "Studio", run: "Run") -> list[Choice]:
    """What a run had learned at its checkpoints, the newest first."""
    steps = reversed(studio.chats.checkpoints(run.id))
    found = [Contestant(adapter_id=run.id, step=step) for step in steps]
    return [Choice(studio.chats.label(one).subtitle, one, "flag-checkered") for one in found]


def _adapter_choice(adapter: "Adapter") -> Choice:
    return Choice(" · ".join([adapter.name, *_figures(adapter)]), Contestant(adapter_id=adapter.id))


def _figures(adapter: "Adapter") -> list[str]:
    rank = tr("rank {rank}", rank=adapter.rank) if adapter.rank else adapter.method
    return [rank] if adapter.gain is None else [rank, figures.gain(adapter.gain)]
