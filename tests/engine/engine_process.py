"""A real engine in a process of its own, spoken to over its pipes as the app does it."""

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from studio.protocol.codec import decode_event, encode
from studio.protocol.commands import AnyCommand
from studio.protocol.events import EngineReady, JobFailed

E = TypeVar("E")
PATIENCE = 120.0


class EngineProcess:
    """``with EngineProcess(log) as engine``: waits until it is ready, ends it hard on leaving."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self.path = log
        self.events: list[Any] = []
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio", "--engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, cwd=Path(__file__).parents[2], env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "EngineProcess":
        self.until(EngineReady)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def send(self, *commands: AnyCommand) -> None:
        assert self.process.stdin
        for command in commands:
            self.process.stdin.write(encode(command))
        self.process.stdin.flush()

    def until(self, kind: type[E], **fields: object) -> E:
        """Wait for an event of this kind whose fields have these values; a failure of the same job ends the test."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            event = self._next(deadline - time.monotonic())
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items()):
                return event
            assert not isinstance(event, JobFailed), event
        raise AssertionError(f"no {kind.__name__} in {PATIENCE} s")

    def kill(self) -> None:
        """The hard end: SIGKILL, or TerminateProcess on Windows."""
        self.process.kill()
        self.process.wait(30)
        for pipe in (self.process.stdin, self.process.stdout, self._log):
            if pipe:
                pipe.close()

    def end(self) -> int:
        """Close its stdin, as the app's own death would, and return how it ended."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def _read(self) -> None:
        assert self.process.stdout
        try:
            for line in self.process.stdout:
                self._lines.put(line)
        except ValueError:  # closed under our hands by ``kill``
            return
        self._lines.put(b"")

    def _next(self, patience: float) -> Any:
        line = self._lines.get(timeout=max(patience, 0.01))
        assert line, f"the engine is gone: {self.path.read_text()[-2000:]}"
        self.events.append(decode_event(line))
        return self.events[-1]
