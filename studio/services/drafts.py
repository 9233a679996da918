"""Examples from a card alone: the base answers questions as the persona, and the creator says yes or no to each.

A reply is kept the moment it is whole, so nothing is lost by closing. What is accepted becomes a conversation of the
persona's data at once, marked as generated for good; every decision can be taken back.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from studio.domain.card_text import full_prompt, short_form
from studio.domain.changes import Kind
from studio.domain.chat import ChatMessage, Contestant, Sampler
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.draft_writing import conversation_of, tidied, with_another_reply
from studio.domain.drafts import Draft, DraftState
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.persona import Persona
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed
from studio.services.data import DataBench
from studio.services.job import Job, Progress
from studio.services.personas import Personas
from studio.services.question_bank import Asked, drawn, left
from studio.services.replies import Question, Replies, ReplyJob, ReplyRow, Store
from studio.services.settings import Settings
from studio.texts import tr, tr_plural

TOGETHER = 4
"""Questions that are answered as one batch; more would make the first ones wait on a small machine."""
_SAMPLER = Sampler(max_tokens=160)
_ALL = 100_000
_Drafts = list[Draft]


@dataclass(frozen=True, kw_only=True)
class DraftCounts:
    """How far a persona's drafts are; ``left`` are unused questions by kind."""

    new: int = 0
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    left: Mapping[str, int]


class Drafts:
    """Asks, keeps, decides."""

    def __init__(
        self, library: Library, changes: ChangeFeed, personas: Personas, data: DataBench, replies: Replies,
        settings: Settings,
    ) -> None:  # fmt: skip
        self._library = library
        self._changes = changes
        self._personas = personas
        self._data = data
        self._replies = replies
        self._settings = settings
        self._decided: _Drafts = []

    def list(self, persona_id: str, state: DraftState | None = DraftState.NEW) -> _Drafts:
        """The drafts of a state (all when None), oldest first."""
        return self._library.drafts.page(persona_id, state, limit=_ALL)

    def counts(self, persona_id: str) -> DraftCounts:
        """How far it is."""
        persona, counts = self._personas.get(persona_id), self._library.drafts.count(persona_id)
        return DraftCounts(
            **{state.value: counts.get(state, 0) for state in DraftState}, left=left(persona, self._used(persona_id))
        )

    def suggested_prompt(self, persona_id: str) -> str:
        """The card's short form: what stands before every conversation when the persona has no words of its own."""
        persona = self._personas.get(persona_id)
        return persona.system_prompt or short_form(persona)

    # -- writing ------------------------------------------------------------------------------------------------

    def write(self, persona_id: str, wanted: Mapping[str, int], *, seed: int | None = None) -> Job[int]:
        """Have so many questions of each kind answered; the job's result is how many drafts were made.

        Sees that the persona has a system prompt: without one, the card's short form becomes it.
        """
        persona = self._prepared(persona_id)
        chosen = random.randrange(2**31) if seed is None else seed
        asked = drawn(persona, wanted, self._used(persona_id), chosen)
        if not asked:
            raise StudioError("drafts_used_up", name=persona.name)
        return _Writing(self, persona, asked, chosen).start()

    def another(self, draft_id: str) -> ReplyJob:
        """Have the question answered once more; the reply before is remembered as passed over."""
        draft = self._undecided(draft_id)
        persona, seed = self._personas.get(draft.persona_id), random.randrange(2**31)
        asked = Asked(kind=draft.kind, question=draft.prompt, fact=str(draft.details.get("fact", "")))

        def keep(row: ReplyRow, made_by: dict[str, object]) -> str:
            text = self._tidied(persona, row)
            if text:
                self._update(with_another_reply(draft, text, seed))
            return draft.id

        return self.ask(persona, [asked], [seed], keep)

    def ask(self, persona: Persona, asked: Sequence[Asked], seeds: Sequence[int], keep: Store) -> ReplyJob:
        """One batch of questions to the base as this persona."""
        prompt = full_prompt(persona, self._settings.text("user_name"))
        questions = [
            Question(
                column=number,
                contestant=Contestant(system_prompt=_with_fact(prompt, one)),
                thread=[ChatMessage(id="", chat_id="", parent_id="", role=Role.USER, text=one.question)],
                seed=seed,
            )
            for number, (one, seed) in enumerate(zip(asked, seeds, strict=True))
        ]
        return self._replies.ask(questions, _SAMPLER, keep)

    def keep_reply(self, persona: Persona, asked: Asked, row: ReplyRow, made_by: Mapping[str, object]) -> bool:
        """Keep a finished reply as a draft; False when nothing was left of it."""
        text = self._tidied(persona, row)
        if not text or row.reason in ("cancelled", "interrupted"):
            return False
        draft = Draft(
            id=new_id("draft"),
            persona_id=persona.id,
            kind=asked.kind,
            prompt=asked.question,
            reply=text,
            original=text,
            created_at=now(),
            details={**made_by, "fact": asked.fact},
        )
        self._library.drafts.add_many([draft])
        self._changes.tell(Kind.DRAFT, ids=(persona.id,))
        return True

    # -- deciding -----------------------------------------------------------------------------------------------

    def accept(self, draft_id: str, text: str = "") -> Draft:
        """Take a draft into the persona's data, with other words if ``text`` says so."""
        draft = self._undecided(draft_id)
        words = text.strip() or draft.reply
        taken = replace(draft, reply=words)
        act = self._data.add_conversations(draft.persona_id, [conversation_of(taken)], tr("Accepted a draft"))
        state = DraftState.ACCEPTED if words == draft.original else DraftState.EDITED
        return self._decide(replace(taken, state=state, details={**draft.details, "act": act.token}))

    def accept_all(self, draft_ids: Sequence[str]) -> int:
        """Take many drafts as they are, as one act."""
        drafts = [self._undecided(one) for one in draft_ids]
        if not drafts:
            return 0
        label = tr_plural("Accepted {count} draft", "Accepted {count} drafts", len(drafts))
        act = self._data.add_conversations(drafts[0].persona_id, [conversation_of(one) for one in drafts], label)
        with self._library.transaction():
            for one in drafts:
                self._library.drafts.update(
                    replace(one, state=DraftState.ACCEPTED, details={**one.details, "act": act.token})
                )
        self._changes.tell(Kind.DRAFT, ids=(drafts[0].persona_id,))
        return len(drafts)

    def reject(self, draft_id: str) -> Draft:
        """Turn a draft down; its question is not asked again."""
        return self._decide(replace(self._undecided(draft_id), state=DraftState.REJECTED))

    def take_back(self) -> Draft | None:
        """Undo the latest decision of this session; the draft waits again."""
        if not self._decided:
            return None
        decided = self._decided.pop()
        token = decided.details.get("act")
        if token:
            self._data.undo(str(token))
        details = {key: value for key, value in decided.details.items() if key != "act"}
        waiting = replace(decided, state=DraftState.NEW, details=details)
        self._update(waiting)
        return waiting

    def _decide(self, draft: Draft) -> Draft:
        self._decided.append(draft)
        self._update(draft)
        return draft

    def _update(self, draft: Draft) -> None:
        self._library.drafts.update(draft)
        self._changes.tell(Kind.DRAFT, ids=(draft.persona_id,))

    def _undecided(self, draft_id: str) -> Draft:
        draft = self._library.drafts.get(draft_id)
        if draft is None or draft.state is not DraftState.NEW:
            raise StudioError("not_found", what="draft", name=draft_id)
        return draft

    def _prepared(self, persona_id: str) -> Persona:
        persona = self._personas.get(persona_id)
        if not (persona.description or persona.tagline or persona.card):
            raise StudioError("card_empty", name=persona.name)
        if not persona.system_prompt:
            persona = self._personas.update(persona.id, system_prompt=short_form(persona))
        return persona

    def _tidied(self, persona: Persona, row: ReplyRow) -> str:
        return tidied(row.text, persona.name, self._settings.text("user_name"), whole=row.reason == "end")

    def _used(self, persona_id: str) -> set[tuple[str, str]]:
        return {(one.prompt, str(one.details.get("fact", ""))) for one in self.list(persona_id, None)}


