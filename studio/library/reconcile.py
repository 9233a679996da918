"""After a start: what the database says and what lies on the disk are compared, both ways."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio import paths
from studio.atomic_files import remove_partials
from studio.domain.clock import now
from studio.domain.run import RunState

if TYPE_CHECKING:
    from studio.library.library import Library


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """``code`` has its sentence in ``texts.py``; ``item_id`` is empty for a folder that no row knows."""

    code: str
    path: Path
    kind: str = ""
    item_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was found and done. Nothing that a user made is ever removed."""

    interrupted: tuple[str, ...] = ()
    findings: tuple[Discrepancy, ...] = ()
    removed: tuple[Path, ...] = ()


def reconcile(library: "Library", started: float) -> Reconciliation:
    """Mark runs that died, find rows without files and folders without rows, clear what was never finished."""
    return Reconciliation(
        interrupted=tuple(_interrupt_runs(library)),
        removed=tuple(_clear_partials(library.folder, started)),
        findings=(*_missing(library), *_unknown_adapters(library)),
    )


def _interrupt_runs(library: "Library") -> list[str]:
    left = [run.id for run in library.runs.in_state(RunState.RUNNING)]
    with library.transaction():
        for run_id in left:
            library.runs.update(run_id, state=RunState.INTERRUPTED, ended_at=now())
    return left


def _clear_partials(folder: Path, started: float) -> list[Path]:
    rooms = [paths.vault(folder), paths.bases(folder), paths.runs(folder), paths.adapters(folder)]
    return [path for room in rooms for path in _clear_below(room, started, depth=2)]


def _clear_below(folder: Path, started: float, depth: int) -> list[Path]:
    """Clear a folder and the folders in it, ``depth`` levels down (checkpoints lie in ``runs/<id>/checkpoints``)."""
    removed = remove_partials(folder, started)
    if depth:
        inner = [path for path in folder.iterdir() if path.is_dir()]
        removed += [path for below in inner for path in _clear_below(below, started, depth - 1)]
    return removed


def _missing(library: "Library") -> list[Discrepancy]:
    portraits = [("persona", persona.id, persona.portrait) for persona in library.personas.all() if persona.portrait]
    versions = [("dataset", version.id, version.content) for version in library.datasets.all()]
    folders = [("base", base.id, base.path) for base in library.bases.all()]
    folders += [("adapter", adapter.id, adapter.path) for adapter in library.adapters.all()]
    # Paths may be absolute (a base elsewhere on this machine): joining leaves those as they are.
    lost = [
        *(_lost(*row, library.files.folder) for row in [*portraits, *versions] if not library.files.exists(row[2])),
        *(_lost(*row, library.folder) for row in folders if not (library.folder / row[2]).exists()),
    ]
    return lost


def _lost(kind: str, item_id: str, name: str, folder: Path) -> Discrepancy:
    return Discrepancy(code="library_file_missing", kind=kind, item_id=item_id, path=folder / name)


def _unknown_adapters(library: "Library") -> list[Discrepancy]:
    known = {library.folder / adapter.path for adapter in library.adapters.all()}
    known |= {library.folder / row["path"] for row in library.trash.rows("adapters")}  # may yet come back
    room = paths.adapters(library.folder)
    return [
        Discrepancy(code="library_folder_unknown", kind="adapter", path=folder)
        for folder in sorted(room.iterdir())
        if folder.is_dir() and not folder.name.startswith(".") and not _holds(folder, known)
    ]


def _holds(folder: Path, known: set[Path]) -> bool:
    return any(path.is_relative_to(folder) for path in known)
