"""Answers: several rows as one batch on the engine, streamed, and kept however they end."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from studio.domain.base_model import BaseModel
from studio.domain.chat import ChatMessage, Contestant, Sampler
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.protocol import commands, events
from studio.services.answering_base import AnsweringBase, gate_of
from studio.services.background import finishing
from studio.services.contestants import Contestants
from studio.services.engine import Engine
from studio.services.job import Job

INTERRUPTED = "interrupted"
"""Reason of a row that had words when the engine died or the reply failed."""


@dataclass(frozen=True, kw_only=True)
class ReplyRow:
    """A finished row. ``reason``: end, length, cancelled or interrupted; ``message_id`` is empty when not stored."""

    column: int
    text: str
    tokens: int
    seconds: float
    reason: str
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one column is to answer: its thread up to the user's words."""

    column: int
    contestant: Contestant
    thread: Sequence[ChatMessage]
    seed: int


class ReplyJob(Job[list[ReplyRow]]):
    """Streams. A listener that comes late hears what it has missed."""

    def __init__(self, columns: Sequence[int]) -> None:
        super().__init__("replying")
        self.columns = tuple(columns)
        self.texts: dict[int, str] = dict.fromkeys(columns, "")
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

    def __init__(self, library: Library, engine: Engine, bases: AnsweringBase, contestants: Contestants) -> None:
        self._library = library
        self._engine = engine
        self._bases = bases
        self._contestants = contestants

    def ask(self, questions: Sequence[Question], sampler: Sampler, store: Store = _store_nothing) -> ReplyJob:
        """Answer the questions together; ``store`` keeps a row and returns its message's id."""
        adapters = [one for one in (self._contestants.adapter(question.contestant) for question in questions) if one]
        base = self._bases.for_adapters(adapters)
        rows = [self._row(question, sampler) for question in questions]
        job = ReplyJob([question.column for question in questions])
        work = _ReplyWork(job, questions, sampler, base, store)
        command = commands.Reply(job=job.id, rows=rows)
        cancelled: list[bool] = []
        job.when_cancelled(lambda: cancelled.append(True))

        def go_on(loaded: Job[None]) -> None:
            if loaded.error or cancelled:
                work.failed(loaded.error or StudioError("cancelled"))
                return
            job.when_cancelled(lambda: self._engine.cancel(job.id))
            self._engine.ask(command, work.heard, work.failed)

        self._bases.load(base).on_progress(job.advance).on_end(go_on)
        return job

    def _row(self, question: Question, sampler: Sampler) -> commands.Row:
        contestant = question.contestant
        adapter = self._contestants.adapter(contestant)
        prompt = self._contestants.system_prompt(contestant)
        said = [(Role.SYSTEM, prompt)] if prompt else []
        said += [(message.role, message.text) for message in question.thread]
        return commands.Row(
            messages=[
                commands.Message(role=role.value, text=self._contestants.filled(contestant, text))
                for role, text in said
            ],
            gates=[gate_of(self._library.folder, adapter, contestant.strength)] if adapter else [],
            seed=question.seed,
            sampling=commands.Sampling(**asdict(sampler)),
        )


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
            if text and question.column not in self._job.rows:
                reason = "cancelled" if error.code == "cancelled" else INTERRUPTED
                self._keep(question, ReplyRow(column=question.column, text=text, tokens=0, seconds=0.0, reason=reason))
        self._job.fail(error)

    def _row(self, event: events.RowFinished) -> None:
        question = self._questions[event.row]
        row = ReplyRow(
            column=question.column, text=event.text, tokens=event.tokens, seconds=event.seconds, reason=event.reason
        )
        self._keep(question, row)

    def _keep(self, question: Question, row: ReplyRow) -> None:
        message_id = self._store(row, self._made_by(question, row))
        self._job.add_row(
            ReplyRow(
                column=row.column, text=row.text, tokens=row.tokens, seconds=row.seconds, reason=row.reason,
                message_id=message_id,
            )
        )  # fmt: skip

    def _made_by(self, question: Question, row: ReplyRow) -> dict[str, object]:
        """Everything that, said again, gives the same reply."""
        return {
            "column": question.column,
            "adapter_id": question.contestant.adapter_id,
            "strength": question.contestant.strength,
            "base_id": self._base.id,
            "base_fingerprint": self._base.fingerprint,
            "sampler": asdict(self._sampler),
            "seed": question.seed,
            "tokens": row.tokens,
            "seconds": row.seconds,
            "reason": row.reason,
        }
