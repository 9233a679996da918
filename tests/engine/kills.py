"""Kills a training at random moments, lets it go on in a fresh process each time, compares it with one left alone.

A third of the kills fall while steps are computed, a third in the middle of a checkpoint, a third while held-out loss
is measured. Where they really fell is read from what the dead process left.
"""

import math
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from studio.protocol.codec import decode_event
from studio.protocol.events import HeldOutMeasured, Progress, RunEnded, StepDone, TrainingStarted
from tests.engine.killed_training import FAILED, ONCE, Life

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
POLL = 0.0005
PLACES = ("stepping", "checkpoint", "evaluating")
UNEQUAL = ("training_seconds", "evaluation_seconds", "peak_memory_bytes")
"""What two runs may differ in: how long they took and how much memory their processes had."""

Wanted = Callable[[], bool]


class Forking:
    """Lives are forked from one process that has imported torch and computed nothing (Linux)."""

    def __init__(self, log: Path) -> None:
        with log.open("ab") as errors:
            self._launcher = subprocess.Popen(
                [sys.executable, "-m", "tests.engine.killed_training"], cwd=ROOT, bufsize=0, stderr=errors,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )  # fmt: skip
        assert self._line() == b"ready\n", log.read_text()[-2000:]

    def live(self, life: Life, kill: Wanted) -> str:
        """Let it live until ``kill`` or its own end; return how it ended: killed, or its exit code."""
        self._say(msgspec.json.encode(life) + b"\n")
        child, killed = int(self._line()), False
        while not self._told():
            if not killed and kill():
                os.kill(child, signal.SIGKILL)  # it is the launcher's zombie at worst, never somebody else
                killed = True
            time.sleep(POLL)
        end = self._line().decode().strip()
        self._say(b"\n")
        return end

    def close(self) -> None:
        """End the launcher."""
        assert self._launcher.stdin
        assert self._launcher.stdout
        self._launcher.stdin.close()
        self._launcher.wait(PATIENCE)
        self._launcher.stdout.close()

    def _say(self, line: bytes) -> None:
        assert self._launcher.stdin
        self._launcher.stdin.write(line)

    def _line(self) -> bytes:
        assert self._launcher.stdout
        return self._launcher.stdout.readline()

    def _told(self) -> bool:
        return bool(select.select([self._launcher.stdout], [], [], 0)[0])


class Fresh:
    """Every life is an interpreter of its own, on all systems."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def live(self, life: Life, kill: Wanted) -> str:
        """Let it live until ``kill`` or its own end; return how it ended: killed, or its exit code."""
        command = [sys.executable, "-m", "tests.engine.killed_training", ONCE, msgspec.json.encode(life).decode()]
        with self._log.open("ab") as errors:
            process = subprocess.Popen(command, cwd=ROOT, stderr=errors)
        killed = False
        while process.poll() is None:
            if not killed and kill():
                process.kill()
                killed = True
            time.sleep(POLL)
        return str(process.returncode) if process.returncode in (0, FAILED) else "killed"

    def close(self) -> None:
        """Nothing stays."""


Way = Forking | Fresh


@contextmanager
def launcher(log: Path, fresh: bool = False) -> Iterator[Way]:
    """The way to start lives; forked ones where that is safe. ``log`` takes what they say on stderr."""
    found: Way = Fresh(log) if fresh or not sys.platform.startswith("linux") else Forking(log)
    try:
        yield found
    finally:
        found.close()


class Told:
    """What the lives of one run told, read as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._rest = b""
        self.events: list[Any] = []

    def read(self) -> list[Any]:
        """Take up what is new, and return everything; a line that a kill cut off is dropped."""
        if self._path.exists() and self._path.stat().st_size > self._at:
            with self._path.open("rb") as file:
                file.seek(self._at)
                content = file.read()
            self._at += len(content)
            *lines, self._rest = (self._rest + content).split(b"\n")
            self.events += [decode_event(line) for line in lines]
        return self.events

    def forget_half(self) -> None:
        """A new life begins a new line."""
        self._rest = b""


@dataclass
class Kills:
    """How it went: where each kill fell, and all that the lives told."""

    folder: Path
    told: Told
    fell: list[str] = field(default_factory=list)


def undisturbed(way: Way, life: Life) -> Told:
    """Let it live to its end."""
    told = Told(Path(life.told))
    end = way.live(life, lambda: False)
    assert any(isinstance(event, RunEnded) for event in told.read()), f"it ended early: {end}"
    return told


