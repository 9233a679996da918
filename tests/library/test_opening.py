"""Opening: one program at a time, no damage, no newer library, reading beside a writer."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from studio import paths
from studio.domain.changes import Kind
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.library.lock import LibraryLock
from studio.texts import sentence
from tests.library.examples import CHAT, PERSONA, TALKS, fill

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import os, sys
from pathlib import Path
from studio.library.lock import LibraryLock
lock = LibraryLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
os._exit(9)
"""


def code_of(folder: Path, *, read_only: bool = False) -> StudioError:
    with pytest.raises(StudioError) as caught:
        Library.open(folder, read_only)
    assert str(folder) in sentence(caught.value) or caught.value.code == "library_too_new"
    return caught.value


def test_another_program_is_refused_until_the_first_one_dies(tmp_path: Path) -> None:
    command, pipe = [sys.executable, "-c", HOLDER, str(tmp_path)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as holder:
        assert holder.stdout.readline() == "held\n"
        error = code_of(tmp_path)
        assert (error.code, error.details) == ("library_in_use", {"path": str(tmp_path)})
        holder.communicate("die\n", timeout=60)
    assert holder.returncode == 9
    Library.open(tmp_path).close()


def test_the_same_program_is_refused_too(library: Library) -> None:
    assert code_of(library.folder).code == "library_in_use"


def test_a_closed_library_can_be_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        Library.open(tmp_path).close()
    LibraryLock(tmp_path).release()


def test_pragmas(library: Library) -> None:
    value = library._database.value
    assert [value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")] == [
        "wal",
        2,
        1,
        5000,
    ]


def test_every_table_is_strict(library: Library) -> None:
    own = "name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'conversation_search%'"
    loose = f"SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND NOT strict AND {own}"
    assert library._database.column(loose) == []


def test_foreign_keys_hold(library: Library) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        library.conversations.add_many("nobody", TALKS)


def test_a_newer_library_is_refused_and_left_alone(tmp_path: Path) -> None:
    Library.open(tmp_path).close()
    with sqlite3.connect(paths.database(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = paths.database(tmp_path).read_bytes()
    assert code_of(tmp_path).code == "library_too_new"
    assert paths.database(tmp_path).read_bytes() == before


def test_a_damaged_library_is_told_and_left_alone(tmp_path: Path) -> None:
    paths.database(tmp_path).write_bytes(b"not a database at all" * 500)
    before = paths.database(tmp_path).read_bytes()
    assert code_of(tmp_path).code == "library_broken"
    assert code_of(tmp_path, read_only=True).code == "library_broken"
    assert paths.database(tmp_path).read_bytes() == before
    LibraryLock(tmp_path).release()


def test_damage_inside_is_told_when_it_is_met(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        fill(library)
    file = paths.database(tmp_path)
    data = bytearray(file.read_bytes())
    data[4096 : len(data)] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    assert code_of(tmp_path).code == "library_broken"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert code_of(tmp_path / "file").code == "library_unreadable"


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "library.lock").mkdir()
    assert code_of(tmp_path).code == "library_unreadable"


def test_reading_beside_a_writer(library: Library) -> None:
    fill(library)
    with Library.open(library.folder, read_only=True) as reader:
        assert reader.personas.all() == [PERSONA]
        assert reader.conversations.count(PERSONA.id, "dragons") == 1
        library.settings.set("theme", "light")
        assert reader.settings.get("theme") == "light"


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        fill(library)
    with Library.open(tmp_path, read_only=True) as reader:
        for change in (
            lambda: reader.settings.set("theme", "light"),
            lambda: reader.trash.remove(Kind.CHAT, CHAT.id),
            lambda: reader.personas.update(PERSONA),
            lambda: reader.files.put(b"x"),
        ):
            with pytest.raises(StudioError, match="library_read_only"):
                change()
        assert reader.settings.get("theme") == "dark"


def test_reading_needs_a_library(tmp_path: Path) -> None:
    assert code_of(tmp_path, read_only=True).code == "file_missing"
    assert list(tmp_path.iterdir()) == []
