"""The app's thread in tests: a queue that is emptied while something is waited for."""

import queue
import time
from collections.abc import Callable


class AppThread:
    """``deliver`` for ``Studio.open``; ``until`` runs what was delivered."""

    def __init__(self) -> None:
        self._acts: queue.Queue[Callable[[], None]] = queue.Queue()

    def deliver(self, act: Callable[[], None]) -> None:
        """From any thread."""
        self._acts.put(act)

    def until(self, reached: Callable[[], object], seconds: float = 30.0) -> None:
        """Run delivered acts until ``reached`` is true; fail after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not reached():
            left = deadline - time.monotonic()
            assert left > 0, f"not reached within {seconds} s"
            try:
                self._acts.get(timeout=min(left, 0.02))()
            except queue.Empty:
                continue

    def run_for(self, seconds: float) -> None:
        """Run delivered acts for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, seconds + 5)
