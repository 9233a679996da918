"""The picture of the real window, from a process of its own."""

from pathlib import Path
from typing import Any

import pytest

from studio.cli.picture import take_picture
from studio.domain.errors import StudioError
from tests.cli.conftest import Call

pytest.importorskip("PySide6")


def test_the_window_is_painted_on_the_library(trained: tuple[Call, dict[str, Any]], tmp_path: Path) -> None:
    out = tmp_path / "window.png"
    measured = take_picture(tmp_path / "library", "", out)
    assert out.read_bytes().startswith(b"\x89PNG")
    assert (measured["screenshot"], measured["torch_loaded"]) == (str(out), False)
    assert 0 < measured["first_paint_seconds"] < 60


def test_a_window_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.cli.picture.MODULE", "studio.gui.no_such_module")
    with pytest.raises(StudioError) as caught:
        take_picture(tmp_path / "library", "", tmp_path / "window.png")
    assert caught.value.code == "window_not_shown"
