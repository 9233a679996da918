"""The data bench, acts on whole conversations."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from studio.domain import turn_edits
from studio.domain.acts import Act
from studio.domain.conversation import Conversation
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.library.journal import Step
from studio.services.data_desk import DataPart
from studio.services.job import Job, Progress
from studio.services.sliced import Steps, at_once, run_sliced
from studio.texts import tr, tr_plural

_BATCH = 10


class ConversationActs(DataPart):
    """One act a call, however many conversations it touches.

    What only moves, removes or brings back is one statement. What writes every conversation anew takes about a
    millisecond for each; for more than a few hundred of them there are the jobs.
    """

    def split_conversation(self, conversation_id: str, index: int, *, initiator: object = None) -> Act:
        """Make two conversations of one: the turns from ``index`` on become one of their own, right behind."""
        before = self._desk.get(conversation_id)
        turns = before.conversation.turns
        if not 0 < index < len(turns):
            raise StudioError("split_empty")
        first = replace(before.conversation, turns=turns[:index])
        second = replace(before.conversation, turns=turns[index:])
        with self._desk.act(before.persona_id, tr("Split a conversation")) as act:
            self._desk.steps.change(act, [(before, first)])
            self._desk.steps.add_behind(act, before, [second])
        return self._told(act, initiator)

    def merge_conversations(self, ids: Sequence[str], *, initiator: object = None) -> Act:
        """Append the turns of the others, in their order, to the first."""
        first, *others = self._several(ids)
        if not others:
            raise StudioError("merge_needs_two")
        whole = replace(
            first.conversation,
            turns=tuple(turn for one in (first, *others) for turn in one.conversation.turns),
            tags=tuple(dict.fromkeys(tag for one in (first, *others) for tag in one.conversation.tags)),
        )
        label = tr_plural("Merged {count} conversation", "Merged {count} conversations", len(others) + 1)
        with self._desk.act(first.persona_id, label) as act:
            self._desk.steps.change(act, [(first, whole)])
            self._desk.steps.remove(act, [one.id for one in others])
        return self._told(act, initiator)

    def duplicate_conversations(self, ids: Sequence[str], *, initiator: object = None) -> Act:
        """Put a copy behind each."""
        found = self._several(ids)
        label = tr_plural("Duplicated {count} conversation", "Duplicated {count} conversations", len(found))
        with self._desk.act(found[0].persona_id, label) as act:
            for one in found:
                self._desk.steps.add_behind(act, one, [one.conversation])
        return self._told(act, initiator)

    def rewrite_conversation(
        self, conversation_id: str, after: Conversation, label: str, *, initiator: object = None
    ) -> Act:
        """Give a conversation other content as a whole; ``label`` names the act to the user."""
        before = self._desk.get(conversation_id)
        with self._desk.act(before.persona_id, label) as act:
            self._desk.steps.change(act, [(before, after)])
        return self._told(act, initiator)

    def delete_conversations(self, ids: Sequence[str], *, initiator: object = None) -> Act:
        """Take conversations out of the data."""
        persona_id = self._owner(ids)
        label = tr_plural("Deleted {count} conversation", "Deleted {count} conversations", len(ids))
        with self._desk.act(persona_id, label) as act:
            self._desk.steps.remove(act, ids)
        return self._told(act, initiator)

    def move_conversations(self, ids: Sequence[str], before_id: str, *, initiator: object = None) -> Act:
        """Put conversations, in their order, before another one (at the end when it is empty)."""
        persona_id = self._owner(ids)
        order = self._library.conversations.order
        if before_id in ids:
            raise StudioError("move_onto_itself")
        label = tr_plural("Moved {count} conversation", "Moved {count} conversations", len(ids))
        with self._desk.act(persona_id, label) as act:
            room = order.room_before(persona_id, before_id, len(ids)) if before_id else None
            room = room or order.room_at_the_end(persona_id, len(ids))
            before = order.positions(ids)
            order.put(zip(ids, room, strict=True))
            steps = ((id, before[id], position) for id, position in zip(ids, room, strict=True))
            self._library.journal.note(act, Step.MOVED, steps)
        return self._told(act, initiator)

    def retag(
        self, ids: Sequence[str], add: Iterable[str] = (), remove: Iterable[str] = (), *, initiator: object = None
    ) -> Act:
        """Put tags on conversations and take others off."""
        with self._library.transaction():
            return at_once(self._retagging(ids, add, remove, initiator))

    def retag_job(
        self, ids: Sequence[str], add: Iterable[str] = (), remove: Iterable[str] = (), *, initiator: object = None
    ) -> Job[Act]:
        """As ``retag``, in slices."""
        return run_sliced(self._desk.deliver, "changing", self._retagging(ids, add, remove, initiator))

    def set_train(self, ids: Sequence[str], train: bool, *, initiator: object = None) -> Act:
        """Say of all turns of the persona whether the trainer may learn them."""
        with self._library.transaction():
            return at_once(self._training(ids, train, initiator))

    def set_train_job(self, ids: Sequence[str], train: bool, *, initiator: object = None) -> Job[Act]:
        """As ``set_train``, in slices."""
        return run_sliced(self._desk.deliver, "changing", self._training(ids, train, initiator))

    def add_conversations(
        self, persona_id: str, conversations: Iterable[Conversation], label: str, *, initiator: object = None
    ) -> Act:
        """Add conversations whose words the persona does not have yet; ``label`` names the act to the user."""
        with self._desk.act(persona_id, label) as act:
            added, _ = self._library.conversations.add_many(persona_id, conversations)
            self._library.journal.note_all(act, Step.ADDED, added)
        return self._told(act, initiator)

    def _retagging(
        self, ids: Sequence[str], add: Iterable[str], remove: Iterable[str], initiator: object
    ) -> Steps[Act]:
        on, off = [tag for tag in (" ".join(word.split()) for word in add) if tag], list(remove)
        label = tr_plural("Tagged {count} conversation", "Tagged {count} conversations", len(ids))
        return self._changing(ids, lambda one: turn_edits.retagged(one, on, off), label, initiator)

    def _training(self, ids: Sequence[str], train: bool, initiator: object) -> Steps[Act]:
        if train:
            label = tr_plural("Training on {count} conversation", "Training on {count} conversations", len(ids))
        else:
            label = tr_plural("No training on {count} conversation", "No training on {count} conversations", len(ids))
        return self._changing(ids, lambda one: turn_edits.trained(one, train), label, initiator)

    def _changing(
        self, ids: Sequence[str], change: Callable[[Conversation], Conversation], label: str, initiator: object
    ) -> Steps[Act]:
        """Change conversations one by one, a few in each transaction; given up, what was done is undone."""
        act = self._library.journal.begin(self._owner(ids), label)
        try:
            with self._library.hurried():
                for at in range(0, len(ids), _BATCH):
                    with self._library.transaction():
                        found = self._library.conversations.many(ids[at : at + _BATCH])
                        self._desk.steps.change(act, [(one, change(one.conversation)) for one in found])
                    yield Progress(what="changing", done=at, total=len(ids))
        except Exception:
            for _ in self._library.journal.discard(act):
                yield None
            raise
        return self._told(act, initiator)

    def _several(self, ids: Sequence[str]) -> list[StoredConversation]:
        self._owner(ids)
        return self._library.conversations.many(ids)

    def _owner(self, ids: Sequence[str]) -> str:
        """The persona whose conversations these all are."""
        owners = self._library.conversations.owners(ids)
        if len(owners) != 1 or sum(owners.values()) != len(set(ids)):
            raise StudioError("not_found", what="conversation", name=", ".join(ids[:3]))
        return next(iter(owners))

    def _told(self, act: str, initiator: object) -> Act:
        found = self._library.journal.get(act)
        assert found is not None, "the act was just written"
        self._desk.tell(self._library.journal.touched(act), initiator)
        return found
