"""One life of a training that will be killed: run by ``kills``, which forks it or starts an interpreter for it.

``python -m tests.engine.killed_training`` has imported torch and computed nothing, and forks a clean child for every
life that it reads from stdin; ``… --once LIFE`` is a whole fresh interpreter for one.
"""

import gc
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

ONCE = "--once"
FAILED = 3


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """What one process is to do. ``told`` is the file to which it adds its events.

    ``dies_at``: the act on the disk, counted from 1, before which it kills itself for good; 0 leaves that to others.
    ``without`` takes away what stands for the state of randomness: chance (of a micro-step), order, moments.
    """

    base: str
    data: str
    folder: str
    told: str
    resume: bool
    options: dict[str, Any]
    method: str = "lora"
    quantization: str = "none"
    micro_batch_tokens: int = 0
    dies_at: int = 0
    without: str = ""


class Telling:
    """Stands where the wire stands: every event is in the file before the next thing is done."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def send(self, event: Any) -> None:
        """Add a line."""
        from studio.protocol.codec import encode

        os.write(self._file, encode(event))


def live(life: Life) -> None:
    """Train until the end, or until somebody puts an end to it."""
    import torch

    from studio.engine.forward.modes import Stage
    from studio.engine.memory import MemoryMeter
    from studio.engine.training.training_run import TrainingRun
    from studio.protocol.budgets import MICRO_BATCH_TOKENS
    from tests.engine.rig import loaded, train_command

    MICRO_BATCH_TOKENS["cpu"] = life.micro_batch_tokens or MICRO_BATCH_TOKENS["cpu"]
    _die_at(life.dies_at)
    _take_away(life.without)
    base = loaded(Path(life.base), life.quantization, torch.bfloat16)
    command = train_command(Path(life.data), Path(life.folder), method=life.method, resume=life.resume, **life.options)
    wire: Any = Telling(Path(life.told))
    for _ in TrainingRun(command, base, Stage(base), wire, MemoryMeter("cpu")).work():
        pass


def _die_at(number: int) -> None:
    from studio.engine import durable_files

    acts = 0

    def reached(act: str, path: Path, to: Path | None = None) -> None:
        nonlocal acts
        acts += 1
        if acts == number:
            os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    durable_files.reached = reached


def _take_away(what: str) -> None:
    """Sabotage, for the negative controls: the loop draws from running states that no checkpoint holds."""
    import torch

    from studio.engine.forward import batches
    from studio.engine.training import optimizer_state, training_loop

    if what == "chance":
        training_loop.chance_of = lambda *place: int(torch.randint(2**31, ()))
    elif what == "order":
        running = random.Random(0)
        batches.random.Random = lambda *seed: running  # type: ignore[assignment,misc]
    elif what == "moments":
        optimizer_state.restore = lambda *all: None


def _serve() -> None:
    """Fork a child for every line; the child stays a zombie, and its number taken, until the next line comes."""
    from studio.engine.parent import die_with_parent

    die_with_parent()
    _import_all()
    print("ready", flush=True)
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            die_with_parent()
            _end_with(line)
        print(child, flush=True)
        end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        print(end.si_status if end and end.si_code == os.CLD_EXITED else "killed", flush=True)
        sys.stdin.buffer.readline()
        os.waitpid(child, 0)


def _import_all() -> None:
    """Everything that a life needs; nothing is computed, so no thread is there that a fork would lose."""
    import torch

    import tests.engine.rig  # noqa: F401
    from studio.engine.main import _stay_offline

    _stay_offline()
    __import__("transformers.models.llama.modeling_llama")
    torch.set_num_threads(1)
    gc.freeze()  # every run collects garbage when it ends; the libraries' own objects need not be looked at


def _end_with(line: bytes) -> None:
    code = FAILED
    try:
        live(msgspec.json.decode(line, type=Life))
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    if ONCE in sys.argv:
        _end_with(sys.argv[-1].encode())
    _serve()
