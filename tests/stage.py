"""A real window on a real library, filled with the sample personas by the fake engine."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog

from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.gui.main_thread import MainThread
from studio.gui.main_window import MainWindow
from studio.gui.theme.switcher import apply_theme
from studio.gui.window.window_state import WindowState
from studio.services.job import Job
from studio.services.studio import Studio
from tests.fake_engine_work import write_safetensors

FAKE_ENGINE = (sys.executable, "-m", "tests.fake_engine")


class Stage:
    """Everything that a scene needs. Closing the window closes the studio."""

    def __init__(self, app: QApplication, folder: Path, theme: str = "dark") -> None:
        self.app, self.folder = app, folder
        self._thread = MainThread(app)
        apply_theme(app, theme)
        library = folder / "library"
        self.studio = Studio.open(library, deliver=self._thread.deliver, engine_command=FAKE_ENGINE)
        self.studio.settings.set("theme", theme)
        self.studio.settings.set("first_start_done", True)
        self.window = MainWindow(WindowState(library))

    def show(self) -> None:
        """Show the window on the library."""
        self.window.show()
        self.window.attach(self.studio)
        self.spin()

    def spin(self, seconds: float = 0.15) -> None:
        """Let the window live for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.processEvents()
            time.sleep(0.005)

    def until(self, reached: Callable[[], object], seconds: float = 60.0) -> None:
        """Let the window live until something is so."""
        end = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > end:
                raise TimeoutError(f"not reached within {seconds} s")
            self.spin(0.02)

    def finished(self, job: Job[object]) -> object:
        """Wait for a job and return its result."""
        self.until(lambda: job.ended)
        if job.error is not None:
            raise job.error
        return job.result

    def fill(self) -> None:
        """Sample personas, a base, one finished run each for two of them, one run under way, one chat."""
        self.studio.samples.import_all()
        self.add_base()
        people = self.people()
        for persona in people[:2]:
            self.train(persona)
        self.chat()
        if len(people) > 2:
            self.train_slowly(people[2])

    def add_base(self) -> None:
        """A base of nothing but shapes."""
        folder = self.folder / "SmolLM2-135M-Instruct"
        folder.mkdir()
        (folder / "config.json").write_text("{}", encoding="utf-8")
        write_safetensors(folder / "model.safetensors", {"w": (2, 2)})
        self.finished(self.studio.models.add(folder))  # type: ignore[arg-type]

    def people(self) -> list[Persona]:
        """The personas by name."""
        return [summary.persona for summary in self.studio.personas.list()]

    def train(self, persona: Persona) -> Run:
        """Train to the end."""
        run = self.studio.training.start(persona.id, preset="taste")
        self.finished(self.studio.training.wait_job(run.id))  # type: ignore[arg-type]
        return self.studio.training.get(run.id)

    def train_slowly(self, persona: Persona) -> None:
        """Leave a run under way, some steps in, at a pace to look at."""
        os.environ["FAKE_ENGINE_SPEED"] = "0.4"
        self.studio.engine.restart()
        run = self.studio.training.start(persona.id, preset="balanced", options={"epochs": 1000.0, "max_steps": 1500})
        self.until(lambda: self._step(run.id) >= 60)

    def _step(self, run_id: str) -> int:
        live = self.studio.training.live(run_id)
        failed = self.studio.training.get(run_id).state is RunState.FAILED
        if failed:
            raise RuntimeError(self.studio.training.get(run_id).failure)
        return live.step if live else 0

    def chat(self) -> None:
        """Ask everybody something."""
        chat = self.studio.chats.create("The storm", self.studio.chats.suggested_contestants()[:3])
        for words in ("The barometer just fell off the wall. What do we do?",):
            self.finished(self.studio.chats.ask(chat.id, words, seed=7))  # type: ignore[arg-type]

    def close(self) -> None:
        """Close window, studio and engine."""
        for dialog in self.window.findChildren(QDialog):
            dialog.close()
        self.window.close()
        self.spin(0.05)
