"""The first look at a model folder: what is refused before an engine is started for it."""

import json
from pathlib import Path

from studio.domain.errors import StudioError

PICKLED = (".bin", ".pt", ".pth", ".ckpt")
CONFIG_LIMIT = 4 * 1024 * 1024


def check_base_folder(path: Path) -> None:
    """Raise when the folder is missing, pickled, incomplete, or needs code of its own."""
    if not path.is_dir():
        raise StudioError("file_missing", path=str(path))
    _check_weights(path)
    if not (path / "config.json").is_file():
        raise StudioError("base_incomplete", path=str(path), missing="config.json")
    if "auto_map" in _config(path):
        raise StudioError("base_custom_code", path=str(path))


def hub_id_of(path: Path) -> str:
    """What the Hub's own cache layout says (``models--owner--name/snapshots/…``), or nothing."""
    for part in path.parts:
        if part.startswith("models--") and part.count("--") >= 2:
            return part.removeprefix("models--").replace("--", "/", 1)
    return ""


def _check_weights(path: Path) -> None:
    names = sorted(file.name for file in path.iterdir() if file.is_file())
    if any(name.endswith(".safetensors") for name in names):
        return
    pickled = [name for name in names if name.endswith(PICKLED)]
    if pickled:
        raise StudioError("base_pickled", path=str(path), names=", ".join(pickled[:3]))
    raise StudioError("base_incomplete", path=str(path), missing="model.safetensors")


def _config(path: Path) -> dict[str, object]:
    file = path / "config.json"
    try:
        if file.stat().st_size > CONFIG_LIMIT:
            raise StudioError("base_unsupported", path=str(path), reason="its config.json is too large")
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError("base_unsupported", path=str(path), reason=f"config.json: {error}") from error
    if not isinstance(config, dict):
        raise StudioError("base_unsupported", path=str(path), reason="config.json is no object")
    return config
