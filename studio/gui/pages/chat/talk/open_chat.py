"""The chat that is open: stored, or only planned as long as nobody has written in it. Knows no Qt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.domain.chat import SCENE, Chat, ChatSettings, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.scene import BY_HAND

if TYPE_CHECKING:
    from studio.services.job import Job
    from studio.services.studio import Studio

Place = tuple[Contestant, str]
"""A column: who answers, and the tip of its thread (empty: nothing was said there yet)."""


class OpenChat:
    """Who answers and how. Changes of a planned chat are kept here, those of a stored one by the service."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.chat: Chat | None = None
        self.planned: list[Contestant] = []
        self._planned_settings = ChatSettings()
        self._planned_sampler = Sampler()

    @property
    def id(self) -> str:
        """The chat's id; empty while it is only planned."""
        return self.chat.id if self.chat else ""

    @property
    def settings(self) -> ChatSettings:
        """What stands around the words: system prompt, author's note, seed."""
        return self.chat.settings if self.chat else self._planned_settings

    @property
    def by_hand(self) -> bool:
        """True in a scene where nobody speaks until the user says who."""
        return self.chat is not None and self.chat.kind == SCENE and self.chat.settings.scene.order == BY_HAND

    @property
    def sampler(self) -> Sampler:
        """How words are drawn in all columns without a sampler of their own."""
        return self.chat.sampler if self.chat else self._planned_sampler

    def set_settings(self, settings: ChatSettings) -> None:
        """Change what stands around the words."""
        if self.chat:
            self.chat = self._studio.chats.set_settings(self.chat.id, settings)
        else:
            self._planned_settings = settings

    def set_sampler(self, sampler: Sampler) -> None:
        """Change how words are drawn."""
        if self.chat:
            self.chat = self._studio.chats.set_sampler(self.chat.id, sampler)
        else:
            self._planned_sampler = sampler

    def show(self, chat: Chat | None, planned: Sequence[Contestant]) -> None:
        """Open another chat, or plan one; a planned one is drawn like the last."""
        sampler = self.sampler
        self.chat, self.planned = chat, list(planned)
        self._planned_settings, self._planned_sampler = ChatSettings(), sampler

    def contestants(self) -> list[Contestant]:
        """Who answers, column by column."""
        return [one for one, _ in self.chat.columns] if self.chat else list(self.planned)

    def places(self) -> list[Place]:
        """The columns with their tips."""
        return list(self.chat.columns) if self.chat else [(one, "") for one in self.planned]

    def begin(self) -> Chat:
        """The stored chat; a planned one is stored now (its first words become its title)."""
        if self.chat is None:
            settings, sampler = self._planned_settings, self._planned_sampler
            self.chat = self._studio.chats.create("", self.planned)
            if settings != self.chat.settings:
                self.set_settings(settings)
            if sampler != self.chat.sampler:
                self.set_sampler(sampler)
        return self.chat

    def read(self) -> None:
        """Read the stored chat again; one that is gone is let go."""
        if self.chat is None:
            return
        try:
            self.chat = self._studio.chats.get(self.chat.id)
        except StudioError:
            self.chat = None

    def arrange(self, places: Sequence[Place]) -> "Job[Chat] | None":
        """Set the columns; each goes on where its tip is. A stored chat is to be ``read`` when the job has ended."""
        if self.chat:
            return self._studio.chats.arrange_job(self.chat.id, places)
        self.planned = [one for one, _ in places]
        return None

    def change(self, column: int, contestant: Contestant) -> None:
        """Let someone else answer in a column, or otherwise; its thread stays."""
        if self.chat:
            self.chat = self._studio.chats.set_contestant(self.chat.id, column, contestant)
        else:
            self.planned[column] = contestant

    def forget_lost_adapters(self) -> None:
        """A planned chat drops who was deleted; one that nobody has touched gets the suggested voices anew."""
        if self.chat is not None:
            return
        known = {one.id for one in self._studio.adapters.list()} | {run.id for run in self._studio.training.runs()}
        kept = [one for one in self.planned if _adapters(one) <= known]
        untouched = all(one == Contestant() for one in kept)
        self.planned = self._studio.chats.suggested_contestants() if untouched else kept


def _adapters(contestant: Contestant) -> set[str]:
    own = {contestant.adapter_id} if contestant.adapter_id else set()
    return own | {part.adapter_id for part in contestant.blend}
