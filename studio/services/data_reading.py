"""The data bench, looking: pages, counts, facets and figures of a persona's conversations."""

from dataclasses import dataclass, replace

from studio.domain.data_filter import Facets, Filter
from studio.domain.dataset import USUAL_FRACTION, StoredConversation, is_held_out
from studio.library.conversation_store import DataFigures
from studio.services.data_desk import DataPart
from studio.services.trained_amount import TOKENS_A_WORD, TrainedAmount, learned_of

ALL = Filter()
TOKENS_PER_TURN = 5
"""Rule of thumb for a chat template's marks around a turn; used until the engine has counted."""


@dataclass(frozen=True, kw_only=True)
class DataOverview:
    """How much there is. ``turn_lengths`` are words per turn of the persona; ``tokens`` are estimated unless exact."""

    conversations: int
    persona_turns: int
    words: int
    train: int
    heldout: int
    turn_lengths: list[int]
    tokens: int
    tokens_exact: bool


class DataReading(DataPart):
    """Answers within a blink, also for a hundred thousand conversations."""

    def conversations(
        self, persona_id: str, where: Filter = ALL, *, search: str = "", offset: int = 0, limit: int = 200
    ) -> list[StoredConversation]:
        """One page of what the filter lets through. ``search`` is short for a filter by text."""
        return self._library.conversations.page(persona_id, _meant(where, search), offset, limit)

    def count(self, persona_id: str, where: Filter = ALL, *, search: str = "") -> int:
        """How many the filter lets through."""
        return self._library.conversations.count(persona_id, _meant(where, search))

    def ids(self, persona_id: str, where: Filter = ALL) -> list[str]:
        """All that the filter lets through, in order."""
        return self._library.conversations.ids(persona_id, where)

    def row_of(self, persona_id: str, where: Filter, conversation_id: str) -> int:
        """The place of a conversation among what the filter lets through, counted from 0; -1 when it is not there."""
        return self._library.conversations.row_of(persona_id, where, conversation_id)

    def get(self, conversation_id: str) -> StoredConversation:
        """One conversation."""
        return self._desk.get(conversation_id)

    def facets(self, persona_id: str) -> Facets:
        """What there is to filter by."""
        return self._library.facets.all(persona_id)

    def overview(self, persona_id: str, heldout_fraction: float = USUAL_FRACTION) -> DataOverview:
        """The figures of a persona's data as it is now."""
        found = self._library.conversations.figures(persona_id, heldout_fraction)
        stamp = self._library.conversations.stamp(persona_id)
        counted = self._desk.counts.known(persona_id, stamp, found.conversations)
        return DataOverview(
            conversations=found.conversations,
            persona_turns=found.persona_turns,
            words=found.words,
            train=found.conversations - found.heldout,
            heldout=found.heldout,
            turn_lengths=found.lengths,
            tokens=counted.tokens if counted else self._estimate(persona_id, found),
            tokens_exact=counted is not None,
        )

    def trained_amount(self, persona_id: str, heldout_fraction: float = USUAL_FRACTION) -> TrainedAmount:
        """How much a run would learn; presets go by that."""
        found = self._library.conversations.figures(persona_id, heldout_fraction)
        stamp = self._library.conversations.stamp(persona_id)
        counted = self._desk.counts.known(persona_id, stamp, found.conversations)
        return learned_of(found, counted.trained_tokens if counted else None)

    def is_held_out(self, conversation: StoredConversation, fraction: float = USUAL_FRACTION) -> bool:
        """Whether a conversation is kept back to measure with."""
        return is_held_out(conversation.conversation, fraction)

    def _estimate(self, persona_id: str, found: DataFigures) -> int:
        """Roughly what training would read: every word, each conversation's system prompt, the template's marks."""
        persona = self._library.personas.get(persona_id)
        prompt = len(persona.system_prompt.split()) if persona else 0
        turns = found.turns + found.conversations * bool(prompt)
        return round((found.words + prompt * found.conversations) * TOKENS_A_WORD) + turns * TOKENS_PER_TURN


def _meant(where: Filter, search: str) -> Filter:
    return replace(where, text=search) if search else where
