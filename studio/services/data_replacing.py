"""The data bench, the same change to many conversations: find and replace, and the repairs of the checks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from studio.checks import Repaired, Split, repair_each, repairs
from studio.domain.acts import Act
from studio.domain.conversation import Conversation
from studio.domain.data_changes import ChangePreview, Replacing
from studio.domain.data_filter import Filter
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.services.background import Background
from studio.services.change_samples import Samples
from studio.services.data_checking import check_context
from studio.services.data_desk import DataPart
from studio.services.data_reading import ALL
from studio.services.job import Job
from studio.services.sliced import AppThread
from studio.services.text_replacing import Replacer
from studio.texts import tr

_AT_ONCE = 8
"""Conversations that are written in one slice on the app's thread."""
_TOLD_EVERY = 200


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A conversation with what becomes of it."""

    before: StoredConversation
    after: Repaired


Change = Callable[[Iterable[StoredConversation], Library], Iterator[Changed]]
"""Yields those that change, as they come."""


@dataclass
class _Done:
    """How far an act is."""

    token: str = ""
    touched: list[str] = field(default_factory=list)


class BulkChanges(DataPart):
    """Worked out on a thread of its own, stored in slices on the app's; one act, however much it changes."""

    def preview_replace(self, persona_id: str, wanted: Replacing, where: Filter = ALL) -> Job[ChangePreview]:
        """What a replacement would do."""
        return self._preview(persona_id, where, _replacing(wanted))

    def replace_all(
        self, persona_id: str, wanted: Replacing, where: Filter = ALL, *, initiator: object = None
    ) -> Job[Act]:
        """Replace everywhere."""
        label = tr("Replaced '{found}' with '{put}'", found=wanted.find[:60], put=wanted.replacement[:60])
        return self._apply(persona_id, where, _replacing(wanted), label, initiator)

    def preview_repair(self, persona_id: str, repair: str, where: Filter = ALL) -> Job[ChangePreview]:
        """What a repair would do."""
        return self._preview(persona_id, where, self._repairing(persona_id, repair))

    def repair(self, persona_id: str, repair: str, where: Filter = ALL, *, initiator: object = None) -> Job[Act]:
        """Repair everything that the filter lets through."""
        change = self._repairing(persona_id, repair)
        return self._apply(persona_id, where, change, tr(repairs()[repair].label), initiator)

    def _repairing(self, persona_id: str, repair: str) -> Change:
        if repair not in repairs():
            raise StudioError("repair_unknown", name=repair, known=", ".join(repairs()))
        context = check_context(self._desk, persona_id, *self._desk.long_rows.get(persona_id, ({}, 0)))

        def change(found: Iterable[StoredConversation], reader: Library) -> Iterator[Changed]:
            kept = reader.checks.get(persona_id)
            now_at: dict[str, StoredConversation] = {}
            items = _remembered(found, now_at)
            for key, _, after in repair_each(repair, items, kept.report if kept else None, context):
                yield Changed(before=now_at[key], after=after)

        return change

    def _preview(self, persona_id: str, where: Filter, change: Change) -> Job[ChangePreview]:
        def look(reader: Library, background: Background) -> ChangePreview:
            samples = Samples()
            with reader.conversations.unchanging():
                for one in change(_told(reader, persona_id, where, background), reader):
                    samples.add(one.before.id, one.before.conversation, one.after)
            return samples.preview()

        return self._desk.in_background("looking", look, lambda preview: preview)

    def _apply(self, persona_id: str, where: Filter, change: Change, label: str, initiator: object) -> Job[Act]:
        done = _Done()

        def work(reader: Library, background: Background) -> None:
            app, hurry = self._desk.app_thread(background), self._library.hurried()
            app.run(hurry.__enter__)
            try:
                changes = change(_told(reader, persona_id, where, background), reader)
                while some := list(islice(changes, _AT_ONCE)):
                    app.run(lambda some=some: self._write(persona_id, label, done, some))  # type: ignore[misc]
            except Exception:
                self._take_back(app, done)
                raise
            finally:
                app.run(lambda: hurry.__exit__(None, None, None), to_the_end=True)

        return self._desk.in_background("changing", work, lambda _: self._done(persona_id, label, done, initiator))

    def _write(self, persona_id: str, label: str, done: _Done, changes: list[Changed]) -> None:
        """Store some changes; a conversation that was edited or removed meanwhile is left as it is."""
        present = {one.id: one for one in self._library.conversations.many([one.before.id for one in changes])}
        still = [
            (there, one.after)
            for one in changes
            if (there := present.get(one.before.id)) and there.revision == one.before.revision
        ]
        if not still:
            return
        with self._library.transaction():
            done.token = done.token or self._library.journal.begin(persona_id, label)
            steps = self._desk.steps
            steps.change(done.token, [(there, _first(after)) for there, after in still if after is not None])
            for there, after in still:
                if isinstance(after, Split):
                    steps.add_behind(done.token, there, after.parts[1:])
            steps.remove(done.token, [there.id for there, after in still if after is None])
            done.touched += [there.id for there, _ in still]

    def _take_back(self, app: AppThread, done: _Done) -> None:
        """Given up or failed half way: what was done so far is undone, and nothing stays in the history."""
        if not done.token:
            return
        steps = self._library.journal.discard(done.token)
        while app.run(lambda: next(steps, None), to_the_end=True) is not None:
            continue
        app.run(lambda: self._desk.tell(done.touched), to_the_end=True)

    def _done(self, persona_id: str, label: str, done: _Done, initiator: object) -> Act:
        found = self._library.journal.get(done.token) if done.token else None
        if found is None:
            return Act(token="", persona_id=persona_id, label=label)
        self._desk.tell(done.touched, initiator)
        return found


def _replacing(wanted: Replacing) -> Change:
    replacer = Replacer(wanted)

    def change(found: Iterable[StoredConversation], reader: Library) -> Iterator[Changed]:
        for one in found:
            after = replacer.replaced(one.conversation)
            if after is not one.conversation:
                yield Changed(before=one, after=after)

    return change


def _told(reader: Library, persona_id: str, where: Filter, background: Background) -> Iterator[StoredConversation]:
    """What the filter lets through; progress is told as it is read."""
    total = reader.conversations.count(persona_id, where)
    for at, one in enumerate(reader.conversations.each(persona_id, where=where)):
        if at % _TOLD_EVERY == 0:
            background.tell("looking", at, total)
        yield one


def _remembered(
    found: Iterable[StoredConversation], now_at: dict[str, StoredConversation]
) -> Iterator[tuple[str, Conversation]]:
    """Pairs for a repair; only the one that is being looked at is remembered."""
    for one in found:
        now_at.clear()
        now_at[one.id] = one
        yield one.id, one.conversation


def _first(after: Conversation | Split) -> Conversation:
    return after.parts[0] if isinstance(after, Split) else after