def _with_fact(prompt: str, asked: Asked) -> str:
    if not asked.fact:
        return prompt
    return f"{prompt}\n\nSay this in your own words, in the first person, in two or three sentences: {asked.fact}"


class _Writing:
    """Batches one after another; what was made before a cancel or a trouble stays."""

    def __init__(self, drafts: Drafts, persona: Persona, asked: Sequence[Asked], seed: int) -> None:
        self._drafts = drafts
        self._persona = persona
        self._waiting = list(asked)
        self._total = len(asked)
        self._seed = seed
        self._made = 0
        self._cancelled = False
        self._job: Job[int] = Job("writing_drafts")

    def start(self) -> Job[int]:
        """Begin."""
        self._next()
        return self._job

    def _next(self) -> None:
        batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        if not batch:
            self._job.finish(self._made)
            return
        done = self._total - len(self._waiting) - len(batch)
        self._job.advance(Progress(what="writing_drafts", done=done, total=self._total))
        if self._cancelled:
            self._job.fail(StudioError("cancelled"))
            return
        seeds = [self._seed + done + number for number in range(len(batch))]

        def keep(row: ReplyRow, made_by: dict[str, object]) -> str:
            self._made += self._drafts.keep_reply(self._persona, batch[row.column], row, made_by)
            return ""

        try:
            replying = self._drafts.ask(self._persona, batch, seeds, keep)
        except StudioError as error:
            self._job.fail(error)
            return
        self._job.when_cancelled(lambda: self._cancel(replying))
        replying.on_end(self._ended)

    def _cancel(self, replying: ReplyJob) -> None:
        self._cancelled = True  # the batch may be whole already, and then ends well
        replying.cancel()

    def _ended(self, replying: Job[list[ReplyRow]]) -> None:
        if replying.error:
            self._job.fail(replying.error)
        else:
            self._next()
