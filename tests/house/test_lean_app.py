"""torch and its kind stay out of the app's process; everything but the engine works where they are not installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.house.studio_source import ROOT

WITHOUT_TORCH = Path(__file__).resolve().parent / "without_torch"
LEAN_TESTS = ("tests/importers/test_samples.py", "tests/library/test_stores.py", "tests/services/test_end_to_end.py")


def _python(*words: str, torch: bool = True, seconds: float = 500) -> subprocess.CompletedProcess[str]:
    path = [] if torch else [str(WITHOUT_TORCH)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*path, str(ROOT)])}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8",
        timeout=seconds,
    )  # fmt: skip


def test_the_whole_app_loads_no_heavy_library() -> None:
    done = _python("-m", "tests.house.whole_app")
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["modules"] > 150
    assert told["pages"] == 7
    assert told["heavy"] == []


def test_the_missing_torch_is_really_missing() -> None:
    """The proof below is worth as much as this."""
    looks = (
        "from importlib.util import find_spec; print(*(find_spec(name) is None for name in ('torch', 'peft', 'click')))"
    )
    assert _python("-c", looks, torch=False).stdout.split() == ["True", "True", "False"]


def test_everything_but_the_engine_passes_without_torch() -> None:
    """A selection (``.ci/run`` has them all): reading, storing, services on a fake engine that has none either."""
    done = _python("-m", "pytest", "-q", "-x", "-m", "not model", "-p", "no:cacheprovider", *LEAN_TESTS, torch=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def test_the_engine_says_which_package_is_missing() -> None:
    """The real engine, where torch is not installed, ends with a sentence and not with a traceback on stdout."""
    done = _python("-m", "studio", "--engine", torch=False, seconds=60)
    assert "torch" in done.stdout
    assert "engine_missing_packages" in done.stdout
    assert "Traceback" not in done.stdout
