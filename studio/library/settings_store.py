"""Settings that were changed from their defaults, as JSON values by name."""

import json

from studio.library.connection import Database


class SettingsStore:
    """Knows names and values only; what they mean is said in ``studio/settings``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: object = None) -> object:
        """Return the value kept under ``name``, or ``default``."""
        found = self._database.value("SELECT value FROM settings WHERE name = ?", [name])
        return default if found is None else json.loads(found)

    def set(self, name: str, value: object) -> None:
        """Keep a plain value."""
        self._database.write(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [name, json.dumps(value, ensure_ascii=False)],
        )

    def all(self) -> dict[str, object]:
        """Return everything that was set."""
        rows = self._database.rows("SELECT name, value FROM settings ORDER BY name")
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def remove(self, name: str) -> None:
        """Go back to the default."""
        self._database.write("DELETE FROM settings WHERE name = ?", [name])
