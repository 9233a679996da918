"""Jobs that answer with figures: the identity matrix, token counts, and what the rack costs."""

import math
import statistics
import time
from collections.abc import Callable, Generator
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.replies import hang
from studio.engine.chat.speaking_base import speaking
from studio.engine.forward.evaluation import mean_loss
from studio.engine.forward.modes import Mode, Stage
from studio.engine.scheduler import Work
from studio.engine.text.chat_encoding import Window, encode
from studio.engine.text.preflight import check_texts
from studio.engine.wire import Wire
from studio.protocol.commands import CountTokens, Evaluate, EvaluationSet, Gate, Measure, Message, Sampling
from studio.protocol.dataset_file import read_dataset
from studio.protocol.events import Evaluated, Measured, Progress, TokensCounted

ROUNDS = 5
SWAPS = 400


def evaluate(command: Evaluate, base: LoadedBase, stage: Stage, wire: Wire) -> Work:
    """Explain each set of lines by the base and by each adapter alone."""
    for gate in command.gates:
        hang(gate, base)
    explainers: list[Gate | None] = [None, *command.gates]
    nll: list[list[float]] = []
    tokens: list[int] = []
    for lines in command.sets:
        windows = _windows(lines, base, command.max_length)
        tokens.append(sum(window.trained_tokens for window in windows))
        nll.append([])
        for explainer in explainers:
            strengths = {explainer.adapter_id: explainer.strength} if explainer else {}
            loss = yield from mean_loss(base, windows, _preparation(base, stage, strengths))
            nll[-1].append(_finite(loss, explainer, base))
            done = sum(map(len, nll))
            wire.send(
                Progress(job=command.job, what="explaining", done=done, total=len(explainers) * len(command.sets))
            )
    base.rack.open_gates()
    wire.send(Evaluated(job=command.job, nll=nll, tokens=tokens))


def count_tokens(command: CountTokens, base: LoadedBase, wire: Wire) -> Work:
    """Count a dataset file's tokens as training would read them."""
    tokens = trained = windowed = 0
    for line in read_dataset(Path(command.data)):
        windows = encode(line, base.template, command.max_length)
        tokens += sum(len(window.ids) for window in windows)
        trained += sum(window.trained_tokens for window in windows)
        windowed += len(windows) > 1
        yield
    wire.send(TokensCounted(job=command.job, tokens=tokens, trained_tokens=trained, windowed=windowed))


def measure(command: Measure, base: LoadedBase, stage: Stage, wire: Wire) -> Work:
    """Time swaps of resident adapters, and a batch of rows against a single row, in turns within one run."""
    for gate in command.gates:
        hang(gate, base)
    stage.enter(Mode.OTHERS)
    swap_ms = _swap_ms(command.gates, base)
    yield
    one: list[float] = []
    many: list[float] = []
    contestants: list[Gate | None] = [None, *command.gates]
    rows = [contestants[index % len(contestants)] for index in range(command.rows)]
    single = rows[1:2] or rows[:1]  # one persona alone: what a chat with a single column costs
    for number in range(ROUNDS):
        one.append((yield from _seconds_per_step(single, command.tokens, base, stage)))
        many.append((yield from _seconds_per_step(rows, command.tokens, base, stage)))
        wire.send(Progress(job=command.job, what="timing", done=number + 1, total=ROUNDS))
    alone = statistics.median(one)
    wire.send(
        Measured(
            job=command.job,
            swap_ms=swap_ms,
            rows=command.rows,
            ratio_to_one_row=statistics.median(many) / alone,
            seconds_per_token_one_row=alone,
        )
    )


def _windows(lines: EvaluationSet, base: LoadedBase, max_length: int) -> list[Window]:
    chosen = [line for line in read_dataset(Path(lines.data)) if line.heldout is (lines.side == "heldout")]
    check_texts(chosen, base.template)
    return [window for line in chosen for window in encode(line, base.template, max_length)]


def _finite(loss: float, gate: Gate | None, base: LoadedBase) -> float:
    """Refuse what JSON cannot carry: no honest adapter explains anything by infinity."""
    if math.isfinite(loss):
        return loss
    if gate:
        raise StudioError("adapter_broken", path=gate.path, reason=f"the loss with it is {loss}")
    raise StudioError("base_unsupported", path=base.base_id, reason=f"its loss is {loss}")


def _preparation(base: LoadedBase, stage: Stage, strengths: dict[str, float]) -> Callable[[int], None]:
    def prepare(rows: int) -> None:
        stage.enter(Mode.OTHERS)
        base.rack.gate([strengths] * rows)

    return prepare


def _swap_ms(gates: list[Gate], base: LoadedBase) -> float:
    """Median milliseconds from one resident adapter to another (to the base and back, with only one)."""
    if not gates:
        return 0.0
    states: list[dict[str, float]] = (
        [{gate.adapter_id: 1.0} for gate in gates] if len(gates) > 1 else [{}, {gates[0].adapter_id: 1.0}]
    )
    base.rack.gate(states)
    decoder = speaking(base).decoder
    times = []
    for number in range(SWAPS):
        started = time.perf_counter()
        base.rack.gate([states[number % len(states)]])
        if decoder is not None:
            decoder.factors(base.rack)
        times.append((time.perf_counter() - started) * 1000)
    base.rack.open_gates()
    return statistics.median(times)


def _seconds_per_step(
    rows: list[Gate | None], tokens: int, base: LoadedBase, stage: Stage
) -> Generator[None, None, float]:
    """Return the median time of a decoded token step of these rows; yields after each token."""
    prompt = base.template.prompt_ids([Message(role="user", text="Tell me what you see from the window.")])
    stage.enter(Mode.OTHERS)
    gates: list[dict[str, float]] = [{row.adapter_id: 1.0} if row else {} for row in rows]
    batch = DecodingBatch(base, [prompt] * len(rows), [Sampling(temperature=0.0)] * len(rows), [0] * len(rows))
    times = []
    for _ in range(tokens):
        base.rack.show(gates)  # a reply may have come in between
        started = time.perf_counter()
        batch.advance()
        times.append(time.perf_counter() - started)
        yield
    base.rack.open_gates()
    return statistics.median(times[1:])  # the first one read the prompt
