"""The points of training curves."""

import math
from collections.abc import Iterable
from typing import Any

from studio.domain.run import MetricPoint
from studio.library.connection import Database

_COLUMNS = "run_id, step, kind, loss, learning_rate, gradient_norm, tokens_per_second, memory_bytes, temperature"


class MetricStore:
    """Points by run. A step that comes again (a resumed run) takes the place of the old point."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_many(self, points: Iterable[MetricPoint]) -> None:
        """Keep points; cheapest when many come at once."""
        self._database.write_many(
            f"INSERT OR REPLACE INTO metric_points ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    point.run_id, point.step, point.kind, point.loss, point.learning_rate,
                    point.gradient_norm, point.tokens_per_second, point.memory_bytes, point.temperature,
                )
                for point in points
            ),
        )  # fmt: skip

    def points(self, run_id: str, after: int = -1, steps: int = 0) -> list[MetricPoint]:
        """Return a run's points by step: all, or those of at most so many ``steps`` after a step."""
        last = after + steps if steps else 2**62
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM metric_points WHERE run_id = ? AND step > ? AND step <= ? ORDER BY step, kind",
            [run_id, after, last],
        )
        return [MetricPoint(**{name: _number(value) for name, value in row.items()}) for row in rows]

    def forget_after(self, run_id: str, step: int) -> None:
        """Drop the points after ``step``: a run goes on from a checkpoint made there."""
        self._database.write("DELETE FROM metric_points WHERE run_id = ? AND step > ?", [run_id, step])


def _number(value: Any) -> Any:
    # SQLite stores no NaN: it comes back as NULL.
    return math.nan if value is None else value
