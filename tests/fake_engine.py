"""An engine without torch that speaks the true protocol: ``python -m tests.fake_engine``.

Replies, curves and figures are made up, but plausible and always the same. It enters by the front door: the app
launches it like the real one. Hooks, through the environment:

``FAKE_ENGINE_SPEED``      1 is a leisurely pace to look at (20 steps a second), 0 means no waiting at all
``FAKE_ENGINE_DEVICE``     ``cpu`` (default) or ``cuda``
``FAKE_ENGINE_PROTOCOL``   the protocol version it claims
``FAKE_ENGINE_DIE_AFTER``  a command's type: the process ends hard after a few units of such a job
``FAKE_ENGINE_DIE_UNITS``  after how many units (3)
``FAKE_ENGINE_DIE_ONCE``   a file: made at the first death; where it exists, nothing dies any more
``FAKE_ENGINE_TROUBLE``    a training goes wrong: ``overfit``, ``forgetting`` or ``dead``
``FAKE_ENGINE_FAIL``       ``<type>:<code>[:<details as JSON>]``: such jobs fail

More for replies in ``tests/fake_engine_chat.py``.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from studio.protocol import VERSION, codec, commands, events
from tests import fake_engine_chat
from tests.fake_engine_mask import measure_lengths, show_tokens
from tests.fake_engine_training import FakeTraining, nll
from tests.fake_engine_work import FakeFailure, convert_base, fingerprint_of, inspect_base, shape_of

SPEED = float(os.environ.get("FAKE_ENGINE_SPEED", "1"))
DEVICE = os.environ.get("FAKE_ENGINE_DEVICE", "cpu")
MEMORY_TOTAL = 16 * 2**30
Work = Iterator[events.AnyEvent]
WISHES = (commands.Pause, commands.Stop, commands.SampleNow, commands.SaveNow)
URGENT = (
    commands.Reply, commands.LoadBase, commands.UnloadBase, commands.CountTokens, commands.ShowTokens,
    commands.MeasureLengths, commands.ProveEffect, commands.BakeAdapter,
)  # fmt: skip


def main() -> None:
    """Read commands until stdin ends or ``Shutdown`` comes."""
    FakeEngine().run()
    # The thread that listens holds the lock of stdin, for which a proper exit would wait a second, then abort.
    os._exit(0)


class FakeEngine:
    """One queue of generators, the most urgent first, like the real one."""

    def __init__(self) -> None:
        self._inbox: queue.SimpleQueue[commands.AnyCommand | None] = queue.SimpleQueue()
        self._jobs: dict[str, tuple[commands.AnyCommand, Work]] = {}
        self._trainings: dict[str, FakeTraining] = {}
        self._cancelled: set[str] = set()
        self._fingerprint = ""
        self._units: dict[str, int] = {}
        self._reported = 0.0
        self._leaving = False

    def run(self) -> None:
        """The scheduler."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._say(
            events.EngineReady(
                protocol=int(os.environ.get("FAKE_ENGINE_PROTOCOL", VERSION)),
                device=DEVICE, device_name="Imaginary processor", memory_total=MEMORY_TOTAL,
                torch_version="none", pid=os.getpid(),
            )
        )  # fmt: skip
        while not (self._leaving and not self._jobs):
            self._take_commands(wait=not self._jobs)
            self._advance_one()

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            self._inbox.put(codec.decode_command(line))
        self._inbox.put(None)

    def _take_commands(self, wait: bool) -> None:
        while wait or not self._inbox.empty():
            command = self._inbox.get()
            wait = False
            if command is None or isinstance(command, commands.Shutdown):
                self._leave()
            else:
                self._accept(command)

    def _leave(self) -> None:
        self._leaving = True
        for training in self._trainings.values():
            training.wish = "paused"
        self._jobs = {job: work for job, work in self._jobs.items() if job in self._trainings}

    def _accept(self, command: commands.AnyCommand) -> None:
        if isinstance(command, commands.Pause | commands.Stop) and command.job in self._trainings:
            self._trainings[command.job].wish = "paused" if isinstance(command, commands.Pause) else "stopped"
        elif isinstance(command, commands.SampleNow | commands.SaveNow) and command.job in self._trainings:
            self._trainings[command.job].wants.append("sample" if isinstance(command, commands.SampleNow) else "save")
        elif isinstance(command, commands.Cancel):
            self._cancelled.add(command.job)
        elif not isinstance(command, WISHES):
            self._jobs[command.job] = (command, self._work(command))

    def _advance_one(self) -> None:
        if not self._jobs:
            return
        urgent = [job for job, (command, _) in self._jobs.items() if isinstance(command, URGENT)]
        job = (urgent or list(self._jobs))[0]
        command, work = self._jobs[job]
        self._maybe_die(command)
        try:
            self._say(next(work))
        except StopIteration:
            self._forget(job)
        except FakeFailure as failure:
            self._say(events.JobFailed(job=job, code=failure.code, details=failure.details))
            self._forget(job)
        self._report_memory()

    def _forget(self, job: str) -> None:
        self._jobs.pop(job)
        self._trainings.pop(job, None)
        self._cancelled.discard(job)

    def _maybe_die(self, command: commands.AnyCommand) -> None:
        kind = _type(command)
        once = os.environ.get("FAKE_ENGINE_DIE_ONCE", "")
        if os.environ.get("FAKE_ENGINE_DIE_AFTER") != kind or (once and Path(once).exists()):
            return
        self._units[kind] = self._units.get(kind, 0) + 1
        if self._units[kind] > int(os.environ.get("FAKE_ENGINE_DIE_UNITS", "3")):
            if once:
                Path(once).touch()
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    def _report_memory(self) -> None:
        if time.monotonic() - self._reported > 1.0:
            self._reported = time.monotonic()
            used = (900 + 40 * len(self._jobs)) * 2**20
            self._say(events.MemoryReported(used=used, peak=1200 * 2**20, total=MEMORY_TOTAL))

    def _say(self, event: events.AnyEvent) -> None:
        sys.stdout.buffer.write(codec.encode(event))
        sys.stdout.buffer.flush()

    def _work(self, command: commands.AnyCommand) -> Work:
        makers: dict[type, Callable[[Any], Work]] = {
            commands.LoadBase: self._load, commands.UnloadBase: self._unload, commands.ConvertBase: self._convert,
            commands.InspectBase: self._inspect, commands.Reply: self._reply, commands.Train: self._train,
            commands.Evaluate: self._evaluate, commands.CountTokens: self._count, commands.Measure: self._measure,
            commands.ShowTokens: self._show_tokens, commands.MeasureLengths: self._measure_lengths,
            commands.ProveEffect: self._prove, commands.BakeAdapter: self._bake,
        }  # fmt: skip
        yield events.JobStarted(job=command.job)
        _fail_if_asked(command)
        yield from makers[type(command)](command)

    def _load(self, command: commands.LoadBase) -> Work:
        for done in range(4):
            yield events.Progress(job=command.job, what="loading", done=done, total=4)
            rest(2)
        self._fingerprint = fingerprint_of(Path(command.path))
        yield events.BaseLoaded(
            job=command.job, base_id=command.base_id, quantization=command.quantization,
            fingerprint=self._fingerprint, memory_bytes=800 * 2**20, seconds=1.0,
        )  # fmt: skip

    def _unload(self, command: commands.UnloadBase) -> Work:
        self._fingerprint = ""
        yield events.JobDone(job=command.job)

    def _convert(self, command: commands.ConvertBase) -> Work:
        for done in range(5):
            yield events.Progress(job=command.job, what="converting", done=done, total=5)
            rest(2)
        convert_base(Path(command.source), Path(command.target))
        yield events.BaseInspected(job=command.job, **shape_of(Path(command.target)))

    def _inspect(self, command: commands.InspectBase) -> Work:
        yield events.BaseInspected(job=command.job, **inspect_base(Path(command.path)))

    def _reply(self, command: commands.Reply) -> Work:
        self._need_base([gate for row in command.rows for gate in row.gates])
        yield from fake_engine_chat.reply(command, lambda: command.job in self._cancelled, rest)

    def _prove(self, command: commands.ProveEffect) -> Work:
        self._need_base(command.gates)
        yield from fake_engine_chat.prove_effect(command)

    def _bake(self, command: commands.BakeAdapter) -> Work:
        yield from fake_engine_chat.bake(command, rest)

    def _train(self, command: commands.Train) -> Work:
        self._need_base([])
        training = self._trainings[command.job] = FakeTraining(command, rest=rest)
        for event in training.work():
            if command.job in self._cancelled:
                raise FakeFailure("cancelled")
            yield event

    def _evaluate(self, command: commands.Evaluate) -> Work:
        self._need_base(command.gates)
        total = len(command.sets) * (len(command.gates) + 1)
        rows = []
        for one in command.sets:
            rows.append([nll(one.label, ""), *(nll(one.label, gate.adapter_id) for gate in command.gates)])
            yield events.Progress(
                job=command.job, what="evaluating", done=len(rows) * (len(command.gates) + 1), total=total
            )
            rest(2)
        yield events.Evaluated(job=command.job, nll=rows, tokens=[400] * len(rows))

    def _count(self, command: commands.CountTokens) -> Work:
        self._need_base([])
        size = Path(command.data).stat().st_size
        yield events.TokensCounted(job=command.job, tokens=size // 5, trained_tokens=size // 12, windowed=0)

    def _show_tokens(self, command: commands.ShowTokens) -> Work:
        yield show_tokens(command)

    def _measure_lengths(self, command: commands.MeasureLengths) -> Work:
        yield events.Progress(job=command.job, what="measuring_lengths", done=1, total=1)
        yield measure_lengths(command)

    def _measure(self, command: commands.Measure) -> Work:
        self._need_base(command.gates)
        yield events.Progress(job=command.job, what="measuring", done=1, total=2)
        rest(2)
        yield events.Measured(
            job=command.job, swap_ms=0.02, rows=command.rows, ratio_to_one_row=1.08, seconds_per_token_one_row=0.03
        )

    def _need_base(self, gates: list[commands.Gate]) -> None:
        if not self._fingerprint:
            raise FakeFailure("base_not_loaded")
        for gate in gates:
            if gate.base_fingerprint != self._fingerprint:
                raise FakeFailure(
                    "adapter_wrong_base", expected=gate.base_fingerprint[:12], found=self._fingerprint[:12]
                )


def _type(command: commands.AnyCommand) -> str:
    return str(msgspec.inspect.type_info(type(command)).tag)  # type: ignore[union-attr]


def _fail_if_asked(command: commands.AnyCommand) -> None:
    kind, _, rest_of_it = os.environ.get("FAKE_ENGINE_FAIL", "").partition(":")
    if kind == _type(command):
        code, _, details = rest_of_it.partition(":")
        raise FakeFailure(code, **json.loads(details or "{}"))


def rest(units: float) -> None:
    """Wait as long as ``units`` of work would take."""
    if SPEED > 0:
        time.sleep(units * 0.05 / SPEED)


if __name__ == "__main__":
    main()
