"""Writing an export: into a folder beside the target, then into its place in one step."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from studio import atomic_files
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.exporters.exporter import Exporter, ExportRequest
from studio.library.export_store import Export


@dataclass(frozen=True, kw_only=True)
class ExportReport:
    """What was written. ``sha256`` is by file name."""

    path: Path
    files: tuple[str, ...]
    sha256: dict[str, str]

    def row(self, adapter_id: str, format: str) -> Export:
        """The export as the library keeps it; its content is the SHA-256 over all files' names and hashes."""
        listed = json.dumps(self.sha256, sort_keys=True).encode()
        return Export(
            id=new_id("export"),
            adapter_id=adapter_id,
            format=format,
            path=str(self.path),
            content=hashlib.sha256(listed).hexdigest(),
            created_at=now(),
        )


def write_export(exporter: Exporter, request: ExportRequest, out: Path) -> ExportReport:
    """Write ``out`` completely or not at all; may run on any thread."""
    _check_target(out)
    with atomic_files.disk_troubles(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        staged = atomic_files.partial_path(out.parent)
        try:
            staged.mkdir()
            exporter.write(request, staged)
            if out.exists():
                out.rmdir()
            atomic_files.place_folder(staged, out)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
    return _report(out)


def _check_target(out: Path) -> None:
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise StudioError("export_exists", path=str(out))


def _report(out: Path) -> ExportReport:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    names = tuple(path.relative_to(out).as_posix() for path in files)
    return ExportReport(path=out, files=names, sha256=dict(zip(names, map(_sha256, files), strict=True)))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
