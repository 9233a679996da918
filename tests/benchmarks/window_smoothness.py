"""How long the window stands still while data is worked on: ``python -m tests.benchmarks.window_smoothness 20000``.

A timer of 4 ms in the real window (offscreen), on one persona with so many conversations. Printed for each phase: how
long it took, and the gaps between ticks: the median, 99 in 100, and the longest. Another interval of Python's thread
switch can be tried as a second argument (seconds; the program's own otherwise).
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.gui.app import SWITCH_SECONDS
from studio.importers import ImportItem, ImportPlan
from tests.benchmarks.data_bench import made
from tests.stage import Stage


class Probe:
    """Ticks, and remembers how late each tick was."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setInterval(4)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._gaps.append((now - self._last) * 1000)
        self._last = now

    def phase(self, name: str, act: Callable[[], object], reached: Callable[[], bool] | None = None) -> float:
        """Do something, let the window live until it has ended (three seconds when nothing says so), and print.

        Returns the longest gap in milliseconds.
        """
        self._gaps.clear()
        begin = self._last = time.perf_counter()
        act()
        while not (reached() if reached else time.perf_counter() - begin > 3):
            self._app.processEvents()
            time.sleep(0.001)
        gaps = sorted(self._gaps)
        most, worst = gaps[len(gaps) * 99 // 100], gaps[-1]
        shown = f"median {gaps[len(gaps) // 2]:5.1f}   99 in 100 {most:6.1f}   longest {worst:6.1f}"
        print(f"{name:28}{time.perf_counter() - begin:7.1f} s   {shown} ms", flush=True)
        return worst


def _scrolling(stage: Stage) -> Callable[[], None]:
    """Jump through the whole list, thirty times a second."""
    pane = stage.window.pages.page("persona").data.list  # type: ignore[union-attr]
    bar, timer, places = pane.verticalScrollBar(), QTimer(pane), iter(range(80))

    def jump() -> None:
        place = next(places, None)
        timer.stop() if place is None else bar.setValue(bar.maximum() * (place * 37 % 100) // 100)

    timer.timeout.connect(jump)
    return lambda: timer.start(33)


def measure(stage: Stage, probe: Probe, count: int) -> None:
    """All phases."""
    jobs: list[Any] = []

    def job(begin: Callable[[], Any]) -> tuple[Callable[[], None], Callable[[], bool]]:
        return lambda: jobs.append(begin()), lambda: bool(jobs[-1].ended)

    item = ImportItem(
        path=Path("talks.jsonl"), format="chat_dataset", format_label="", persona_name="Zed", conversations=made(count)
    )
    probe.phase("import", *job(lambda: stage.studio.imports.commit_job(ImportPlan(items=(item,)))))
    persona = stage.studio.personas.get("Zed").id
    probe.phase("first look at the Data tab", lambda: stage.window.open_persona(persona, "data"))
    probe.phase("scrolling", _scrolling(stage))
    probe.phase("a check", *job(lambda: stage.studio.data.check_now(persona)))
    scroll = _scrolling(stage)
    begin, ended = job(lambda: stage.studio.data.check_now(persona))
    probe.phase("a check while scrolling", lambda: (begin(), scroll()), ended)


def main() -> None:
    """Open a window on an empty library, measure, close."""
    sys.setswitchinterval(float(sys.argv[2]) if len(sys.argv) > 2 else SWITCH_SECONDS)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(app, Path(folder))
        stage.window.resize(1280, 800)
        stage.show()
        stage.window.pages.read_ahead()
        stage.spin(1.5)
        measure(stage, Probe(app), int(sys.argv[1]))
        stage.close()


if __name__ == "__main__":
    main()
