"""The data bench, editing as in a chat: the turns of one conversation. Every edit is an act that can be undone."""

from collections.abc import Iterable
from dataclasses import replace

from studio.domain import turn_edits
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import StoredConversation
from studio.services.data_desk import DataPart
from studio.texts import tr


class TurnEdits(DataPart):
    """Each returns the conversation as it is then, so that a window can show it at once."""

    def edit_turn(
        self,
        conversation_id: str,
        index: int,
        *,
        text: str | None = None,
        train: bool | None = None,
        alternative: int | None = None,
        role: Role | None = None,
        speaker: str | None = None,
        initiator: object = None,
    ) -> StoredConversation:
        """Change a turn, or swap its words with one of its alternatives. A new role or speaker settles a guess."""
        before = self._desk.get(conversation_id)
        given = {"text": text, "train": train, "role": role, "speaker": speaker}
        fields = {name: value for name, value in given.items() if value is not None}
        after = turn_edits.edited(before.conversation, index, fields, alternative)
        return self._keep(before, after, tr("Edited a turn"), initiator)

    def insert_turn(
        self, conversation_id: str, index: int, turn: Turn, *, initiator: object = None
    ) -> StoredConversation:
        """Put a turn before the one at ``index`` (at the end when there is none)."""
        before = self._desk.get(conversation_id)
        return self._keep(before, turn_edits.inserted(before.conversation, index, turn), tr("Added a turn"), initiator)

    def delete_turns(
        self, conversation_id: str, indexes: Iterable[int], *, initiator: object = None
    ) -> StoredConversation:
        """Take turns out."""
        before = self._desk.get(conversation_id)
        after = turn_edits.without(before.conversation, indexes)
        return self._keep(before, after, tr("Deleted turns"), initiator)

    def duplicate_turn(self, conversation_id: str, index: int, *, initiator: object = None) -> StoredConversation:
        """Put a copy of a turn behind it."""
        before = self._desk.get(conversation_id)
        turn = turn_edits.turn_at(before.conversation, index)
        after = turn_edits.inserted(before.conversation, index + 1, turn)
        return self._keep(before, after, tr("Duplicated a turn"), initiator)

    def move_turn(self, conversation_id: str, index: int, to: int, *, initiator: object = None) -> StoredConversation:
        """Take a turn to another place; ``to`` is its index afterwards."""
        before = self._desk.get(conversation_id)
        return self._keep(before, turn_edits.moved(before.conversation, index, to), tr("Moved a turn"), initiator)

    def split_turn(
        self, conversation_id: str, index: int, position: int, *, initiator: object = None
    ) -> StoredConversation:
        """Make two turns of one, at a position in its text."""
        before = self._desk.get(conversation_id)
        after = turn_edits.split(before.conversation, index, position)
        return self._keep(before, after, tr("Split a turn"), initiator)

    def merge_turns(
        self, conversation_id: str, first: int, last: int, *, initiator: object = None
    ) -> StoredConversation:
        """Make one turn of those from ``first`` to ``last``; the first one's role and speaker stay."""
        before = self._desk.get(conversation_id)
        after = turn_edits.merged(before.conversation, first, last)
        return self._keep(before, after, tr("Merged turns"), initiator)

    def confirm_turn(self, conversation_id: str, index: int, *, initiator: object = None) -> StoredConversation:
        """Say that a guessed speaker is right."""
        before = self._desk.get(conversation_id)
        turn = turn_edits.settled(turn_edits.turn_at(before.conversation, index))
        after = before.conversation.with_turn(index, turn)
        return self._keep(before, after, tr("Confirmed a speaker"), initiator)

    def drop_alternative(
        self, conversation_id: str, index: int, alternative: int, *, initiator: object = None
    ) -> StoredConversation:
        """Forget a passed-over answer."""
        before = self._desk.get(conversation_id)
        after = turn_edits.without_alternative(before.conversation, index, alternative)
        return self._keep(before, after, tr("Dropped an alternative"), initiator)

    def rename_conversation(self, conversation_id: str, title: str, *, initiator: object = None) -> StoredConversation:
        """Give a conversation another title."""
        before = self._desk.get(conversation_id)
        after = replace(before.conversation, title=" ".join(title.split()))
        return self._keep(before, after, tr("Renamed a conversation"), initiator)

    def _keep(
        self, before: StoredConversation, after: Conversation, label: str, initiator: object
    ) -> StoredConversation:
        if after == before.conversation:
            return before
        with self._desk.act(before.persona_id, label) as act:
            [stored] = self._desk.steps.change(act, [(before, after)])
        self._desk.tell((before.id,), initiator)
        return stored
