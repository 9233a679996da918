"""A death or a full disk in the middle of a change: afterwards the library is as before it or as after it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio import paths
from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.library.library import Library
from tests.library.examples import PERSONA, contents, fill, integrity, said

ROOT = Path(__file__).resolve().parents[2]
# pandas makes the start slow and has no part in this.
DYING = """
import os, sys
sys.modules["pandas"] = None
from pathlib import Path
from studio.library.library import Library
from tests.library.test_crash import change
library, left = Library.open(Path(sys.argv[1])), int(sys.argv[2])
def count(statement):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
library._database.sqlite.conn.set_trace_callback(count)
change(library)
library._database.sqlite.conn.set_trace_callback(None)
print(int(sys.argv[2]) - left)
if sys.argv[3:] == ["exit"]:
    os._exit(9)
library.close()
"""


def change(library: Library) -> None:
    """Several steps that belong together."""
    with library.transaction():
        stored = library.conversations.page(PERSONA.id)[0]
        library.conversations.add_many(PERSONA.id, [said("one", "two"), said("three", "four")])
        library.conversations.update(stored.id, said("edited", "words"))
        library.trash.remove(Kind.RUN, "run-1")
        library.settings.set("changed", True)


def dying(folder: Path, statements: int, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", DYING, str(folder), str(statements), *more]
    return subprocess.run(command, timeout=120, check=False, text=True, capture_output=True, cwd=ROOT)


def filled(folder: Path) -> dict[str, Any]:
    with Library.open(folder) as library:
        fill(library)
        return contents(library)


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many statements the whole change takes."""
    folder = tmp_path_factory.mktemp("whole")
    filled(folder)
    whole = dying(folder, 1_000_000)
    assert whole.returncode == 0, whole.stderr
    return int(whole.stdout)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_death_between_the_steps_leaves_all_as_before(tmp_path: Path, statements: int, share: float) -> None:
    before = filled(tmp_path)
    assert dying(tmp_path, int(statements * share)).returncode == 9
    with Library.open(tmp_path) as library:
        assert integrity(library) == "ok"
        assert contents(library) == before


def test_a_death_at_the_commit_leaves_before_and_right_after_it_after(tmp_path: Path, statements: int) -> None:
    before = filled(tmp_path)
    assert dying(tmp_path, statements - 1).returncode == 9
    with Library.open(tmp_path) as library:
        assert contents(library) == before
    assert dying(tmp_path, 1_000_000, "exit").returncode == 9
    with Library.open(tmp_path) as library:
        assert integrity(library) == "ok"
        assert library.settings.get("changed") is True
        assert library.conversations.count(PERSONA.id) == 4
        assert library.runs.all() == []


def test_a_killed_writers_library_can_be_read_without_writing(tmp_path: Path) -> None:
    filled(tmp_path)
    assert dying(tmp_path, 1_000_000, "exit").returncode == 9
    with Library.open(tmp_path, read_only=True) as reader:
        assert reader.settings.get("changed") is True


def change_too_large(library: Library) -> None:
    with library.transaction():
        library.settings.set("changed", True)
        library.conversations.add_many(PERSONA.id, [said(f"{i} " * 400, "yes") for i in range(50)])


def test_a_full_disk_leaves_all_as_before(tmp_path: Path) -> None:
    before = filled(tmp_path)
    with Library.open(tmp_path) as library:
        pages = library._database.value("PRAGMA page_count")
        library._database.value(f"PRAGMA max_page_count = {pages + 2}")  # SQLite's own "no room left"
        with pytest.raises(StudioError) as caught:
            change_too_large(library)
        assert (caught.value.code, caught.value.details) == ("disk_full", {"path": str(paths.database(tmp_path))})
        assert contents(library) == before
        assert integrity(library) == "ok"
        library.settings.set("still", "writable")
    with Library.open(tmp_path) as library:
        assert library.settings.get("still") == "writable"
        assert library.settings.get("changed") is None
