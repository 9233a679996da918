"""The app's end of the engine: commands go in without waiting, events and the end come out through callables.

Three threads, none of them the app's: one reads, one writes, one waits for the end of the process, so that a
death is noticed at once even when the dead engine's pipes are still held open by a child of it.
"""

import contextlib
import logging
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.engine_client.death import Death
from studio.engine_client.launch import launch
from studio.log_setup import tail
from studio.protocol import codec
from studio.protocol.commands import AnyCommand, Shutdown
from studio.protocol.events import AnyEvent

_log = logging.getLogger(__name__)
_DRAIN_SECONDS = 0.3
_EOF_SECONDS = 1.0
_TERMINATE_SECONDS = 2.0


class EngineClient:
    """One engine process. ``on_event`` and ``on_exit`` are called on threads of this object, ``on_exit`` once, last."""

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        *,
        on_event: Callable[[AnyEvent], None],
        on_exit: Callable[[Death], None],
    ) -> None:
        self._on_event = on_event
        self._on_exit = on_exit
        self._log_path = log_path
        self._garbled = ""
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = launch(command, log_path)
        self._reader = threading.Thread(target=self._read, name="engine-reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name="engine-writer", daemon=True)
        self._waiter = threading.Thread(target=self._wait, name="engine-waiter", daemon=True)
        for thread in (self._reader, self._writer, self._waiter):
            thread.start()

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    def send(self, command: AnyCommand) -> None:
        """Put a command on its way; never waits. To a dead engine it goes nowhere (``on_exit`` tells)."""
        self._outbox.put(codec.encode(command))

    def kill(self) -> None:
        """End the process at once, without asking it."""
        self._process.kill()

    def close(self, patience: float = 5.0) -> None:
        """Ask it to leave, then wait up to ``patience`` seconds, then end it. Waits until ``on_exit`` was called."""
        self.send(Shutdown())
        if not self._left_within(patience):
            self._process.terminate()
            if not self._left_within(_TERMINATE_SECONDS):
                self._process.kill()
        if threading.current_thread() is not self._waiter:
            self._waiter.join(_DRAIN_SECONDS + 2.0)

    def _left_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            while (line := self._outbox.get()) is not None:
                pipe.write(line)
                pipe.flush()
        except (OSError, ValueError):
            _log.info("the engine's input is closed")
        finally:
            with contextlib.suppress(OSError):
                pipe.close()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        try:
            while line := pipe.readline(codec.LINE_LIMIT + 1):
                self._on_event(codec.decode_event(line))
        except codec.WireError as error:
            self._garbled = str(error)
            _log.error("the engine sent something that is not of the protocol: %s", error)
            self._process.kill()
        except (OSError, ValueError):
            _log.info("the engine's output is closed")
        finally:
            pipe.close()
        self._end_the_mute()

    def _end_the_mute(self) -> None:
        # A process that closed its output but lives on is of no use: it gets a moment to leave, then it is ended.
        try:
            self._process.wait(_EOF_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _wait(self) -> None:
        self._process.wait()
        self._finish()

    def _finish(self) -> None:
        self._reader.join(_DRAIN_SECONDS)
        self._outbox.put(None)
        returncode = self._process.wait()
        self._on_exit(Death(returncode=returncode, log_tail=tail(self._log_path), garbled=self._garbled))
