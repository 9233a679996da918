"""The engine's end of the pipe: stdout belongs to messages alone, whatever libraries print."""

import os
import queue
import sys
import threading
from typing import BinaryIO

import msgspec

from studio.protocol.codec import LINE_LIMIT, WireError, decode_command, encode
from studio.protocol.commands import AnyCommand, Shutdown


class Wire:
    """Commands come in on stdin through a reader thread; events go out on the real stdout, one line each."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._commands: queue.Queue[AnyCommand] = queue.Queue()
        self._lock = threading.Lock()

    @classmethod
    def take_over_stdio(cls) -> "Wire":
        """Keep the real stdin and stdout for messages; prints go to stderr, whoever else reads finds nothing.

        ``sys.stdin`` itself must not be read in a thread: Python aborts when it leaves while the thread waits there.
        """
        incoming = os.fdopen(os.dup(0), "rb")
        outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        return cls(incoming, outgoing)

    def start(self) -> None:
        """Begin to listen. The end of stdin (the app is gone) counts as ``Shutdown``."""
        threading.Thread(target=self._listen, name="wire", daemon=True).start()

    def send(self, event: msgspec.Struct) -> None:
        """Write one event. A broken pipe means that nobody listens any more; the reader will notice the same."""
        with self._lock:
            try:
                self._write(encode(event))
            except BrokenPipeError:
                self._commands.put(Shutdown())

    def receive(self, wait: float | None) -> AnyCommand | None:
        """Return the next command; ``wait`` 0 looks only, ``None`` waits for as long as it takes."""
        try:
            return self._commands.get(block=wait != 0, timeout=wait)
        except queue.Empty:
            return None

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[self._outgoing.write(view) :]

    def _listen(self) -> None:
        while line := self._incoming.readline(LINE_LIMIT + 1):
            try:
                self._commands.put(decode_command(line))
            except WireError as error:
                print(f"refused a line: {error}", file=sys.stderr)
        self._commands.put(Shutdown())
