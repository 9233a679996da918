"""Why a run must not compute now: the battery, another program that needs the memory, a full disk."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.domain.run import Run
from studio.services.engine import EngineStatus
from studio.services.power import on_battery
from studio.services.settings import Settings
from studio.services.yielding import MemoryLook, Yielding, look_at_memory

BATTERY, MEMORY, DISK, CLOSED, USER = "battery", "memory", "disk", "closed", "user"
WAKING = frozenset({BATTERY, MEMORY, DISK})
"""Rests that end by themselves. ``closed`` ends when the program is opened again, ``user`` when the user says so."""
RESTS = {
    USER: "run_rests_user",
    CLOSED: "run_rests_closed",
    BATTERY: "run_rests_battery",
    MEMORY: "run_rests_memory",
    DISK: "run_rests_disk",
}
WAKES = {BATTERY: "run_woke_battery", MEMORY: "run_woke_memory", DISK: "run_woke_disk"}
"""What the log says."""
SECONDS_BETWEEN_LOOKS = 5.0
DISK_ROOM = 512 * 2**20
"""Bytes that must be free before a run begins or goes on after a full disk."""
_FIRST_REST, _LONGEST_REST = 30.0, 1800.0
_MEGABYTE = 2**20


@dataclass(kw_only=True)
class Surroundings:
    """How the world is asked; tests put their own world in."""

    battery: Callable[[], bool] = on_battery
    memory: Callable[[str, str, int], MemoryLook | None] = look_at_memory
    disk_free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    clock: Callable[[], float] = time.monotonic


class Rests:
    """Looks around every few seconds, as far as the settings ask for it."""

    def __init__(self, settings: Settings, status: Callable[[], EngineStatus], folder: Path) -> None:
        self.surroundings = Surroundings()
        self._settings = settings
        self._status = status
        self._folder = folder
        self._yielding = Yielding()
        self._yields = False
        self._looked_at = float("-inf")
        self._battery = False
        self._disk_rests: dict[str, tuple[float, float]] = {}

    def begun(self) -> None:
        """A run begins: what others hold now is nothing to yield to."""
        self._yields = False
        self._yielding.begun(self._memory())

    @property
    def is_time(self) -> bool:
        """True when the last look is old."""
        return self.surroundings.clock() - self._looked_at >= SECONDS_BETWEEN_LOOKS

    def look(self, *, active: bool, needed: int = 0) -> None:
        """Look around. ``needed``: bytes of a run that rests for memory."""
        self._looked_at = self.surroundings.clock()
        self._battery = bool(self._settings.get("pause_on_battery")) and self.surroundings.battery()
        bound, memory = self._bound(), self._memory()
        if not bound or memory is None:
            self._yields = False
        elif active:
            self._yields = self._yielding.must_yield(memory, bound)
        elif self._yields:
            self._yields = not self._yielding.may_return(memory, bound, needed)
        else:
            self._yields = self._yielding.has_no_room(memory, bound, needed)

    @property
    def reason(self) -> str:
        """Why nothing may compute now, by the last look: ``battery``, ``memory`` or nothing."""
        return BATTERY if self._battery else MEMORY if self._yields else ""

    def remember(self, run: Run) -> None:
        """A run rests; one that fills the disk again and again is tried less and less often."""
        if run.resting == DISK:
            before = self._disk_rests.get(run.id, (0.0, _FIRST_REST / 2))[1]
            until = min(_LONGEST_REST, before * 2)
            self._disk_rests[run.id] = (self.surroundings.clock() + until, until)
        if run.resting == MEMORY:
            self._yields = True

    def is_over(self, run: Run) -> bool:
        """True when the reason for which ``run`` rests has gone."""
        if self.reason:
            return False
        if run.resting == DISK:
            due, _ = self._disk_rests.get(run.id, (0.0, 0.0))
            return self.surroundings.clock() >= due and self.surroundings.disk_free(self._folder) >= DISK_ROOM
        return run.resting in WAKING

    def _bound(self) -> int:
        return int(str(self._settings.get("yield_free_memory_mb"))) * _MEGABYTE

    def _memory(self) -> MemoryLook | None:
        if not self._bound():
            return None
        status = self._status()
        return self.surroundings.memory(status.device, status.device_name, status.memory_used)
