"""The one place where the time of day is read: UTC, as ISO 8601 text."""

from datetime import UTC, datetime


def now() -> str:
    """Return the present moment as ISO 8601 text in UTC, with seconds (``2026-11-21T17:30:00+00:00``)."""
    return datetime.now(UTC).isoformat(timespec="seconds")
