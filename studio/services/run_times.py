"""Moments at which runs start: as people write them, and as the library keeps them."""

from datetime import UTC, datetime, timedelta

from studio.domain.clock import now
from studio.domain.errors import StudioError

_FAR = timedelta(days=366)


def as_moment(text: str) -> str:
    """ISO 8601 text as ``clock.now`` writes it; without a zone it is the time of this computer. Empty stays empty.

    A time of day alone (``01:30``) is the next one.
    """
    if not text.strip():
        return ""
    try:
        moment = _parsed(text.strip())
    except ValueError:
        raise StudioError("start_time_unreadable", time=text.strip()) from None
    if moment - datetime.fromisoformat(now()) > _FAR:
        raise StudioError("start_time_far", time=text.strip())
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def is_due(starts_at: str) -> bool:
    """True when a moment, as ``as_moment`` returns it, has come."""
    return starts_at <= now()


def is_within(starts_at: str, hours: float) -> bool:
    """True when a moment comes within so many hours."""
    return datetime.fromisoformat(starts_at) - datetime.fromisoformat(now()) <= timedelta(hours=hours)


def _parsed(text: str) -> datetime:
    here = datetime.fromisoformat(now()).astimezone()
    if len(text) <= 5 and ":" in text:
        hour, _, minute = text.partition(":")
        today = here.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        return today if today > here else today + timedelta(days=1)
    return datetime.fromisoformat(text).astimezone()
