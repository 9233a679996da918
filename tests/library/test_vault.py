"""Files are there whole or not at all."""

import errno
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio import atomic_files
from studio.domain.errors import StudioError
from studio.library.file_vault import FileVault

ROOT = Path(__file__).resolve().parents[2]
CONTENT = b"portrait" * 1000
NAME = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    (tmp_path / "files").mkdir()
    return FileVault(tmp_path / "files")


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_bytes_and_files_are_named_by_their_content(vault: FileVault, tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(CONTENT)
    assert vault.put(CONTENT) == vault.put(tmp_path / "in.png") == NAME
    assert files_in(vault.folder) == [vault.path(NAME)] == [vault.folder / NAME[:2] / NAME[2:]]
    assert vault.read(NAME) == CONTENT
    assert vault.exists(NAME)
    assert not vault.exists("0" * 64)


def test_the_same_content_is_written_once(vault: FileVault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.put(CONTENT)
    monkeypatch.setattr(atomic_files, "writing", None)
    assert vault.put(CONTENT) == NAME


def test_a_name_that_is_no_hash_is_never_a_path(vault: FileVault) -> None:
    for name in ("", "..", "../../etc/passwd", "g" * 64, "A" * 64):
        assert not vault.exists(name)
        with pytest.raises(ValueError, match="SHA-256"):
            vault.path(name)


def test_a_changed_file_is_not_handed_out(vault: FileVault) -> None:
    vault.put(CONTENT)
    vault.path(NAME).write_bytes(CONTENT[:-1])
    with pytest.raises(StudioError, match="vault_file_broken"):
        vault.read(NAME)


def test_a_missing_source_is_the_users_trouble(vault: FileVault, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="file_missing"):
        vault.put(tmp_path / "nothing.png")


def test_a_vault_for_reading_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="library_read_only"):
        FileVault(tmp_path, read_only=True).put(CONTENT)


def no_space(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FullDisk(io.FileIO):
    """A file whose writes find no room."""

    def write(self, data: Any) -> int:
        return int(no_space(data))


def on_full_disk(path: Path, mode: str = "r", *more: Any) -> io.IOBase:
    return FullDisk(path, mode) if "x" in mode else io.open(path, mode, *more)  # noqa: UP020 (Path.open is replaced)


STEPS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "mkdir": lambda patch: patch.setattr(Path, "mkdir", no_space),
    "write": lambda patch: patch.setattr(Path, "open", on_full_disk),
    "sync": lambda patch: patch.setattr(atomic_files, "sync_file", no_space),
    "rename": lambda patch: patch.setattr(os, "replace", no_space),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_full_disk_at_any_step_leaves_all_as_it_was(
    vault: FileVault, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    other = vault.put(b"already there")
    with monkeypatch.context() as patch:
        STEPS[step](patch)
        with pytest.raises(StudioError, match="disk_full"):
            vault.put(CONTENT)
    assert files_in(vault.folder) == [vault.path(other)]
    assert vault.put(CONTENT) == NAME


def test_an_interrupted_overwrite_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "settings.json"
    atomic_files.write_bytes(target, b"old")
    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(StudioError, match="disk_full"):
        atomic_files.write_bytes(target, b"new")
    assert files_in(tmp_path) == [target]
    assert target.read_bytes() == b"old"


def test_a_folder_appears_in_one_step(tmp_path: Path) -> None:
    staged = atomic_files.partial_path(tmp_path)
    (staged / "inner").mkdir(parents=True)
    (staged / "inner" / "weights").write_bytes(CONTENT)
    atomic_files.place_folder(staged, tmp_path / "adapter")
    assert files_in(tmp_path) == [tmp_path / "adapter" / "inner" / "weights"]


CRASH = """
import os, sys
from pathlib import Path
from studio import atomic_files
from studio.library.file_vault import FileVault
folder, point, after = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "after"
place = os if hasattr(os, point) else atomic_files
true = getattr(place, point)
def dying(*values):
    if after: true(*values)
    os._exit(9)
setattr(place, point, dying)
FileVault(folder).put(b"portrait" * 1000)
"""
POINTS = ["mkdir", "fsync", "sync_file", "replace", "sync_folder"]


# The first folder that is synced is the new one of two letters, before anything is written into it.
STORED = {("replace", "after")}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_a_death_at_any_point_leaves_before_or_after(vault: FileVault, point: str, when: str) -> None:
    if point == "fsync" and sys.platform == "darwin":
        pytest.skip("macOS syncs files by another call")
    command = [sys.executable, "-c", CRASH, str(vault.folder), point, when]
    died = subprocess.run(command, timeout=60, check=False, cwd=ROOT)
    assert died.returncode == 9
    assert vault.exists(NAME) == ((point, when) in STORED)
    if vault.exists(NAME):
        assert vault.read(NAME) == CONTENT
    atomic_files.remove_partials(vault.folder / NAME[:2], before=float("inf"))
    assert vault.put(CONTENT) == NAME
    assert files_in(vault.folder) == [vault.path(NAME)]
