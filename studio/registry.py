"""How the studio grows: one new file with an ``ENTRY`` in its room, found here."""

import importlib
import pkgutil
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """The entries found in one room, by name. Refuses a file without an entry and two entries of one name.

    A folder in the room is a room of its own.
    """

    def __init__(self, room: str, kind: type[T]) -> None:
        self._room = room
        self._kind = kind
        self._found: dict[str, T] | None = None

    def all(self) -> dict[str, T]:
        """Return every entry, in the order of its ``order`` attribute, then its name."""
        if self._found is None:
            self._found = self._search()
        return self._found

    def get(self, name: str) -> T:
        """Return the entry called ``name``; ``KeyError`` when there is none."""
        return self.all()[name]

    def _search(self) -> dict[str, T]:
        found: dict[str, T] = {}
        for info in pkgutil.iter_modules(importlib.import_module(self._room).__path__):
            module = f"{self._room}.{info.name}"
            if module == self._kind.__module__ or info.name.startswith("_") or info.ispkg:
                continue
            entry = getattr(importlib.import_module(module), "ENTRY", None)
            if not isinstance(entry, self._kind):
                raise TypeError(f"{module} has no ENTRY of {self._kind.__name__}")
            name = entry.name  # type: ignore[attr-defined]
            if name in found:
                raise ValueError(f"two entries of {self._room} are called {name}")
            found[name] = entry
        return dict(sorted(found.items(), key=lambda item: (getattr(item[1], "order", 0), item[0])))
