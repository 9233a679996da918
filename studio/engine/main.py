"""The engine's main loop: take over the pipe first, then load torch, then work until told to leave."""

import os
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import psutil

from studio.engine.parent import die_with_parent
from studio.engine.wire import Wire
from studio.protocol import VERSION

if TYPE_CHECKING:  # torch loads only after the pipe was taken over
    from studio.engine.desk import Desk
    from studio.engine.devices import Device

MEMORY_SECONDS = 1.0
NICENESS = 5
"""Of 19: with 5 a program that wants the processor as well gets three quarters of it."""


def run_engine() -> NoReturn:
    """Run until ``Shutdown`` or the end of stdin, and leave with the exit code.

    The way out is ``os._exit``: the wire's thread waits inside a read of stdin, and an ordinary exit would wait for the
    lock that it holds. Every file is flushed where it is written, and the pipe has no buffer.
    """
    code = _run()
    sys.stderr.flush()
    os._exit(code)


def _run() -> int:
    wire = Wire.take_over_stdio()
    die_with_parent()
    wire.start()
    _give_way()
    _stay_offline()
    _let_memory_grow()
    try:
        desk, device = _open_desk(wire)
    except ModuleNotFoundError as error:
        return _tell_missing(wire, error)
    meter_due = 0.0
    while not (desk.leaving and desk.scheduler.idle):
        _take_commands(desk, wire)
        desk.scheduler.run_unit()
        if time.monotonic() > meter_due:
            meter_due = time.monotonic() + MEMORY_SECONDS
            _report_memory(wire, device)
    return 0


def _stay_offline() -> None:
    """Nothing here fetches anything: what is not on the disk does not exist. Must be set before transformers loads."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"  # nobody watches them: the engine's stderr is a log file


def _give_way() -> None:
    """The window and what else the creator does on the computer go before hours of computing, which lose nothing by it
    while nobody else wants the processor."""
    below = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else NICENESS
    psutil.Process().nice(below)


def _let_memory_grow() -> None:
    """Batches of all lengths leave a card's memory in pieces that fit nothing; segments that grow waste less of it.

    Windows' driver cannot do that. Must be set before torch loads.
    """
    if sys.platform == "linux":
        os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")


def _open_desk(wire: Wire) -> "tuple[Desk, Device]":
    import torch
    from transformers.utils import logging

    from studio.engine.desk import Desk
    from studio.engine.devices import find_device
    from studio.engine.memory import keep_freed_pages
    from studio.protocol.events import EngineReady

    logging.disable_progress_bar()
    keep_freed_pages()
    device = find_device()
    ready = EngineReady(
        protocol=VERSION,
        device=device.kind,
        device_name=device.name,
        memory_total=device.memory_total,
        torch_version=str(torch.__version__),
        pid=os.getpid(),
    )
    wire.send(ready)
    return Desk(wire, device), device


def _take_commands(desk: "Desk", wire: Wire) -> None:
    """Take what has come; with nothing to do, wait for it."""
    command = wire.receive(None if desk.scheduler.idle and not desk.leaving else 0)
    while command is not None:
        desk.take(command)
        command = wire.receive(0)


def _report_memory(wire: Wire, device: "Device") -> None:
    from studio.engine.memory import MemoryMeter
    from studio.protocol.events import MemoryReported

    meter = MemoryMeter(device.kind)
    wire.send(MemoryReported(used=meter.used, peak=meter.peak, total=device.memory_total))


def _tell_missing(wire: Wire, error: ModuleNotFoundError) -> int:
    from studio.protocol.events import JobFailed

    wire.send(JobFailed(code="engine_missing_packages", details={"package": error.name or "a package"}))
    print(f"missing package: {error.name}", file=sys.stderr)
    return 3
