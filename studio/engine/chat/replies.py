"""A reply job: up to eight rows answer as one batch, each through its own gates, and stream as they come."""

import time
from collections.abc import Sequence
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.kept_rows import identity, voice_key
from studio.engine.chat.openings import opening_of
from studio.engine.chat.speaking import Speaker
from studio.engine.forward.modes import Mode, Stage
from studio.engine.rack.adapter_files import broken, read_adapter
from studio.engine.scheduler import Cancelled, Work
from studio.engine.wire import Wire
from studio.protocol.commands import Gate, Reply, Row
from studio.protocol.events import JobDone, ReplyAdvanced, RowFinished

MAX_ROWS = 8
FLUSH_SECONDS = 1 / 30
"""New text goes out at most this often: faster than a screen shows it helps nobody."""


def reply(command: Reply, base: LoadedBase, stage: Stage, wire: Wire) -> Work:
    """Answer; yields after every unit of the prompts and every token, and a training may do a micro-step there.

    Cancelling ends the rows with what they have said.
    """
    started = time.perf_counter()
    if not 1 <= len(command.rows) <= MAX_ROWS:
        raise StudioError("too_many_rows", limit=MAX_ROWS)
    openings = [opening_of(row, base) for row in command.rows]
    for gate in (gate for row in command.rows for gate in row.gates):
        hang(gate, base)
    batch = _batch(command.rows, [opening.ids for opening in openings], base)
    speakers = [Speaker(row, opening, base.tokenizer) for row, opening in enumerate(openings)]
    turn = _Turn(base, stage, [_strengths(row) for row in command.rows])
    conversation = _Conversation(command.job, wire, batch, speakers, turn, started)
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
    if not gate.path and base.rack.holds(gate.adapter_id):
        return  # a run in training, hung by the desk
    try:
        content = identity(gate)
    except OSError as error:
        raise broken(gate.path, str(error)) from error
    if not base.rack.holds(gate.adapter_id, content):
        base.rack.hang(gate.adapter_id, read_adapter(Path(gate.path)), content)


def _batch(rows: Sequence[Row], prompts: Sequence[list[int]], base: LoadedBase) -> DecodingBatch:
    samplings, seeds = [row.sampling for row in rows], [row.seed for row in rows]
    return DecodingBatch(base, prompts, samplings, seeds, [voice_key(row.gates, base) for row in rows])


def _strengths(row: Row) -> dict[str, float]:
    """By adapter; one that is named twice is heard with both its weights."""
    found: dict[str, float] = {}
    for gate in row.gates:
        found[gate.adapter_id] = found.get(gate.adapter_id, 0.0) + gate.strength
    return found


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
        self, job: str, wire: Wire, batch: DecodingBatch, speakers: list[Speaker], turn: _Turn, started: float
    ) -> None:
        self._job = job
        self._wire = wire
        self._batch = batch
        self._speakers = speakers
        self._turn = turn
        self._started = started
        self._first_token = 0.0
        self._flushed = 0.0

    def speak(self) -> Work:
        """Go on until every row has ended."""
        while self._batch.alive:
            self._turn.take()
            if self._batch.reading:
                self._batch.read()
            if self._batch.reading:
                yield
                continue
            tokens = self._batch.advance()
            self._first_token = self._first_token or self._passed
            finished = {
                row: reason
                for row, token in zip(list(self._batch.alive), tokens, strict=True)
                if (reason := self._speakers[row].take(token))
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
        for row in self._batch.alive:
            self._speakers[row].close()
        self._flush(force=True)
        for row in self._batch.alive:
            self._tell_end(self._speakers[row], "cancelled")
        self._batch.leave(list(self._batch.alive))  # what was read is kept for the next try

    @property
    def _passed(self) -> float:
        return time.perf_counter() - self._started

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

    def _tell_end(self, speaker: Speaker, reason: str) -> None:
        self._wire.send(
            RowFinished(
                job=self._job,
                row=speaker.row,
                text=speaker.text,
                tokens=speaker.tokens,
                prompt_tokens=len(speaker.opening.ids),
                seconds=self._passed,
                reason=reason,
                left_out=speaker.opening.left_out,
                reused_tokens=self._batch.reused[speaker.row],
                first_token_seconds=self._first_token,
            )
        )
