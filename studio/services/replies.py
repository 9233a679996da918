"""Answers: several rows as one batch on the engine, streamed, and kept however they end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from studio.domain.base_model import BaseModel
from studio.domain.chat import INTERRUPTED, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.prompt_parts import Prompt
from studio.domain.scene import bare
from studio.protocol import commands, events
from studio.services.adapter_proof import AdapterProof
from studio.services.answering_base import AnsweringBase
from studio.services.background import Background, Deliver, finishing, run_in_background
from studio.services.chat_prompts import Prompts
from studio.services.contestants import Contestants
from studio.services.engine import Engine
from studio.services.job import Job
from studio.services.question import Question
from studio.services.run_checkpoints import Making

__all__ = ["Question", "Replies", "ReplyJob", "ReplyRow", "Store"]
CHARACTERS_A_TOKEN = 8
"""More than any language has on the average, so that nothing that fits is left away."""
MOST_CHARACTERS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class ReplyRow:
    """A finished row. ``reason``: end, stop, length, cancelled or interrupted; ``message_id`` is empty when not stored.

    ``left_out``: how many of the oldest messages no longer fitted; ``reused_tokens`` of the prompt were known already.
    """

    column: int
    text: str
    tokens: int
    seconds: float
    reason: str
    message_id: str = ""
    left_out: int = 0
    reused_tokens: int = 0
    first_token_seconds: float = 0.0
    prompt_tokens: int = 0


class ReplyJob(Job[list[ReplyRow]]):
    """Streams. A listener that comes late hears what it has missed. ``speakers``: who speaks in a scene, by column."""

    def __init__(
        self, columns: Sequence[int], begun: Mapping[int, str] | None = None, speakers: Mapping[int, str] | None = None
    ) -> None:
        super().__init__("replying")
        self.speakers = dict(speakers or {})
        self.columns = tuple(columns)
        self.texts: dict[int, str] = dict.fromkeys(columns, "") | dict(begun or {})
        self.rows: dict[int, ReplyRow] = {}
        self._delta_listeners: list[Callable[[int, str], None]] = []
        self._row_listeners: list[Callable[[ReplyRow], None]] = []

    def on_delta(self, listener: Callable[[int, str], None]) -> "ReplyJob":
        """Hear new pieces of text, by column."""
        for column, text in self.texts.items():
            if text:
                listener(column, text)
        self._delta_listeners.append(listener)
        return self

    def on_row(self, listener: Callable[[ReplyRow], None]) -> "ReplyJob":
        """Hear of each finished row."""
        for row in list(self.rows.values()):
            listener(row)
        self._row_listeners.append(listener)
        return self

    def add_piece(self, column: int, piece: str) -> None:
        """For the service: more text."""
        self.texts[column] += piece
        for listener in self._delta_listeners:
            listener(column, piece)

    def add_row(self, row: ReplyRow) -> None:
        """For the service: a row ended."""
        self.rows[row.column] = row
        for listener in self._row_listeners:
            listener(row)


Store = Callable[[ReplyRow, dict[str, object]], str]


def _store_nothing(row: ReplyRow, made_by: dict[str, object]) -> str:
    return ""


class Replies:
    """Builds the rows, sees that the right base is there, and brings the events to the job."""

    def __init__(
        self, engine: Engine, bases: AnsweringBase, contestants: Contestants, proof: AdapterProof, deliver: Deliver
    ) -> None:
        self._deliver = deliver
        self._engine = engine
        self._bases = bases
        self._contestants = contestants
        self._proof = proof
        self._prompts = Prompts(contestants)

    def ask(self, questions: Sequence[Question], sampler: Sampler, store: Store = _store_nothing) -> ReplyJob:
        """Answer the questions together; ``store`` keeps a row and returns its message's id."""
        who = [one.contestant for one in questions]
        base = self._bases.for_adapters([adapter for one in who for adapter in self._contestants.described(one)])
        makings = self._contestants.makings(who)
        rows = [self._prompts.row(question, question.sampler or sampler) for question in questions]
        job = ReplyJob(
            [question.column for question in questions],
            {question.column: question.continues for question in questions if question.continues},
            {question.column: question.speaking.key for question in questions if question.speaking},
        )
        work = _ReplyWork(job, questions, sampler, base, store)
        cancelled: list[bool] = []
        job.when_cancelled(lambda: cancelled.append(True))

        def after(ended: Job[None], then: Callable[[], None]) -> None:
            if ended.error or cancelled:
                work.failed(ended.error or StudioError("cancelled"))
            else:
                finishing(job, then)

        def load() -> None:
            loading = self._bases.load(base).on_progress(job.advance)
            if not loading.ended:  # an engine that has yet to start has nothing to tell for some seconds
                job.advance(loading.progress)
            loading.on_end(lambda loaded: after(loaded, prove))

        def prove() -> None:
            self._proof.before_reply(job, self._contestants.every_adapter(who), base, speak, work.failed)

        def speak() -> None:
            whole = [self._prompts.voiced(row, question) for row, question in zip(rows, questions, strict=True)]
            job.when_cancelled(lambda: self._engine.cancel(job.id))
            self._engine.ask(commands.Reply(job=job.id, rows=whole), work.heard, work.failed)

        if makings:
            self._made(makings).on_progress(job.advance).on_end(lambda made: after(made, load))
        else:
            load()
        return job

    def _made(self, makings: Sequence[Making]) -> Job[None]:
        """Checkpoints that are asked for the first time, made into adapters."""
        job: Job[None] = Job("checkpoint")

        def work(background: Background) -> None:
            for making in makings:
                background.tell("checkpoint")
                making()

        run_in_background(self._deliver, work, done=job.finish, failed=job.fail, advance=job.advance)
        return job

    def room(self, contestant: Contestant) -> int:
        """Characters of a conversation that may fit into the base's context; more need not be looked at."""
        try:
            base = self._bases.for_adapters(self._contestants.described(contestant))
        except StudioError:  # whoever asks will be told
            return MOST_CHARACTERS
        return min(max(base.context_length, 1) * CHARACTERS_A_TOKEN, MOST_CHARACTERS)

    def prompt(self, question: Question) -> Prompt:
        """What a question looks like to the engine; nothing is asked."""
        return self._prompts.prompt(question)


