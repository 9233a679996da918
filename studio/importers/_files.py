"""Which files are meant by a list of paths: files as they are, folders with all below them, in a steady order."""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.importers._archive import Archive, Member, member_path

PICTURE_SUFFIXES = frozenset({
    ".png", ".apng", ".jpg", ".jpeg", ".jfif", ".gif", ".webp", ".bmp", ".svg", ".avif", ".heic", ".heif", ".tif",
    ".tiff", ".ico", ".tgs",
})  # fmt: skip
SOUND_AND_FILM_SUFFIXES = frozenset({
    ".mp3", ".m4a", ".opus", ".ogg", ".oga", ".wav", ".aac", ".flac", ".amr", ".wma", ".mp4", ".m4v", ".mov", ".avi",
    ".mkv", ".webm", ".3gp", ".mpg", ".mpeg", ".wmv",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file to read. ``root`` is the folder above which no card is looked for; ``named`` ones were given by name.

    ``archive`` and ``member``: the path goes on below an archive, which was given with it.
    """

    path: Path
    root: Path
    named: bool
    archive: Path | None = None
    member: str = ""

    @property
    def skippable(self) -> bool:
        """A picture that lies in a folder may well be no card; one that was named is meant to be."""
        return not self.named and self.path.suffix.lower() in PICTURE_SUFFIXES

    @property
    def never_dialogue(self) -> bool:
        """Sound and film beside chats are no failed imports, and need not be opened."""
        return not self.named and self.path.suffix.lower() in SOUND_AND_FILM_SUFFIXES

    def folders_up(self) -> Iterator[Path]:
        """Yield the file's folder and those above it, up to the root."""
        folder = self.path.parent
        yield folder
        while folder not in (self.root, folder.parent):
            folder = folder.parent
            yield folder


def find_files(paths: Iterable[Path]) -> list[FoundFile]:
    """Return every file once, as it comes; a path that does not exist is kept, so that it is complained about."""
    found: dict[Path, FoundFile] = {}
    for path in paths:
        here = Path(os.path.abspath(path))
        below = _below(here) if here.is_dir() else [_named(here)]
        for file in below:
            found.setdefault(file.path, file)
    return list(found.values())


def files_in(archive: Archive, file: FoundFile) -> list[tuple[FoundFile, Member]]:
    """Return the files of an archive that might hold words, as those of a folder in the archive's place."""
    root = file.path if file.named else file.root
    names = {member.name for member in archive.members}
    inside = [
        (FoundFile(path=archive.path / member.name, root=root, named=False), member)
        for member in sorted(archive.members, key=lambda member: member.name)
        if not any(_hidden(part) for part in member.name.split("/")) and not _describes_dataset(member.name, names)
    ]
    return [(one, member) for one, member in inside if not one.never_dialogue]


def _named(path: Path) -> FoundFile:
    archive, member = (not os.path.exists(path) and member_path(path)) or (None, "")
    return FoundFile(path=path, root=path.parent, named=True, archive=archive, member=member)


def _below(root: Path) -> Iterator[FoundFile]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not _hidden(name) and not _describes_dataset(name, names) and path.is_file():
                file = FoundFile(path=path, root=root, named=False)
                if not file.never_dialogue:
                    yield file


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _describes_dataset(path: str, others: Collection[str]) -> bool:
    """What ``datasets`` and trainers write beside the files with the rows; ``others`` are the files around it."""
    folder, slash, name = path.rpartition("/")
    described = f"{folder}{slash}dataset_info.json" in others
    return name in ("dataset_dict.json", "dataset_info.json") or (name == "state.json" and described)
