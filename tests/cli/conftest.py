"""The command line as a user calls it, on a library of its own, with the fake engine."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run_command_line
from tests.fake_engine_work import write_safetensors

FAKE_ENGINE = json.dumps([sys.executable, "-m", "tests.fake_engine"])


@dataclass
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The whole of stdout as one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Ended]


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_STUDIO_ENGINE_COMMAND", FAKE_ENGINE)
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """``call("data", "show", "Tik", json=True)``."""

    def run(*words: object, json: bool = False) -> Ended:
        capsys.readouterr()
        before = ["--library", str(tmp_path / "library"), *(["--json"] if json else [])]
        code = run_command_line([*before, *map(str, words)])
        said = capsys.readouterr()
        return Ended(int(code), said.out, said.err)

    return run


SCENES = [f"GUEST: Question {n}, what of it?\nORIN: Answer {n}, says Orin, and mind the step." for n in range(40)]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Forty short scenes of one persona."""
    return _write_script(tmp_path)


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases") / "tiny-base"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    write_safetensors(folder / "model.safetensors", {"w": (2, 2)})
    return folder


@pytest.fixture(scope="session")
def stocked_library(tmp_path_factory: pytest.TempPathFactory, base_folder: Path) -> Path:
    """Made once by the command line itself; tests get a copy."""
    folder = tmp_path_factory.mktemp("stocked")
    script = _write_script(folder)
    _make(folder / "library", "import", str(script), "--persona", "Orin", "--speaker", "ORIN")
    _make(folder / "library", "models", "add", str(base_folder))
    return folder / "library"


@pytest.fixture(scope="session")
def trained_library(tmp_path_factory: pytest.TempPathFactory, stocked_library: Path) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "library"
    shutil.copytree(stocked_library, folder)
    _make(folder, "train", "Orin", "--preset", "taste", "--set", "max_steps=3")
    return folder


@pytest.fixture
def stocked(call: Call, stocked_library: Path, tmp_path: Path) -> Call:
    """A library with a persona and a base."""
    shutil.copytree(stocked_library, tmp_path / "library")
    return call


@pytest.fixture
def trained(call: Call, trained_library: Path, tmp_path: Path) -> tuple[Call, dict[str, Any]]:
    """A library with an adapter, and the document of the run that made it."""
    shutil.copytree(trained_library, tmp_path / "library")
    return call, call("runs", "list", json=True).document[0]


def _write_script(folder: Path) -> Path:
    path = folder / "lantern.txt"
    path.write_text("\n\n---\n\n".join(SCENES), encoding="utf-8")
    return path


def _make(library: Path, *words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSONA_STUDIO_ENGINE_COMMAND", FAKE_ENGINE)
        patch.setenv("FAKE_ENGINE_SPEED", "0")
        assert run_command_line(["--library", str(library), *words]) == 0
