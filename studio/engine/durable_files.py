"""Folders that are there whole or not at all: staged, flushed to disk, sealed by a manifest, renamed."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from studio.atomic_files import sync_file, sync_folder
from studio.domain.errors import StudioError

MANIFEST = "manifest.json"


def write_folder(folder: Path, files: Mapping[str, bytes], *, manifest: bool = False) -> None:
    """Write ``folder`` with these files: after a crash it is there whole or it is not there.

    One that stands in the way (a damaged checkpoint, written again) is moved aside first and deleted last.
    """
    staging = folder.with_name(f".staging-{folder.name}")
    aside = folder.with_name(f".staging-old-{folder.name}")
    shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(aside, ignore_errors=True)
    try:
        staging.mkdir(parents=True)
        for name, content in files.items():
            _write_flushed(staging / name, content)
        if manifest:
            _write_flushed(staging / MANIFEST, _manifest(files))
        sync_folder(staging)
        if folder.exists():
            folder.replace(aside)
        staging.replace(folder)
        sync_folder(folder.parent)
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def check_folder(folder: Path) -> None:
    """Compare a folder with its manifest; ``checkpoint_broken`` names the first file that differs."""
    try:
        listed: dict[str, dict[str, object]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, entry in listed.items():
            content = (folder / name).read_bytes()
            if entry != _entry(content):
                raise StudioError("checkpoint_broken", path=str(folder), reason=f"{name} has changed")
    except (OSError, ValueError) as error:
        raise StudioError("checkpoint_broken", path=str(folder), reason=str(error)) from error


def _manifest(files: Mapping[str, bytes]) -> bytes:
    return json.dumps({name: _entry(content) for name, content in files.items()}, indent=2).encode()


def _entry(content: bytes) -> dict[str, object]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write_flushed(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        sync_file(file.fileno())
