"""What the home page shows, decided without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.chat import Contestant
from studio.domain.run import RunState
from studio.gui import figures
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.imports import ImportReport
    from studio.services.personas import PersonaSummary
    from studio.services.studio import Studio


@dataclass(frozen=True, kw_only=True)
class PersonaCard:
    """One card of the grid. ``state_role`` is a theme role for the word at its lower right."""

    id: str
    name: str
    tagline: str
    colour: str
    portrait: Path | None
    conversations: str
    tags: tuple[str, ...]
    state: str
    state_role: str
    adapter_id: str
    system_prompt: str

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return ", ".join(word for word in (self.name, self.tagline, self.conversations, self.state, *self.tags) if word)


class PersonasPresenter:
    """Asks the services for cards and does what cards can do."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def cards(self, search: str = "") -> list[PersonaCard]:
        """Return the cards that match, in the library's order."""
        return [self._card(summary) for summary in self._studio.personas.list(search)]

    def samples_available(self) -> bool:
        """True when sample personas came with the program."""
        return bool(self._studio.samples.available())

    def contestants(self, card: PersonaCard) -> tuple[Contestant, ...]:
        """Who answers when one chats with a persona: its newest adapter, or the base that was given its card."""
        if card.adapter_id:
            return (Contestant(adapter_id=card.adapter_id, system_prompt=card.system_prompt),)
        return (Contestant(system_prompt=card.system_prompt),)

    def _card(self, summary: PersonaSummary) -> PersonaCard:
        persona, adapter = summary.persona, summary.newest_adapter
        state, role = _state(summary)
        return PersonaCard(
            id=persona.id,
            name=persona.name,
            tagline=persona.tagline or _first_sentence(persona.description),
            colour=persona.colour,
            portrait=self._studio.personas.portrait_path(persona),
            conversations=figures.conversations(summary.conversations),
            tags=persona.tags,
            state=state,
            state_role=role,
            adapter_id=adapter.id if adapter else "",
            system_prompt=persona.system_prompt,
        )


def _state(summary: PersonaSummary) -> tuple[str, str]:
    run, adapter = summary.active_run, summary.newest_adapter
    if run is not None:
        return (tr("waiting to train"), "muted") if run.state is RunState.QUEUED else (tr("training"), "warn")
    if adapter is None:
        return (tr("no lines yet"), "muted") if not summary.persona_turns else (tr("not trained yet"), "muted")
    if adapter.gain is None:
        return tr("trained"), "good"
    return figures.gain(adapter.gain), "good" if adapter.gain > 0 else "bad"


def _first_sentence(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    sentence = line.split(". ")[0]
    return sentence + "." if sentence != line else line


def samples_added(report: ImportReport) -> str:
    """Say what adding the samples did."""
    return imported(report, tr("The sample personas are already in the library."))


def imported(report: ImportReport, nothing: str = "") -> str:
    """Say what an import did, in one sentence."""
    created = [one.name for one in report.personas if one.created]
    added = sum(one.conversations for one in report.personas)
    skipped = sum(one.duplicates for one in report.personas)
    if not created and not added and not report.grown:
        return nothing or _already(skipped)
    words = _imported_words(created, added) if created or added else ""
    if report.grown:
        longer = tr_plural("{count} conversation has grown.", "{count} conversations have grown.", report.grown)
        words = f"{words} {longer}".strip()
    if skipped:
        words += " " + tr_plural("{count} was there already.", "{count} were there already.", skipped)
    return words


def _already(skipped: int) -> str:
    return (
        tr_plural("The conversation was there already.", "All {count} conversations were there already.", skipped)
        if skipped
        else tr("Nothing was added.")
    )


def _imported_words(created: Sequence[str], added: int) -> str:
    conversations = figures.conversations(added)
    if created and added:
        return tr("Added {names} with {conversations}.", names=", ".join(created), conversations=conversations)
    if created:
        return tr("Added {names}.", names=", ".join(created))
    return tr("Added {conversations}.", conversations=conversations)
