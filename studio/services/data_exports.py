"""The data bench, exports: a version out of the library, whole or not at all."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from studio import atomic_files
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.exporters.datasets.dataset_exporter import (
    DATASET_EXPORTERS,
    SIDES,
    DatasetExporter,
    DatasetExportRequest,
    ExportedConversation,
)
from studio.library.library import Library
from studio.library.version_file import read_version
from studio.services.background import Background
from studio.services.data_desk import DataPart
from studio.services.job import Job

_TOLD_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class ExportFormatInfo:
    """A format that versions can be exported to. ``folder``: it makes a folder, not a file."""

    name: str
    label: str
    summary: str
    suffix: str
    folder: bool = False


class DataExports(DataPart):
    """Every format is one file in ``exporters/datasets``."""

    def export_formats(self) -> list[ExportFormatInfo]:
        """The formats that versions can be exported to."""
        return [
            ExportFormatInfo(name=one.name, label=one.label, summary=one.summary, suffix=one.suffix, folder=one.folder)
            for one in DATASET_EXPORTERS.all().values()
        ]

    def export_version(
        self, dataset_id: str, format: str, path: Path, *, side: str = "all", filled: bool = False
    ) -> Job[Path]:
        """Write a version to a file or folder that is not there yet; ``side`` is all, train or heldout.

        ``filled``: as training reads it, with the persona's system prompt before every conversation and names in
        place of ``{{char}}`` and ``{{user}}``. Otherwise as it stands here, so that it can come back the same.
        """
        version = self._library.datasets.get(dataset_id)
        if version is None:
            raise StudioError("not_found", what="dataset version", name=dataset_id)
        exporter = _exporter(format)
        if side not in SIDES:
            raise StudioError("export_side_unknown", side=side, known=", ".join(SIDES))
        request = self._request(version, side, filled)

        def write(reader: Library, background: Background) -> Path:
            background.tell("exporting")
            _write(exporter, _interruptible(request, background, version.conversations), path)
            return path

        return self._desk.in_background("exporting", write, lambda done: done)

    def _request(self, version: DatasetVersion, side: str, filled: bool) -> DatasetExportRequest:
        file = self._library.files.path(version.content)

        def conversations() -> Iterator[ExportedConversation]:
            for line in read_version(file):
                yield ExportedConversation(key=line.key, heldout=line.heldout, conversation=line.conversation)

        persona = self._library.personas.get(version.persona_id) or Persona(id=version.persona_id, name="")
        return DatasetExportRequest(
            conversations=conversations,
            persona=persona,
            user_name=self._desk.settings.text("user_name"),
            fill_macros=filled,
            system_prompt=persona.system_prompt if filled else "",
            side=side,
        )


def _exporter(name: str) -> DatasetExporter:
    known = DATASET_EXPORTERS.all()
    if name not in known:
        raise StudioError("export_format_unknown", name=name, known=", ".join(known))
    return known[name]


def _interruptible(request: DatasetExportRequest, background: Background, total: int) -> DatasetExportRequest:
    """The same request, told about while it is read and given up when nobody wants it any more."""

    def conversations() -> Iterator[ExportedConversation]:
        for at, one in enumerate(request.conversations()):
            if at % _TOLD_EVERY == 0:
                background.tell("exporting", at, total)
            yield one

    return replace(request, conversations=conversations)


def _write(exporter: DatasetExporter, request: DatasetExportRequest, path: Path) -> None:
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise StudioError("export_exists", path=str(path))
    with atomic_files.disk_troubles(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = atomic_files.partial_path(path.parent)
        try:
            if exporter.folder:
                staged.mkdir()
            if not exporter.write(request, staged).rows:
                raise StudioError("export_nothing")
            if path.is_dir():
                path.rmdir()
            _place(staged, path)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True) if staged.is_dir() else staged.unlink(missing_ok=True)
            raise


def _place(staged: Path, path: Path) -> None:
    if staged.is_dir():
        atomic_files.place_folder(staged, path)
    else:
        atomic_files.place_file(staged, path)
