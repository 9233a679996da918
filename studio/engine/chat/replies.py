"""A reply job: up to eight rows answer as one batch, each through its own gates, and stream as they come."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.decoding import DecodingBatch, TextStream
from studio.engine.forward.modes import Mode, Stage
from studio.engine.rack.adapter_files import read_adapter
from studio.engine.scheduler import Cancelled, Work
from studio.engine.wire import Wire
from studio.protocol.commands import Gate, Reply, Row
from studio.protocol.events import JobDone, ReplyAdvanced, RowFinished

MAX_ROWS = 8
FLUSH_SECONDS = 1 / 30
"""New text goes out at most this often: faster than a screen shows it helps nobody."""


@dataclass
class _Speaker:
    """What one row has said so far."""

    row: int
    limit: int
    prompt_tokens: int
    stream: TextStream
    tokens: int = 0
    pending: str = field(default="")


def reply(command: Reply, base: LoadedBase, stage: Stage, wire: Wire) -> Work:
    """Answer; yields after every token of the batch, and a training may do a micro-step there.

    Cancelling ends the rows with what they have said.
    """
    prompts = [_prompt(row, base) for row in command.rows]
    _check(command.rows, prompts, base)
    for gate in (gate for row in command.rows for gate in row.gates):
        hang(gate, base)
    batch = DecodingBatch(base, prompts, [row.sampling for row in command.rows], [row.seed for row in command.rows])
    speakers = [
        _Speaker(index, row.sampling.max_tokens, len(prompt), TextStream(base.tokenizer))
        for index, (row, prompt) in enumerate(zip(command.rows, prompts, strict=True))
    ]
    gates = [{gate.adapter_id: gate.strength for gate in row.gates} for row in command.rows]
    turn = _Turn(base, stage, gates)
    conversation = _Conversation(command.job, base, wire, batch, speakers, turn)
    try:
        yield from conversation.speak()
    except Cancelled:
        conversation.break_off()
        raise
    finally:
        base.rack.open_gates()
    wire.send(JobDone(job=command.job))


def hang(gate: Gate, base: LoadedBase) -> None:
    """See that an adapter is on the rack; refuses one that was trained on another base."""
    if gate.base_fingerprint != base.fingerprint:
        raise StudioError("adapter_wrong_base", expected=gate.base_fingerprint[:12], found=base.fingerprint[:12])
    if not base.rack.holds(gate.adapter_id):
        base.rack.hang(gate.adapter_id, read_adapter(Path(gate.path)))


class _Turn:
    """Sets the model for these rows before each token: another job may have used it since the last one."""

    def __init__(self, base: LoadedBase, stage: Stage, gates: list[dict[str, float]]) -> None:
        self._base = base
        self._stage = stage
        self._gates = gates
        self._shown = gates

    def take(self) -> None:
        """Costs nothing where nobody else was on."""
        self._stage.enter(Mode.OTHERS)
        self._base.rack.show(self._shown)

    def keep(self, rows: list[int]) -> None:
        """Only ``rows`` of those that were asked for still speak."""
        self._shown = [self._gates[row] for row in rows]


class _Conversation:
    """The loop over tokens: draw, collect, tell about 30 times a second, let finished rows go."""

    def __init__(
        self,
        job: str,
        base: LoadedBase,
        wire: Wire,
        batch: DecodingBatch,
        speakers: list[_Speaker],
        turn: _Turn,
    ) -> None:
        self._job = job
        self._stops = base.template.stop_ids
        self._wire = wire
        self._batch = batch
        self._speakers = speakers
        self._turn = turn
        self._started = time.perf_counter()
        self._flushed = 0.0

    def speak(self) -> Work:
        """Go on until every row has ended."""
        while self._batch.alive:
            self._turn.take()
            tokens = self._batch.advance()
            finished = {
                row: reason
                for row, token in zip(list(self._batch.alive), tokens, strict=True)
                if (reason := self._take(self._speakers[row], token))
            }
            self._flush(force=bool(finished))
            for row, reason in finished.items():
                self._tell_end(self._speakers[row], reason)
            if finished:
                self._batch.leave(list(finished))
                self._turn.keep(self._batch.alive)
            yield

    def break_off(self) -> None:
        """Tell what the living rows have said, as cancelled."""
        self._flush(force=True)
        for row in self._batch.alive:
            self._tell_end(self._speakers[row], "cancelled")

    def _take(self, speaker: _Speaker, token: int) -> str:
        """Add a token; return why the row ends with it, or nothing."""
        if token in self._stops:
            return "end"
        speaker.tokens += 1
        speaker.pending += speaker.stream.add(token)
        return "length" if speaker.tokens >= speaker.limit else ""

    def _flush(self, *, force: bool) -> None:
        now = time.perf_counter()
        if not force and now - self._flushed < FLUSH_SECONDS:
            return
        self._flushed = now
        pieces = {one.row: one.pending for one in self._speakers if one.pending}
        if pieces:
            self._wire.send(ReplyAdvanced(job=self._job, pieces=pieces))
        for one in self._speakers:
            one.pending = ""

    def _tell_end(self, speaker: _Speaker, reason: str) -> None:
        self._wire.send(
            RowFinished(
                job=self._job,
                row=speaker.row,
                text=speaker.stream.finish().strip(),
                tokens=speaker.tokens,
                prompt_tokens=speaker.prompt_tokens,
                seconds=time.perf_counter() - self._started,
                reason=reason,
            )
        )


def _prompt(row: Row, base: LoadedBase) -> list[int]:
    if not any(message.role == "user" and message.text.strip() for message in row.messages):
        raise StudioError("prompt_empty")
    return base.template.prompt_ids(row.messages)


def _check(rows: list[Row], prompts: list[list[int]], base: LoadedBase) -> None:
    if not 1 <= len(rows) <= MAX_ROWS:
        raise StudioError("too_many_rows", limit=MAX_ROWS)
    for row, prompt in zip(rows, prompts, strict=True):
        if len(prompt) + row.sampling.max_tokens > base.context_length:
            raise StudioError("prompt_too_long", tokens=len(prompt), limit=base.context_length)
