"""Where things live on this machine: the library's default place, and what lies inside a library."""

import os
from pathlib import Path

import platformdirs

LIBRARY_VARIABLE = "PERSONA_STUDIO_LIBRARY"


def default_library() -> Path:
    """The library named by ``PERSONA_STUDIO_LIBRARY``, or the one chosen in the window, or the place for user data."""
    named = os.environ.get(LIBRARY_VARIABLE) or _remembered()
    return Path(named) if named else Path(platformdirs.user_data_dir("persona-studio", appauthor=False)) / "library"


def remember_library(library: Path) -> None:
    """Make ``library`` the one that is opened when none is named."""
    note = _note()
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(library.resolve()), encoding="utf-8")


def _remembered() -> str:
    """The chosen library, as long as its folder is still there."""
    try:
        chosen = _note().read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return chosen if Path(chosen).is_dir() else ""


def _note() -> Path:
    return Path(platformdirs.user_config_dir("persona-studio", appauthor=False)) / "library.txt"


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
