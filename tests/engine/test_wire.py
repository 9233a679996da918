"""The engine's end of the pipe: stdout carries messages and nothing else, nonsense is refused, the end is noticed."""

import io
import os
import subprocess
import sys
import time

import pytest

from studio.engine import wire as wire_module
from studio.engine.wire import Wire
from studio.protocol.codec import decode_event, encode
from studio.protocol.commands import Cancel, Shutdown, UnloadBase
from studio.protocol.events import JobDone

PRINTING = """
import os, sys
from studio.engine.wire import Wire
from studio.protocol.events import JobDone
wire = Wire.take_over_stdio()
print("a library says hello")
os.write(1, b"a C library too\\n")
wire.send(JobDone(job="one"))
os.system("echo and a child")
wire.start()
while (command := wire.receive(None)).job:
    wire.send(JobDone(job=command.job))
"""


def _heard(lines: bytes) -> Wire:
    wire = Wire(io.BytesIO(lines), io.BytesIO())
    wire.start()
    return wire


def test_commands_come_in_order_and_the_end_is_a_shutdown() -> None:
    wire = _heard(encode(Cancel(job="a")) + encode(UnloadBase(job="b")))
    assert [wire.receive(5) for _ in range(3)] == [Cancel(job="a"), UnloadBase(job="b"), Shutdown()]
    assert wire.receive(0) is None
    started = time.monotonic()
    assert wire.receive(0.05) is None
    assert time.monotonic() - started >= 0.04


def test_nonsense_is_refused_and_the_next_line_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    wire = _heard(b'{"type":"cancel","job":"a","more":1}\nnonsense\n\n' + encode(Cancel(job="b")))
    assert wire.receive(5) == Cancel(job="b")
    assert capsys.readouterr().err.count("refused a line") == 3


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(wire_module, "LINE_LIMIT", 100)
    wire = _heard(b"x" * 1000 + b"\n" + encode(Cancel(job="b")))
    assert wire.receive(5) == Cancel(job="b")
    assert "refused a line" in capsys.readouterr().err


def test_a_pipe_that_takes_little_at_a_time_gets_all() -> None:
    class Narrow(io.BytesIO):
        def write(self, data: object) -> int:  # type: ignore[override]
            return super().write(bytes(data)[:7])  # type: ignore[call-overload]

    narrow = Narrow()
    Wire(io.BytesIO(), narrow).send(JobDone(job="a" * 50))
    assert decode_event(narrow.getvalue()) == JobDone(job="a" * 50)


def test_nobody_listens_any_more() -> None:
    class Broken(io.BytesIO):
        def write(self, data: object) -> int:  # type: ignore[override]
            raise BrokenPipeError

    wire = Wire(io.BytesIO(), Broken())
    wire.send(JobDone(job="a"))
    assert wire.receive(0) == Shutdown()


def test_prints_of_libraries_do_not_reach_the_wire() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINTING], input=encode(Cancel(job="two")), capture_output=True, timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path) + os.pathsep + os.getcwd()},
    )  # fmt: skip
    assert [decode_event(line) for line in done.stdout.splitlines()] == [JobDone(job="one"), JobDone(job="two")]
    for said in (b"a library says hello", b"a C library too", b"and a child"):
        assert said in done.stderr
