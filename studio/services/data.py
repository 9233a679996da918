"""The data bench: looking through conversations, editing turns, checking, and keeping versions to learn from."""

from dataclasses import dataclass, replace
from pathlib import Path

from studio.domain.changes import Kind
from studio.domain.checks import Finding
from studio.domain.clock import now
from studio.domain.conversation import Conversation, Turn
from studio.domain.data_checks import check_conversations
from studio.domain.dataset import DatasetVersion, StoredConversation, is_held_out
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.dataset_store import DatasetItem
from studio.library.library import Library
from studio.protocol.dataset_file import dataset_bytes
from studio.services.change_feed import ChangeFeed
from studio.services.token_counts import TokenCounts
from studio.services.undo import Undo

TOKENS_PER_WORD = 1.35
TOKENS_PER_TURN = 5
"""Rules of thumb for English and for a chat template's marks around a turn; used until the engine has counted."""


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


class DataBench:
    """Edits are revisions and can be undone; versions never change."""

    def __init__(self, library: Library, changes: ChangeFeed, undo: Undo, counts: TokenCounts) -> None:
        self._library = library
        self._changes = changes
        self._undo = undo
        self._counts = counts

    def conversations(
        self, persona_id: str, *, search: str = "", offset: int = 0, limit: int = 200
    ) -> list[StoredConversation]:
        """One page, oldest first."""
        return self._library.conversations.page(persona_id, search, offset, limit)

    def count(self, persona_id: str, *, search: str = "") -> int:
        """How many there are."""
        return self._library.conversations.count(persona_id, search)

    def get(self, conversation_id: str) -> StoredConversation:
        """One conversation."""
        found = self._library.conversations.get(conversation_id)
        if found is None:
            raise StudioError("not_found", what="conversation", name=conversation_id)
        return found

    def edit_turn(
        self,
        conversation_id: str,
        index: int,
        *,
        text: str | None = None,
        train: bool | None = None,
        alternative: int | None = None,
        initiator: object = None,
    ) -> StoredConversation:
        """Change a turn's words or its train switch, or swap its words with one of its alternatives."""
        conversation = self.get(conversation_id).conversation
        turn = self._turn(conversation, index)
        if alternative is not None:
            turn = _swapped(turn, alternative)
        if text is not None:
            turn = replace(turn, text=text)
        if train is not None:
            turn = replace(turn, train=train)
        return self._keep(conversation_id, conversation.with_turn(index, turn), initiator)

    def delete_turn(self, conversation_id: str, index: int) -> str:
        """Take a turn out; return the token of ``undo``."""
        before = self.get(conversation_id)
        self._turn(before.conversation, index)
        turns = before.conversation.turns
        shorter = replace(before.conversation, turns=(*turns[:index], *turns[index + 1 :]))
        self._keep(conversation_id, shorter, None)
        return self._undo.turn_token(before)

    def delete_conversation(self, conversation_id: str) -> str:
        """Move a conversation to the trash; return the token of ``undo``."""
        return self._undo.remove(Kind.CONVERSATION, conversation_id)

    def undo(self, token: str) -> None:
        """Undo a deletion."""
        self._undo.undo(token)

    def check(self, persona_id: str) -> list[Finding]:
        """Everything worth knowing before a run."""
        persona = self._library.personas.get(persona_id)
        pairs = [(stored.id, stored.conversation) for stored in self._library.conversations.each(persona_id)]
        return check_conversations(pairs, persona.name if persona else "")

    def overview(self, persona_id: str, heldout_fraction: float = 0.1) -> DataOverview:
        """The figures of a persona's data as it is now."""
        stored = list(self._library.conversations.each(persona_id))
        turns = [turn for one in stored for turn in one.conversation.turns]
        words = sum(len(turn.text.split()) for turn in turns)
        heldout = sum(is_held_out(one.conversation, heldout_fraction) for one in stored)
        lengths = [len(turn.text.split()) for one in stored for turn in one.conversation.persona_turns]
        exact = self._counts.known(persona_id, stored)
        return DataOverview(
            conversations=len(stored),
            persona_turns=len(lengths),
            words=words,
            train=len(stored) - heldout,
            heldout=heldout,
            turn_lengths=lengths,
            tokens=self._estimate(persona_id, stored, words) if exact is None else exact,
            tokens_exact=exact is not None,
        )

    def _estimate(self, persona_id: str, stored: list[StoredConversation], words: int) -> int:
        """Roughly what training would read: every word, each conversation's system prompt, the template's marks."""
        persona = self._library.personas.get(persona_id)
        prompt = len(persona.system_prompt.split()) if persona else 0
        turns = sum(len(one.conversation.turns) + bool(prompt) for one in stored)
        return round((words + prompt * len(stored)) * TOKENS_PER_WORD) + turns * TOKENS_PER_TURN

    def versions(self, persona_id: str) -> list[DatasetVersion]:
        """Every version, newest first."""
        return self._library.datasets.all(persona_id)

    def version(self, dataset_id: str) -> DatasetVersion:
        """One version."""
        found = self._library.datasets.get(dataset_id)
        if found is None:
            raise StudioError("not_found", what="dataset version", name=dataset_id)
        return found

    def version_path(self, version: DatasetVersion) -> Path:
        """The JSON Lines of a version, in the file vault."""
        return self._library.files.path(version.content)

    def snapshot(self, persona_id: str, heldout_fraction: float) -> DatasetVersion:
        """Keep the data as it is now, for good; the newest version again when nothing has changed since."""
        stored = list(self._library.conversations.each(persona_id))
        lines = dataset_bytes(((one.id, one.conversation) for one in stored), heldout_fraction)
        content = self._library.files.put(lines)
        newest = self._library.datasets.newest(persona_id)
        if newest and (newest.content, newest.heldout_fraction) == (content, heldout_fraction):
            return newest
        version = self._version(persona_id, stored, content, heldout_fraction)
        items = [
            DatasetItem(
                conversation_id=one.id,
                revision=one.revision,
                heldout=is_held_out(one.conversation, heldout_fraction),
            )
            for one in stored
        ]
        self._library.datasets.add(version, items)
        return version

    def is_held_out(self, conversation: StoredConversation, fraction: float = 0.1) -> bool:
        """Whether a conversation is kept back to measure with."""
        return is_held_out(conversation.conversation, fraction)

    def _version(
        self, persona_id: str, stored: list[StoredConversation], content: str, fraction: float
    ) -> DatasetVersion:
        return DatasetVersion(
            id=new_id("data"),
            persona_id=persona_id,
            number=self._library.datasets.next_number(persona_id),
            content=content,
            conversations=len(stored),
            persona_turns=sum(len(one.conversation.persona_turns) for one in stored),
            heldout_conversations=sum(is_held_out(one.conversation, fraction) for one in stored),
            heldout_fraction=fraction,
            created_at=now(),
        )

    def _turn(self, conversation: Conversation, index: int) -> Turn:
        if not 0 <= index < len(conversation.turns):
            raise StudioError("not_found", what="turn", name=str(index))
        return conversation.turns[index]

    def _keep(self, conversation_id: str, conversation: Conversation, initiator: object) -> StoredConversation:
        stored = self._library.conversations.update(conversation_id, conversation)
        self._changes.tell(Kind.CONVERSATION, ids=(conversation_id,), initiator=initiator)
        return stored


def _swapped(turn: Turn, alternative: int) -> Turn:
    if not 0 <= alternative < len(turn.alternatives):
        raise StudioError("not_found", what="alternative", name=str(alternative))
    others = (*turn.alternatives[:alternative], turn.text, *turn.alternatives[alternative + 1 :])
    return replace(turn, text=turn.alternatives[alternative], alternatives=others)
