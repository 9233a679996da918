"""How long the window stands still while eight columns stream and a run trains, all of it real.

``python -m tests.benchmarks.chat_and_training LIBRARY``: a library with a base on disk, a persona with data and an
adapter; it is copied, and the copy worked on. The window is on the screen that ``QT_QPA_PLATFORM`` names. A run is
started, and once it learns, eight columns (base, adapters at several strengths) are asked twice. The last line is JSON.
"""

import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

from PySide6.QtWidgets import QApplication

from studio.domain.chat import Contestant
from studio.gui.app import SWITCH_SECONDS
from studio.gui.main_thread import MainThread
from studio.gui.main_window import MainWindow
from studio.gui.theme.switcher import apply_theme
from studio.gui.window.window_state import WindowState
from studio.services.studio import Studio
from tests.benchmarks.chat_window import WorkProbe
from tests.screenshot_chat_scenes import page_of
from tests.stage import Stage

TOKENS, STRENGTHS, SECONDS = 60, (1.0, 0.75, 0.5, 0.25), 600.0
QUESTIONS = ("Tell me what you see from the window.", "And what would you rather see?")


class RealStage(Stage):
    """The window on a library that is there already, with the real engine."""

    def __init__(self, app: QApplication, library: Path) -> None:
        self.app, self.folder = app, library.parent
        self._thread = MainThread(app)
        apply_theme(app, "dark")
        self.studio = Studio.open(library, deliver=self._thread.deliver)
        self.window = MainWindow(WindowState(library))


def eight(stage: RealStage) -> list[Contestant]:
    """The base, and every adapter at one strength after the other."""
    names = [one.id for one in stage.studio.adapters.list()]
    ways = ((name, strength) for strength, name in product(STRENGTHS, names))
    return [Contestant(), *(Contestant(adapter_id=name, strength=at) for name, at in islice(ways, 7))]


def measure(stage: RealStage) -> dict[str, float]:
    """Gaps in milliseconds by name, how long the turns took, and how far the run came meanwhile."""
    persona = stage.people()[0]
    run = stage.studio.training.start(persona.id, preset="taste", options={"max_steps": 500})
    stage.until(lambda: stage._step(run.id) >= 1, SECONDS)
    chat = stage.studio.chats.create("Eight", eight(stage))
    page, probe = page_of(stage), WorkProbe(stage.app)
    page.open(chat.id)
    stage.until(lambda: page.showing.idle)
    page.presenter.open_chat.set_sampler(replace(page.presenter.open_chat.sampler, max_tokens=TOKENS))
    found: dict[str, float] = {"columns": len(page.board.columns), "step before": stage._step(run.id)}
    for number, question in enumerate(QUESTIONS, 1):
        probe.reset()
        started = time.perf_counter()
        found[f"turn {number}: longest gap, ms"] = probe.phase(
            f"turn {number}", lambda said=question: page.bottom.composer.send_requested.emit(said),  # type: ignore[misc]
            lambda: not page.presenter.replies.busy and page.showing.idle,
        )  # fmt: skip
        found[f"turn {number}: longest own work, ms"] = probe.longest_work
        found[f"turn {number}: seconds"] = time.perf_counter() - started
    found["step after"] = stage._step(run.id)
    return found


def main(library: Path) -> None:
    sys.setswitchinterval(SWITCH_SECONDS)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        stage = RealStage(app, Path(shutil.copytree(library, Path(folder) / "library")))
        stage.window.resize(1280, 800)
        stage.show()
        found = measure(stage)
        stage.window.close()
        stage.spin(2.0)
    print(json.dumps({name: round(value, 1) for name, value in found.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
