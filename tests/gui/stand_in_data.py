"""The data bench in memory: the service's signatures over a list, with a journal that really undoes."""

import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

from studio.domain.acts import Act
from studio.domain.changes import Kind
from studio.domain.conversation import DOUBTFUL, Conversation, Role
from studio.domain.data_changes import ChangePreview, ChangeSample
from studio.domain.data_filter import Facets, Filter
from studio.domain.dataset import DatasetVersion, StoredConversation, is_held_out
from studio.domain.errors import StudioError
from studio.domain.version_diff import DiffEntry, VersionDiff
from studio.services.change_feed import ChangeFeed
from studio.services.job import Job


def done(result):
    """A job that ended at once."""
    job = Job("test")
    job.finish(result)
    return job


class Data:
    """Everything in one list; an act remembers the list before and after."""

    def __init__(self, persona_id: str, talks: list[Conversation], feed: ChangeFeed) -> None:
        self.persona_id, self._feed = persona_id, feed
        self.all = [StoredConversation(id=f"c{n}", persona_id=persona_id, conversation=t) for n, t in enumerate(talks)]
        self.acts: list[tuple[Act, list, list]] = []
        self.report, self.fresh, self.fetches = None, False, []
        self.kept: list[tuple[DatasetVersion, list]] = []
        self.check_jobs: list[Job] = []

    # -- looking ------------------------------------------------------------------------------------------------

    def _passes(self, one: StoredConversation, where: Filter) -> bool:
        talk = one.conversation
        words = " ".join((*(turn.text for turn in talk.turns), talk.title, *talk.tags)).lower()
        flagged = self.report.flagged.get(where.finding, ()) if self.report else ()
        return all((
            where.text.lower() in words,
            not where.ids or one.id in where.ids,
            not where.tag or where.tag in talk.tags,
            not where.finding or one.id in flagged,
            not where.speaker or any(turn.speaker == where.speaker for turn in talk.turns),
            not where.mark or any(where.mark in turn.marks for turn in talk.turns),
            not where.most_turns or len(talk.turns) <= where.most_turns,
            len(talk.turns) >= where.least_turns,
        ))  # fmt: skip

    def _found(self, where: Filter) -> list[StoredConversation]:
        return [one for one in self.all if self._passes(one, where)]

    def conversations(self, persona_id, where=Filter(), *, search="", offset=0, limit=200):  # noqa: B008
        self.fetches.append((offset, limit))
        return self._found(where)[offset : offset + limit]

    def count(self, persona_id, where=Filter(), *, search=""):  # noqa: B008
        return len(self._found(where)) if persona_id == self.persona_id else 0

    def ids(self, persona_id, where=Filter()):  # noqa: B008
        return [one.id for one in self._found(where)]

    def row_of(self, persona_id, where, conversation_id):
        return next((row for row, one in enumerate(self._found(where)) if one.id == conversation_id), -1)

    def get(self, conversation_id):
        found = next((one for one in self.all if one.id == conversation_id), None)
        if found is None:
            raise StudioError("not_found", what="conversation", name=conversation_id)
        return found

    def facets(self, persona_id):
        speakers = Counter(turn.speaker for one in self.all for turn in one.conversation.turns if turn.speaker)
        tags = Counter(tag for one in self.all for tag in one.conversation.tags)
        marks = Counter(mark for one in self.all for turn in one.conversation.turns for mark in turn.marks)
        found = [(code, len(keys)) for code, keys in self.report.flagged.items()] if self.report else []
        return Facets(speakers=tuple(speakers.most_common()), tags=tuple(tags.most_common()), findings=tuple(found),
                      marks=tuple(marks.most_common()))  # fmt: skip

    def is_held_out(self, stored, fraction=0.1):
        return is_held_out(stored.conversation, fraction)

    def overview(self, persona_id, heldout_fraction=0.1):
        turns = [turn for one in self.all for turn in one.conversation.persona_turns]
        held = sum(self.is_held_out(one) for one in self.all)
        lengths = [len(turn.text.split()) for turn in turns]
        return SimpleNamespace(conversations=len(self.all), persona_turns=len(turns), words=sum(lengths),
                               train=len(self.all) - held, heldout=held, turn_lengths=lengths,
                               tokens=sum(lengths) * 2, tokens_exact=False)  # fmt: skip

    # -- the journal --------------------------------------------------------------------------------------------

    def _act(self, label, after, ids, initiator=None):
        before, self.all = self.all, after
        act = Act(token=f"t{len(self.acts)}", persona_id=self.persona_id, label=label, conversations=len(ids))
        self.acts = [entry for entry in self.acts if not entry[0].undone]
        self.acts.append((act, before, after))
        self.fresh = False
        self._feed.tell(Kind.CONVERSATION, ids=ids, initiator=initiator)
        return act

    def history(self, persona_id, limit=50):
        return [act for act, _, _ in reversed(self.acts)][:limit]

    def _set(self, token, undone):
        place = next((p for p, entry in enumerate(self.acts) if entry[0].token == token), -1)
        if place < 0:
            raise StudioError("trash_gone")
        act, before, after = self.acts[place]
        self.acts[place] = (replace(act, undone=undone), before, after)
        self.all = before if undone else after
        self._feed.tell(Kind.CONVERSATION, ids=())
        return self.acts[place][0]

    def undo(self, token):
        self._set(token, True)

    def undo_last(self, persona_id):
        standing = [act for act, _, _ in self.acts if not act.undone]
        return self._set(standing[-1].token, True) if standing else None

    def redo_last(self, persona_id):
        undone = [act for act, _, _ in self.acts if act.undone]
        return self._set(undone[0].token, False) if undone else None

    def undo_job(self, token):
        return done(self._set(token, True))

    def redo_job(self, token):
        return done(self._set(token, False))

    # -- turns --------------------------------------------------------------------------------------------------

    def _keep(self, conversation_id, talk, label, initiator):
        stored = self.get(conversation_id)
        changed = replace(stored, conversation=talk, revision=stored.revision + 1)
        after = [changed if one.id == conversation_id else one for one in self.all]
        self._act(label, after, (conversation_id,), initiator)
        return changed

    def _turns(self, conversation_id, turns, label, initiator):
        talk = replace(self.get(conversation_id).conversation, turns=tuple(turns))
        return self._keep(conversation_id, talk, label, initiator)

    def edit_turn(self, cid, index, *, text=None, train=None, alternative=None, role=None, speaker=None,
                  initiator=None):  # fmt: skip
        talk = self.get(cid).conversation
        turn = talk.turns[index]
        if alternative is not None:
            others = list(turn.alternatives)
            others[alternative], chosen = turn.text, turn.alternatives[alternative]
            turn = replace(turn, text=chosen, alternatives=tuple(others))
        given = {"text": text, "train": train, "role": role, "speaker": speaker}
        turn = replace(turn, **{name: value for name, value in given.items() if value is not None})
        return self._keep(cid, talk.with_turn(index, turn), "Edit a turn", initiator)

    def insert_turn(self, cid, index, turn, *, initiator=None):
        turns = self.get(cid).conversation.turns
        return self._turns(cid, (*turns[:index], turn, *turns[index:]), "Insert a turn", initiator)

    def delete_turns(self, cid, indexes, *, initiator=None):
        gone = set(indexes)
        turns = [turn for n, turn in enumerate(self.get(cid).conversation.turns) if n not in gone]
        return self._turns(cid, turns, "Delete turns", initiator)

    def duplicate_turn(self, cid, index, *, initiator=None):
        turns = self.get(cid).conversation.turns
        return self._turns(cid, (*turns[: index + 1], *turns[index:]), "Duplicate a turn", initiator)

    def move_turn(self, cid, index, to, *, initiator=None):
        turns = list(self.get(cid).conversation.turns)
        turns.insert(to, turns.pop(index))
        return self._turns(cid, turns, "Move a turn", initiator)

    def split_turn(self, cid, index, position, *, initiator=None):
        turns = self.get(cid).conversation.turns
        one = turns[index]
        halves = (replace(one, text=one.text[:position].strip()), replace(one, text=one.text[position:].strip()))
        return self._turns(cid, (*turns[:index], *halves, *turns[index + 1 :]), "Split a turn", initiator)

    def merge_turns(self, cid, first, last, *, initiator=None):
        turns = self.get(cid).conversation.turns
        one = replace(turns[first], text="\n".join(turn.text for turn in turns[first : last + 1]))
        return self._turns(cid, (*turns[:first], one, *turns[last + 1 :]), "Merge turns", initiator)

    def confirm_turn(self, cid, index, *, initiator=None):
        talk = self.get(cid).conversation
        turn = talk.turns[index]
        turn = replace(turn, marks=tuple(mark for mark in turn.marks if mark != DOUBTFUL))
        return self._keep(cid, talk.with_turn(index, turn), "Confirm a speaker", initiator)

    def drop_alternative(self, cid, index, alternative, *, initiator=None):
        talk = self.get(cid).conversation
        turn = talk.turns[index]
        left = (*turn.alternatives[:alternative], *turn.alternatives[alternative + 1 :])
        return self._keep(cid, talk.with_turn(index, replace(turn, alternatives=left)), "Drop one", initiator)

    def rename_conversation(self, cid, title, *, initiator=None):
        return self._keep(cid, replace(self.get(cid).conversation, title=title), "Rename", initiator)

    # -- whole conversations ------------------------------------------------------------------------------------

    def delete_conversations(self, ids, *, initiator=None):
        return self._act(f"{len(ids)} deleted", [one for one in self.all if one.id not in set(ids)], ids, initiator)

    def duplicate_conversations(self, ids, *, initiator=None):
        after = []
        for one in self.all:
            after += [one, replace(one, id=f"{one.id}+")] if one.id in set(ids) else [one]
        return self._act(f"{len(ids)} duplicated", after, ids, initiator)

    def merge_conversations(self, ids, *, initiator=None):
        parts = [self.get(one) for one in ids]
        turns = tuple(turn for part in parts for turn in part.conversation.turns)
        whole = replace(parts[0], conversation=replace(parts[0].conversation, turns=turns))
        after = [whole if one.id == ids[0] else one for one in self.all if one.id == ids[0] or one.id not in ids]
        return self._act("merged", after, ids, initiator)

    def split_conversation(self, cid, index, *, initiator=None):
        one = self.get(cid)
        turns, place = one.conversation.turns, self.all.index(one)
        parts = [replace(one, conversation=replace(one.conversation, turns=turns[:index])),
                 replace(one, id=f"{cid}b", conversation=replace(one.conversation, turns=turns[index:]))]  # fmt: skip
        return self._act("divided", [*self.all[:place], *parts, *self.all[place + 1 :]], (cid,), initiator)

    def move_conversations(self, ids, before_id, *, initiator=None):
        moved, rest = [self.get(one) for one in ids], [one for one in self.all if one.id not in set(ids)]
        place = next((n for n, one in enumerate(rest) if one.id == before_id), len(rest))
        return self._act("moved", [*rest[:place], *moved, *rest[place:]], ids, initiator)

    def _each(self, ids, change, label, initiator):
        meant = set(ids)
        after = [replace(one, conversation=change(one.conversation)) if one.id in meant else one for one in self.all]
        return self._act(label, after, ids, initiator)

    def retag(self, ids, add=(), remove=(), *, initiator=None):
        def change(talk):
            return replace(talk, tags=(*(t for t in talk.tags if t not in set(remove) | set(add)), *add))

        return self._each(ids, change, "tagged", initiator)

    def set_train(self, ids, train, *, initiator=None):
        def change(talk):
            return replace(talk, turns=tuple(
                replace(turn, train=train) if turn.role is Role.PERSONA else turn for turn in talk.turns))  # fmt: skip

        return self._each(ids, change, "switched", initiator)

    # -- checks and changes in bulk -----------------------------------------------------------------------------

    def _items(self):
        return [(one.id, one.conversation) for one in self.all]

    def check_now(self, persona_id, *, long_rows=None, window=0):
        from studio.checks import Context, run_checks

        context = Context(long_rows=long_rows or {}, window=window)
        self.report, self.fresh = run_checks(self._items, context), True
        return done(self.report)

    def checked(self, persona_id):
        return SimpleNamespace(report=self.report, checked_at="", fresh=self.fresh) if self.report else None

    def _replaced(self, wanted, where):
        pattern = re.compile(wanted.find if wanted.regex else re.escape(wanted.find))
        for one in self._found(where):
            for n, turn in enumerate(one.conversation.turns):
                after = pattern.sub(wanted.replacement, turn.text)
                if after != turn.text and (not wanted.roles or turn.role in wanted.roles):
                    yield one, n, turn.text, after

    def preview_replace(self, persona_id, wanted, where=Filter()):  # noqa: B008
        job = Job("test")
        try:
            found = list(self._replaced(wanted, where))
        except re.error:
            job.fail(StudioError("cancelled"))
            return job
        samples = tuple(ChangeSample(conversation_id=one.id, turn=n, before=b, after=a) for one, n, b, a in found)
        return done(ChangePreview(conversations=len({one.id for one, *_ in found}), places=len(found),
                                  samples=samples[:200]))  # fmt: skip

    def replace_all(self, persona_id, wanted, where=Filter(), *, initiator=None):  # noqa: B008
        talks = {one.id: one.conversation for one in self.all}
        for one, n, _, after in list(self._replaced(wanted, where)):
            talk = talks[one.id]
            talks[one.id] = talk.with_turn(n, replace(talk.turns[n], text=after))
        after = [replace(one, conversation=talks[one.id]) for one in self.all]
        return done(self._act("replaced", after, [one.id for one in self.all], initiator))

    def preview_repair(self, persona_id, repair, where=Filter()):  # noqa: B008
        from studio.checks import Context, repair_each

        samples = [
            ChangeSample(conversation_id=key, turn=n, before=turn.text, after=changed.turns[n].text)
            for key, talk, changed in repair_each(repair, self._items(), self.report, Context())
            if isinstance(changed, Conversation)
            for n, turn in enumerate(talk.turns)
            if n < len(changed.turns) and turn.text != changed.turns[n].text
        ]
        return done(ChangePreview(conversations=len({s.conversation_id for s in samples}), places=len(samples),
                                  samples=tuple(samples)))  # fmt: skip

    def repair(self, persona_id, repair, where=Filter(), *, initiator=None):  # noqa: B008
        from studio.checks import Context, repair_each

        changed = {key: talk for key, _, talk in repair_each(repair, self._items(), self.report, Context())}
        after = [replace(one, conversation=changed.get(one.id, one.conversation)) for one in self.all]
        return done(self._act("mended", after, list(changed), initiator))

    # -- versions -----------------------------------------------------------------------------------------------

    def versions(self, persona_id):
        return [version for version, _ in reversed(self.kept)]

    def version(self, version_id):
        return next(version for version, _ in self.kept if version.id == version_id)

    def snapshot_job(self, persona_id, fraction, name=""):
        number = len(self.kept) + 1
        made = DatasetVersion(id=f"v{number}", persona_id=persona_id, number=number, content="", name=name,
                              conversations=len(self.all), persona_turns=1, heldout_conversations=0,
                              heldout_fraction=fraction, created_at="2026-11-21T10:00:00+00:00")  # fmt: skip
        self.kept.append((made, list(self.all)))
        return done(made)

    def name_version(self, version_id, name):
        self.kept = [(replace(v, name=name) if v.id == version_id else v, all) for v, all in self.kept]

    def compare(self, before_id, after_id=""):
        sides = {v.id: all for v, all in self.kept} | {"": self.all}
        before = {one.id: one.conversation for one in sides[before_id]}
        after = {one.id: one.conversation for one in sides[after_id]}
        entries = [
            DiffEntry(conversation_id=key, title="", before=before.get(key), after=after.get(key))
            for key in {**before, **after}
            if before.get(key) != after.get(key)
        ]
        return VersionDiff(added=tuple(e for e in entries if e.before is None),
                           removed=tuple(e for e in entries if e.after is None),
                           changed=tuple(e for e in entries if e.before and e.after))  # fmt: skip

    def export_formats(self):
        return [
            SimpleNamespace(name="messages", label="Messages", summary="One a line.", suffix=".jsonl", folder=False)
        ]

    def export_version(self, version_id, format, path, *, side="all"):
        path.write_text("{}", encoding="utf-8")
        return done(path)
