"""A studio on a library of its own (its engine is the fake one, and starts only when a test asks something of it)."""

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.base_model import BaseModel
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.gui.main_thread import MainThread
from studio.gui.theme.switcher import apply_theme
from studio.importers import ImportItem, ImportPlan
from studio.services.studio import Studio
from studio.texts import sentence
from tests.fake_engine_work import write_safetensors

PATIENCE = 30_000


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    """What a chat page left out of Python's search for garbage is looked for again after each test."""
    yield
    gc.unfreeze()


class Here:
    """A navigator that writes down what pages ask for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.toasts: list[tuple[str, Callable[[], None] | None]] = []
        self.errors: list[str] = []
        self.widget = QWidget()

    def open_page(self, name: str, **args: object) -> None:
        self.asked.append((name, args))

    def open_persona(self, persona_id: str, tab: str = "card") -> None:
        self.asked.append(("persona", (persona_id, tab)))

    def open_train(self, persona_id: str = "") -> None:
        self.asked.append(("train", persona_id))

    def open_chat(self, contestants: Any = (), chat_id: str = "") -> None:
        self.asked.append(("chat", tuple(contestants)))

    def import_files(self, paths: Any = (), persona: str = "") -> None:
        self.asked.append(("import", (tuple(paths), persona)))

    def toast(self, text: str, undo: Callable[[], None] | None = None) -> None:
        self.toasts.append((text, undo))

    def show_error(self, error: StudioError) -> None:
        self.errors.append(sentence(error))

    def reopen(self, library: Path) -> None:
        self.asked.append(("library", library))

    def window_widget(self) -> QWidget:
        return self.widget


@pytest.fixture
def studio(tmp_path: Path, qapp: QApplication) -> Iterator[Studio]:
    apply_theme(qapp, "dark")
    command = [sys.executable, "-m", "tests.fake_engine"]
    opened = Studio.open(tmp_path / "library", deliver=MainThread(qapp).deliver, engine_command=command)
    opened.settings.set("theme", "dark")
    opened.settings.set("first_start_done", True)
    yield opened
    opened.close()


@pytest.fixture
def here(qapp: QApplication) -> Iterator[Here]:
    """Its widget is the parent of dialogs, so it is destroyed by Qt, in order, not by Python's garbage collection."""
    made = Here()
    yield made
    made.widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def talk(number: int, turns: int = 2) -> Conversation:
    """``turns`` questions and answers that no other number shares; answers have two alternatives."""
    said: list[Turn] = []
    for place in range(turns):
        said.append(Turn(role=Role.USER, text=f"Question {number}.{place} about the harbour, please?", speaker="Wren"))
        said.append(
            Turn(
                role=Role.PERSONA, text=f"Answer {number}.{place} comes slowly from the kitchen.", speaker="Oswin",
                alternatives=(f"No {number}.{place}.", f"Perhaps {number}.{place}."),
            )
        )  # fmt: skip
    return Conversation(turns=tuple(said), title=f"Talk {number}", source="talks.jsonl")


@pytest.fixture
def base(qtbot: QtBot, studio: Studio, tmp_path: Path) -> BaseModel:
    """A folder that looks like a base."""
    return add_base(studio, qtbot, tmp_path)


def add_base(studio: Studio, qtbot: QtBot, place: Path) -> BaseModel:
    """For a studio that a test opened itself."""
    folder = place / "Small-Instruct"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    write_safetensors(folder / "model.safetensors", {"w": (2, 2)})
    job = studio.models.add(folder)
    qtbot.waitUntil(lambda: job.ended, timeout=PATIENCE)
    assert job.result is not None
    return job.result


def add_persona(studio: Studio, name: str, conversations: int = 12, turns: int = 2) -> Persona:
    """Through the front door: an import."""
    item = ImportItem(
        path=Path(f"{name}.jsonl"), format="chat_dataset", format_label="Chat dataset", persona_name=name,
        conversations=tuple(talk(number, turns) for number in range(conversations)),
    )  # fmt: skip
    report = studio.imports.commit(ImportPlan(items=(item,)))
    return studio.personas.get(report.personas[0].persona_id)
