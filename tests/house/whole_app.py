"""Everything but the engine in a fresh interpreter; prints, as JSON, which heavy libraries came along."""

import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["FAKE_ENGINE_SPEED"] = "0"

ENGINE_ONLY = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "trl", "datasets", "safetensors", "gguf")
ROOMS = (
    "gui",
    "cli",
    "services",
    "library",
    "settings",
    "engine_client",
    "importers",
    "methods",
    "exporters",
    "protocol",
)


def main() -> None:
    """Import every module of every room, then open the window on a library, page by page."""
    imported = [name for room in ROOMS for name in _import_all(f"studio.{room}")]
    pages = _open_window()
    heavy = sorted(name for name in ENGINE_ONLY if name in sys.modules)
    print(json.dumps({"modules": len(imported), "pages": pages, "heavy": heavy}))


def _import_all(package: str) -> list[str]:
    found = importlib.import_module(package)
    names = [info.name for info in pkgutil.walk_packages(found.__path__, f"{package}.")]
    # One module exists for Windows' own library alone.
    wanted = [name for name in names if sys.platform == "win32" or not name.endswith(".windows_job")]
    for name in wanted:
        importlib.import_module(name)
    return wanted


def _open_window() -> int:
    from PySide6.QtWidgets import QApplication

    from studio.gui.window.page_stack import PAGES
    from tests.stage import Stage

    with TemporaryDirectory() as folder:
        stage = Stage(QApplication([]), Path(folder))
        stage.show()
        stage.studio.samples.import_all()
        person = stage.people()[0].id
        for name in PAGES:
            stage.window.open_page(name, **({"persona_id": person} if name == "persona" else {}))
            stage.spin(0.05)
        stage.close()
    return len(PAGES)


if __name__ == "__main__":
    main()
