"""Which files are meant by a list of paths: files as they are, folders with all below them, in a steady order."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PICTURE_SUFFIXES = frozenset({".png", ".apng", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg", ".avif", ".ico"})


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file to read. ``root`` is the folder above which no card is looked for; ``named`` ones were given by name."""

    path: Path
    root: Path
    named: bool

    @property
    def skippable(self) -> bool:
        """A picture that lies in a folder may well be no card; one that was named is meant to be."""
        return not self.named and self.path.suffix.lower() in PICTURE_SUFFIXES

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
        below = _below(here) if here.is_dir() else [FoundFile(path=here, root=here.parent, named=True)]
        for file in below:
            found.setdefault(file.path, file)
    return list(found.values())


def _below(root: Path) -> Iterator[FoundFile]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not _hidden(name) and path.is_file():
                yield FoundFile(path=path, root=root, named=False)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")