def killed(way: Way, life: Life, count: int, total: int, seed: int, reach: float = 0.5) -> Kills:
    """Kill it ``count`` times (more, until each place was hit), by ``reach`` of its steps, then let it end."""
    chance = random.Random(seed)
    found = Kills(Path(life.folder), Told(Path(life.told)))
    for number in range(2 * count):
        missing = [place for place in PLACES if place not in found.fell]
        if number >= count and (count < len(PLACES) or not missing):
            break
        place = PLACES[number % len(PLACES)] if number < count else missing[0]
        furthest = int(total * reach * min(number + 1, count) / count)
        _die(way, life, found, _Moment(found.told, place, furthest, chance))
    undisturbed(way, msgspec.structs.replace(life, resume=True))
    found.told.read()
    return found


def _die(way: Way, life: Life, found: Kills, moment: "_Moment") -> None:
    """One life with a violent end."""
    began, here = time.time(), len(found.told.read())
    life = msgspec.structs.replace(life, resume=bool(found.fell), dies_at=moment.act)
    end = way.live(life, moment.has_come)
    events = found.told.read()
    found.told.forget_half()
    assert end == "killed", f"after {len(found.fell)} kills it ended by itself: {end}"
    found.fell.append(_where(Path(life.folder), events[here:], began))


class _Moment:
    """When to kill: some random time after a step, or after the beginning of a measurement, that is drawn as well.

    A checkpoint takes a blink, so there the process kills itself, before an act on the disk that is drawn.
    """

    def __init__(self, told: Told, place: str, furthest: int, chance: random.Random) -> None:
        self.act = chance.randrange(2, 90) if place == "checkpoint" else 0
        self._told = told
        self._place = place
        self._furthest = furthest
        self._chance = chance
        self._step = -1
        self._due = math.inf
        self._seen = len(told.events)

    def has_come(self) -> bool:
        """Asked again and again while it lives."""
        events = self._told.read()
        for event in events[self._seen :]:
            self._look(event)
        self._seen = len(events)
        return time.monotonic() >= self._due

    def _look(self, event: Any) -> None:
        if isinstance(event, TrainingStarted):
            self._step = self._chance.randint(max(event.step, self._furthest // 2), max(event.step, self._furthest))
        reached = isinstance(event, StepDone | TrainingStarted) and event.step >= self._step
        measures = isinstance(event, Progress) and event.what == "evaluating" and self._step >= 0
        if self._place == "stepping" and reached:
            self._wait(0.03)
        elif self._place == "evaluating" and measures:
            self._wait(0.005)

    def _wait(self, most: float) -> None:
        if self._due == math.inf:
            self._due = time.monotonic() + self._chance.uniform(0, most)


def _where(folder: Path, events: list[Any], began: float) -> str:
    """Where it died: half a checkpoint of this life lies there, or its last word was that it measures, or else."""
    if any(path.stat().st_mtime >= began for path in (folder / "checkpoints").glob("**/.staging*")):
        return "checkpoint"
    last = events[-1] if events else None
    if isinstance(last, Progress) and last.what == "evaluating":
        return "evaluating"
    return "stepping" if any(isinstance(event, TrainingStarted) for event in events) else "starting"


def differences(one: Path, other: Path, heard: Told, others: Told) -> list[str]:
    """Everything in which two runs differ that ought to be equal to the byte."""
    found = [name for name in sorted(_files(one) | _files(other)) if _content(one, name) != _content(other, name)]
    for kind in (StepDone, HeldOutMeasured):
        found += _unequal(kind.__name__, _figures(heard, kind), _figures(others, kind))
    return found


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"told"}


def _content(folder: Path, name: str) -> object:
    path = folder / name
    if not path.exists():
        return None
    if path.name == "manifest.json":  # it has the hash of the state, and the state has seconds
        return sorted(msgspec.json.decode(path.read_bytes()))
    if path.name != "state.json":
        return path.read_bytes()
    state = msgspec.json.decode(path.read_bytes())
    return state | {"standing": {key: value for key, value in state["standing"].items() if key not in UNEQUAL}}


def _figures(told: Told, kind: type) -> dict[object, set[object]]:
    """By step (and side): what was told of it, by all lives that did it."""
    found: dict[object, set[object]] = {}
    for event in told.events:
        if isinstance(event, StepDone) and kind is StepDone:
            figures: object = (event.loss, event.gradient_norm, event.learning_rate, event.tokens, event.trained_tokens)
            found.setdefault(event.step, set()).add(figures)
        elif isinstance(event, HeldOutMeasured) and kind is HeldOutMeasured:
            found.setdefault((event.step, event.side), set()).add(event.loss)
    return found


def _unequal(what: str, one: dict[object, set[object]], other: dict[object, set[object]]) -> list[str]:
    places = sorted(one.keys() | other.keys(), key=str)
    return [
        f"{what} {place}: {one.get(place)} and {other.get(place)}"
        for place in places
        if one.get(place) != other.get(place) or len(one[place]) != 1
    ]
