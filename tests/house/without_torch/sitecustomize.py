"""On ``PYTHONPATH`` this makes every Python process behave as if the engine's libraries were not installed."""

import importlib.machinery
import sys
from typing import Any

MISSING = {"torch", "transformers", "peft", "bitsandbytes", "accelerate", "trl", "datasets", "safetensors", "gguf"}


class Without:
    """A finder that overlooks what is missing and is otherwise the one it stands for."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] in MISSING:
            return None
        found: importlib.machinery.ModuleSpec | None = self._finder.find_spec(name, path, target)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
