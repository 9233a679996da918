"""One training by the studio's own engine code, as a child process: prints a JSON document with its figures."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from studio.engine.bases.base_loader import load_base
from studio.engine.devices import find_device
from studio.engine.forward.modes import Stage
from studio.engine.memory import MemoryMeter, keep_freed_pages
from studio.engine.training.training_run import TrainingRun
from studio.protocol.commands import Train
from studio.protocol.events import RunEnded


class Listener:
    """Stands where the wire stands and keeps the last word."""

    ended: RunEnded

    def send(self, event: msgspec.Struct) -> None:
        if isinstance(event, RunEnded):
            self.ended = event


def main(settings: dict[str, Any]) -> None:
    keep_freed_pages()  # as the engine's process does when it starts
    device = find_device()
    base = load_base("base", Path(settings["base"]), settings["quantization"], device)
    listener, stage = Listener(), Stage(base)
    with TemporaryDirectory() as folder:
        command = Train(
            job="benchmark",
            run_id="benchmark",
            method=settings["method"],
            options=settings["options"],
            data=settings["data"],
            folder=folder,
        )
        run = TrainingRun(command, base, stage, listener, MemoryMeter(device.kind))  # type: ignore[arg-type]
        for _ in run.work():
            pass
    print(msgspec.json.encode(listener.ended).decode())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
