"""What the page for examples from a card shows and does. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.drafts import Draft
from studio.gui import figures
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.job import Job
    from studio.services.replies import ReplyJob
    from studio.services.studio import Studio

SUGGESTED = {"everyday": 12, "emotional": 8, "out_of_world": 6, "statement": 6}
"""A first helping: enough to learn the keys with, done in a few minutes on a small machine."""


@dataclass(frozen=True, kw_only=True)
class KindRow:
    """A kind of question with how many are left and how many to begin with."""

    kind: str
    title: str
    why: str
    left: int
    suggested: int


class DraftsPresenter:
    """One persona's drafts; the first undecided one is shown."""

    def __init__(self, studio: Studio, persona_id: str) -> None:
        self._studio = studio
        self.persona_id = persona_id
        self.persona = studio.personas.get(persona_id)
        self._skipped: set[str] = set()

    def kinds(self) -> list[KindRow]:
        """What can be asked."""
        left = self._studio.drafts.counts(self.persona_id).left
        words = {
            "everyday": (
                tr("Everyday"),
                tr("Small talk, work, food, places: how they sound when nothing is at stake."),
            ),
            "emotional": (tr("Emotional"), tr("Fear, love, anger, grief: how they sound when it matters.")),
            "out_of_world": (
                tr("Out of their world"),
                tr("Things they cannot know, and attempts to break character: what they must not know."),
            ),
            "statement": (tr("About themselves"), tr("Each fact of the card, said by them in the first person.")),
        }
        return [
            KindRow(kind=kind, title=title, why=why, left=left[kind], suggested=min(SUGGESTED[kind], left[kind]))
            for kind, (title, why) in words.items()
        ]

    def prompt(self) -> str:
        """The system prompt that will stand before every conversation."""
        return self._studio.drafts.suggested_prompt(self.persona_id)

    def set_prompt(self, text: str) -> None:
        """Keep the user's words for it."""
        if text.strip() and text.strip() != self.persona.system_prompt:
            self.persona = self._studio.personas.update(self.persona_id, system_prompt=text.strip())

    def write(self, wanted: Mapping[str, int]) -> Job[int]:
        """Have the base answer."""
        return self._studio.drafts.write(self.persona_id, {kind: count for kind, count in wanted.items() if count})

    # -- looking ------------------------------------------------------------------------------------------------

    def current(self) -> Draft | None:
        """The draft to decide on; those that were put off come last."""
        waiting = self._studio.drafts.list(self.persona_id)
        return next((one for one in waiting if one.id not in self._skipped), waiting[0] if waiting else None)

    def later(self, draft: Draft) -> None:
        """Put a draft off until the others are decided."""
        self._skipped.add(draft.id)

    def progress(self) -> str:
        """How far it is, in one line."""
        counts = self._studio.drafts.counts(self.persona_id)
        taken = tr_plural("{count} accepted", "{count} accepted", counts.accepted + counts.edited)
        edited = tr(" ({count} of them edited)", count=counts.edited) if counts.edited else ""
        waiting = tr_plural("{count} waiting", "{count} waiting", counts.new)
        return " · ".join((waiting, taken + edited, tr("{count} rejected", count=figures.whole(counts.rejected))))

    def shares(self) -> tuple[int, int, int]:
        """(accepted, rejected, waiting), for the bar."""
        counts = self._studio.drafts.counts(self.persona_id)
        return counts.accepted + counts.edited, counts.rejected, counts.new

    def kind_words(self, draft: Draft) -> str:
        """What kind of question it is."""
        return next((row.title for row in self.kinds() if row.kind == draft.kind), draft.kind)

    # -- deciding -----------------------------------------------------------------------------------------------

    def accept(self, draft: Draft, text: str = "") -> None:
        """Into the data, with these words if there are any."""
        self._studio.drafts.accept(draft.id, text)

    def reject(self, draft: Draft) -> None:
        """Never again."""
        self._studio.drafts.reject(draft.id)

    def another(self, draft: Draft) -> ReplyJob:
        """Ask once more."""
        return self._studio.drafts.another(draft.id)

    def take_back(self) -> bool:
        """Undo the latest decision; False when there is none."""
        taken = self._studio.drafts.take_back()
        if taken is not None:
            self._skipped.discard(taken.id)
        return taken is not None
