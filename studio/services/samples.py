"""The sample personas that come with the program: to meet, to train on, to break."""

from dataclasses import dataclass
from pathlib import Path

from studio import paths
from studio.services.imports import ImportReport, Imports

PORTRAITS = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, kw_only=True)
class SamplePersona:
    """One sample: a folder with a card and conversations."""

    name: str
    tagline: str
    portrait: Path | None
    files: tuple[Path, ...]


class Samples:
    """Reads ``sample_data/personas``; importing twice adds nothing."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    def available(self) -> list[SamplePersona]:
        """The samples, by folder name."""
        return [self._sample(folder) for folder in self._folders()]

    def import_all(self) -> ImportReport:
        """Bring them into the library."""
        return self._imports.commit(self._imports.read(self._folders()))

    def _folders(self) -> list[Path]:
        room = paths.sample_data() / "personas"
        folders = sorted(path for path in room.iterdir() if path.is_dir()) if room.is_dir() else []
        return [folder for folder in folders if any(folder.iterdir())]

    def _sample(self, folder: Path) -> SamplePersona:
        items = self._imports.read([folder]).items
        card = next((item.card for item in items if item.card), None)
        files = tuple(sorted(path for path in folder.rglob("*") if path.is_file()))
        return SamplePersona(
            name=card.name if card else items[0].persona_name,
            tagline=card.tagline if card else "",
            portrait=next((path for path in files if path.suffix.lower() in PORTRAITS), None),
            files=files,
        )