class _ReplyWork:
    """The events of one reply."""

    def __init__(
        self, job: ReplyJob, questions: Sequence[Question], sampler: Sampler, base: BaseModel, store: Store
    ) -> None:
        self._job = job
        self._questions = questions
        self._sampler = sampler
        self._base = base
        self._store = store

    def heard(self, event: events.AnyEvent) -> None:
        """An event of the engine's."""
        if isinstance(event, events.ReplyAdvanced):
            for row, piece in event.pieces.items():
                self._job.add_piece(self._questions[row].column, piece)
        elif isinstance(event, events.RowFinished):
            finishing(self._job, lambda: self._row(event))
        elif isinstance(event, events.JobDone):
            self._job.finish([self._job.rows[column] for column in self._job.columns])

    def failed(self, error: StudioError) -> None:
        """Rows that have words already are kept as they are."""
        for question in self._questions:
            text = self._job.texts[question.column].strip()
            new = text != question.continues.strip()
            if text and new and question.column not in self._job.rows:
                reason = "cancelled" if error.code == "cancelled" else INTERRUPTED
                self._keep(question, ReplyRow(column=question.column, text=text, tokens=0, seconds=0.0, reason=reason))
        self._job.fail(error)

    def _row(self, event: events.RowFinished) -> None:
        question = self._questions[event.row]
        row = ReplyRow(
            column=question.column, text=self._whole(question, event.text), tokens=event.tokens,
            seconds=event.seconds, reason=event.reason, left_out=event.left_out + question.earlier,
            reused_tokens=event.reused_tokens, first_token_seconds=event.first_token_seconds,
            prompt_tokens=event.prompt_tokens,
        )  # fmt: skip
        self._keep(question, row)

    def _whole(self, question: Question, said: str) -> str:
        """What was said, after the words that it goes on with; a speaker's own name is no part of its line."""
        if not question.continues:
            return bare(said, question.speaking) if question.speaking else said
        streamed = self._job.texts[question.column].removeprefix(question.continues)
        gap = streamed[: len(streamed) - len(streamed.lstrip())]
        return f"{question.continues}{gap}{said.lstrip()}".rstrip()

    def _keep(self, question: Question, row: ReplyRow) -> None:
        self._job.add_row(replace(row, message_id=self._store(row, self._made_by(question, row))))

    def _made_by(self, question: Question, row: ReplyRow) -> dict[str, object]:
        """Everything that, said again, gives the same reply."""
        return {
            "column": question.lane,
            "adapter_id": question.contestant.adapter_id,
            "strength": question.contestant.strength,
            "base_id": self._base.id,
            "base_fingerprint": self._base.fingerprint,
            "sampler": asdict(question.sampler or self._sampler),
            "seed": question.seed,
            "tokens": row.tokens,
            "seconds": row.seconds,
            "reason": row.reason,
        } | _where_not_plain(question, row)


def _where_not_plain(question: Question, row: ReplyRow) -> dict[str, object]:
    """What most replies have nothing of."""
    contestant, speaking = question.contestant, question.speaking
    found = {
        "blend": [[part.adapter_id, part.weight] for part in contestant.blend],
        "persona_id": contestant.persona_id,
        "card": contestant.card,
        "step": contestant.step,
        "system_prompt": contestant.system_prompt,
        "left_out": row.left_out,
        "reused_tokens": row.reused_tokens,
        "prompt_tokens": row.prompt_tokens,
        "first_token_seconds": row.first_token_seconds,
        "continued": question.continued,
        "impersonated": question.impersonates,
        "speaker": speaking.key if speaking else "",
        "name": speaking.name if speaking else "",
    }
    return {name: value for name, value in found.items() if value}
