"""A studio with the fake engine, a base that is there already, and a persona with data."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.persona import Persona
from studio.importers import ImportItem, ImportPlan, PersonaDraft
from studio.services.studio import Studio
from tests.fake_engine_work import write_safetensors
from tests.services.app_thread import AppThread

FAKE_ENGINE = [sys.executable, "-m", "tests.fake_engine"]


@pytest.fixture
def app() -> AppThread:
    return AppThread()


@pytest.fixture(autouse=True)
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "40")


@pytest.fixture
def open_studio(tmp_path: Path, app: AppThread) -> Iterator[Callable[[], Studio]]:
    opened: list[Studio] = []

    def open_it() -> Studio:
        studio = Studio.open(tmp_path / "library", deliver=app.deliver, engine_command=FAKE_ENGINE)
        opened.append(studio)
        return studio

    yield open_it
    for studio in opened:
        studio.close()


@pytest.fixture
def studio(open_studio: Callable[[], Studio]) -> Studio:
    return open_studio()


@pytest.fixture
def base(studio: Studio, app: AppThread, tmp_path: Path) -> BaseModel:
    folder = tmp_path / "tiny-base"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    write_safetensors(folder / "model.safetensors", {"w": (2, 2)})
    job = studio.models.add(folder)
    app.until(lambda: job.ended)
    assert job.result is not None, job.error
    return job.result


def conversation(number: int, words: str = "Aye") -> Conversation:
    """Four turns that no other number shares."""
    return Conversation(
        turns=(
            Turn(role=Role.USER, text=f"Question {number} from {{{{user}}}}?"),
            Turn(role=Role.PERSONA, text=f"{words}, says {{{{char}}}}, answer {number}.", alternatives=("Nay.",)),
            Turn(role=Role.USER, text="And then?"),
            Turn(role=Role.PERSONA, text=f"Then comes number {number + 1}, <USER>."),
        ),
        title=f"Talk {number}",
    )


def add_persona(studio: Studio, name: str, conversations: int = 40) -> Persona:
    """Through the front door: an import."""
    item = ImportItem(
        path=Path(f"{name}.txt"), format="plain_script", format_label="Script", persona_name=name,
        card=PersonaDraft(name=name, system_prompt="You are {{char}}.", card={"name": name, "extra": 1}),
        conversations=tuple(conversation(number, name) for number in range(conversations)),
    )  # fmt: skip
    report = studio.imports.commit(ImportPlan(items=(item,)))
    return studio.personas.get(report.personas[0].persona_id)


@pytest.fixture
def persona(studio: Studio) -> Persona:
    return add_persona(studio, "Oswin")
