"""Where things live on this machine: the library's default place, and what lies inside a library."""

import os
from pathlib import Path

import platformdirs

LIBRARY_VARIABLE = "PERSONA_STUDIO_LIBRARY"


def default_library() -> Path:
    """The library named by ``PERSONA_STUDIO_LIBRARY``, or the platform's place for user data."""
    named = os.environ.get(LIBRARY_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("persona-studio", appauthor=False)) / "library"


def database(library: Path) -> Path:
    """The SQLite file of a library."""
    return library / "library.db"


def vault(library: Path) -> Path:
    """Content-addressed files: portraits, imported originals, dataset versions."""
    return library / "files"


def bases(library: Path) -> Path:
    """Folders of base models that the studio converted itself."""
    return library / "bases"


def runs(library: Path) -> Path:
    """Working folders of runs: data, checkpoints, log."""
    return library / "runs"


def adapters(library: Path) -> Path:
    """PEFT folders of finished adapters, one a name."""
    return library / "adapters"


def logs(library: Path) -> Path:
    """Logs of the app and the engine; never the text of chats."""
    return library / "logs"


def control(library: Path) -> Path:
    """Wishes from another process (pause, stop): one small file each, read by the program that holds the library."""
    return library / "control"


def sample_data() -> Path:
    """The sample personas: beside the package in a checkout, inside it when installed."""
    return _shipped("sample_data")


def resources() -> Path:
    """Icons, fonts and catalogues: beside the package in a checkout, inside it when installed."""
    return _shipped("resources")


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parent
    inside = package / "_data" / name
    return inside if inside.is_dir() else package.parent / name
