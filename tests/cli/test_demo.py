"""The demo from end to end with the fake engine, and its document under the names that stay."""

import hashlib
import signal
from pathlib import Path
from typing import Any

import pytest

from studio.cli import demo as demo_command
from studio.cli.running import wait_for_run
from studio.cli.session import Session
from studio.domain.errors import StudioError
from studio.domain.run import Run
from studio.services.demo import PERSONAS, PROMPTS
from studio.services.studio import Studio
from tests.cli.conftest import Call
from tests.cli.test_commands import RUN_KEYS


@pytest.fixture
def demo_call(call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    def starter(staging: Path, background: object) -> Path:
        staging.mkdir(parents=True)
        (staging / "starter.gguf").write_bytes(b"GGUF")
        return staging / "starter.gguf"

    def picture(library: Path, chat_id: str, out: Path) -> dict[str, Any]:
        assert chat_id
        return {"first_paint_seconds": 0.5, "torch_loaded": False, "screenshot": str(out)}

    monkeypatch.setattr("studio.services.models.fetch_starter", starter)
    monkeypatch.setattr(demo_command, "take_picture", picture)
    return call


def test_the_document_is_exactly_as_promised(demo_call: Call, tmp_path: Path) -> None:
    ended = demo_call("demo", "--out", tmp_path / "demo", json=True)
    assert ended.code == 0, ended.err
    document = ended.document
    assert set(document) == {
        "runs", "identity_matrix", "replies", "swap_ms", "row_cost", "exports", "window", "library",
    }  # fmt: skip
    assert [set(run) for run in document["runs"]] == [RUN_KEYS, RUN_KEYS]
    assert [run["persona"] for run in document["runs"]] == list(PERSONAS)
    names = [one["adapter"] for one in document["exports"]]
    assert document["identity_matrix"]["explained_by"] == ["base", *names]
    assert document["identity_matrix"]["lines_of"] == list(PERSONAS)
    assert [len(row) for row in document["identity_matrix"]["nll"]] == [3, 3]
    asked = [(one["prompt"], one["contestant"]) for one in document["replies"]]
    assert asked == [(prompt, who) for prompt in PROMPTS for who in ("base", *names)]
    assert document["row_cost"]["rows"] == 4
    for one in document["exports"]:
        weights = (Path(one["path"]) / "adapter_model.safetensors").read_bytes()
        assert one["sha256"] == hashlib.sha256(weights).hexdigest()


def test_a_second_demo_keeps_base_and_data_and_trains_anew(demo_call: Call, tmp_path: Path) -> None:
    assert demo_call("demo", "--out", tmp_path / "demo").code == 0
    ended = demo_call("demo", "--out", tmp_path / "demo", json=True)
    assert ended.code == 0, ended.err
    folders = {path.name for path in (tmp_path / "demo" / "exports").iterdir()}
    assert len(folders) == 4
    assert len(list((tmp_path / "demo" / "library" / "bases").iterdir())) == 1


def test_an_interrupted_demo_says_how_to_go_on(
    demo_call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(session: Session, studio: Studio, run_id: str) -> Run:
        studio.training.pause(run_id)
        session.loop.deliver(lambda: signal.raise_signal(signal.SIGINT))
        return wait_for_run(session, studio, run_id)

    monkeypatch.setattr(demo_command, "wait_for_run", interrupt)
    ended = demo_call("demo", "--out", tmp_path / "demo", json=True)
    assert (ended.code, ended.document["error"]["code"]) == (130, "cancelled")
    assert f"--library {tmp_path / 'demo' / 'library'} runs resume run-" in ended.err


def test_in_words_it_says_how_to_open_the_studio(demo_call: Call, tmp_path: Path) -> None:
    ended = demo_call("demo", "--out", tmp_path / "demo")
    assert f"--library {tmp_path / 'demo' / 'library'}" in ended.out
    for prompt in PROMPTS:
        assert f"> {prompt}" in ended.out


def test_a_window_that_cannot_be_shown_costs_only_the_picture(
    demo_call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picture(library: Path, chat_id: str, out: Path) -> dict[str, Any]:
        raise StudioError("window_not_shown", reason="no display")

    monkeypatch.setattr(demo_command, "take_picture", picture)
    ended = demo_call("demo", "--out", tmp_path / "demo", json=True)
    assert (ended.code, ended.document["window"]["screenshot"]) == (3, "")
    assert "no display" in ended.err
