"""Folders that are there whole or not at all: staged, flushed to disk, sealed by a manifest last, renamed."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from studio.atomic_files import disk_troubles, sync_file, sync_folder
from studio.domain.errors import StudioError

MANIFEST = "manifest.json"

Content = bytes | Iterable[bytes | memoryview]
"""A file's bytes, or its pieces one after the other: what is large need not be in memory as a whole."""


def reached(act: str, path: Path, to: Path | None = None) -> None:
    """Told before every act on the disk: make, write, sync, names, rename, remove. Tests break off at each of them."""


def write_folder(folder: Path, files: Mapping[str, Content], *, manifest: bool = False) -> None:
    """Write ``folder`` with these files: after a crash it is there whole or it is not there.

    One that stands in the way (a damaged checkpoint, written again) is moved aside first and deleted last.
    """
    staging = folder.with_name(f".staging-{folder.name}")
    aside = _aside(folder)
    with disk_troubles(folder):
        try:
            _remove(staging)
            _remove(aside)
            _make(staging)
            entries = {name: _write_flushed(staging / name, content) for name, content in files.items()}
            if manifest:
                _write_flushed(staging / MANIFEST, json.dumps(entries, indent=2).encode())
            _sync_names(staging)
            if folder.exists():
                _rename(folder, aside)
            _rename(staging, folder)
            _sync_names(folder.parent)
            _remove(aside)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise


def remove_folder(folder: Path) -> None:
    """Delete a folder; after a crash it is there whole or it is not there under its name."""
    aside = _aside(folder)
    _remove(aside)
    _rename(folder, aside)
    _remove(aside)


def check_folder(folder: Path) -> None:
    """Compare a folder with its manifest; ``checkpoint_broken`` names the first file that differs."""
    try:
        listed: dict[str, dict[str, object]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, entry in listed.items():
            if entry != _entry_of(folder / name):
                raise StudioError("checkpoint_broken", path=str(folder), reason=f"{name} has changed")
    except (OSError, ValueError, AttributeError) as error:
        raise StudioError("checkpoint_broken", path=str(folder), reason=str(error)) from error


def _entry_of(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _aside(folder: Path) -> Path:
    return folder.with_name(f".staging-old-{folder.name}")


def _make(folder: Path) -> None:
    """Make a folder and those above it; a new one's name lies in its parent, which is synced for that."""
    missing = [one for one in folder.parents if not one.exists()]
    for one in (*reversed(missing), folder):
        reached("make", one)
        one.mkdir()
    for one in reversed(missing):
        _sync_names(one.parent)


def _write_flushed(path: Path, content: Content) -> dict[str, object]:
    """Write a file piece by piece and return its entry of the manifest."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for piece in (content,) if isinstance(content, bytes) else content:
            reached("write", path)
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        reached("sync", path)
        file.flush()
        sync_file(file.fileno())
    return {"size": size, "sha256": digest.hexdigest()}


def _sync_names(folder: Path) -> None:
    reached("names", folder)
    sync_folder(folder)


def _rename(source: Path, target: Path) -> None:
    reached("rename", source, target)
    source.replace(target)


def _remove(folder: Path) -> None:
    """Delete what is in nobody's way any more; what cannot be deleted now is tried again the next time."""
    if folder.exists():
        reached("remove", folder)
        shutil.rmtree(folder, ignore_errors=True)
