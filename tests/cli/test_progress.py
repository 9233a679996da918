"""Progress in words: every kind that services and engine tell has some, and a pipe gets lines, not bars."""

import re
from pathlib import Path

import pytest

import studio
from studio.cli.progress import WORDS, LineView
from studio.services.job import Progress

_KINDS = re.compile(r'\bJob\("(\w+)"|\bReplyJob\("(\w+)"|background\.tell\("(\w+)"|Progress\([^)]*\bwhat="(\w+)"')


def test_every_kind_of_progress_has_words() -> None:
    source = Path(studio.__file__).parent
    files = [*(source / "services").glob("*.py"), *(source / "engine").rglob("*.py")]
    found = {kind for file in files for match in _KINDS.findall(file.read_text(encoding="utf-8")) for kind in match}
    found.discard("")
    assert {"loading", "converting", "downloading", "explaining"} <= found
    assert found <= set(WORDS)


def test_a_pipe_gets_a_line_when_something_else_begins(capsys: pytest.CaptureFixture[str]) -> None:
    view = LineView()
    for step in range(50):
        view.show(Progress(what="training", done=step, total=100), f"step {step}")
    view.show(Progress(what="evaluating"))
    assert capsys.readouterr().err.splitlines() == ["training 0%  step 0", "measuring held-out lines"]
