"""What all tests share: a library of their own, no window on the screen, and the two bases that engine tests use."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.bases import starter_base_folder, write_tiny_base

os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_report_header() -> str:
    return "" if find_spec("torch") else "torch is not installed: the engine's own tests are left out"


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's library, nor gets out through a proxy."""
    monkeypatch.setenv("PERSONA_STUDIO_LIBRARY", str(tmp_path / "library"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def starter_base() -> Path:
    """The starter base, converted; downloaded once and kept in the user's cache. Mark such tests ``model``."""
    pytest.importorskip("torch")
    return starter_base_folder()


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base with random weights and a real tokenizer, made in a second."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("bases") / "tiny"
    write_tiny_base(folder)
    return folder
