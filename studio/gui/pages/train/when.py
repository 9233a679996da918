"""Moments as people say them, and a wished moment as the queue keeps it. Knows no Qt."""

from datetime import UTC, datetime, timedelta

from studio.texts import tr


def moment_words(moment: str, now: datetime) -> str:
    """``today at 23:00``, ``tomorrow at 07:30``, ``on 24.11. at 07:30``, from ISO 8601 text."""
    there, here = datetime.fromisoformat(moment).astimezone(), now.astimezone()
    clock = f"{there:%H:%M}"
    days = (there.date() - here.date()).days
    if days == 0:
        return tr("today at {time}", time=clock)
    if days == 1:
        return tr("tomorrow at {time}", time=clock)
    return tr("on {day} at {time}", day=f"{there:%Y-%m-%d}", time=clock)


def tonight(now: datetime) -> datetime:
    """Eleven in the evening, the next one that comes."""
    here = now.astimezone()
    found = here.replace(hour=23, minute=0, second=0, microsecond=0)
    return found if found > here else found + timedelta(days=1)


def as_kept(moment: datetime) -> str:
    """UTC, ISO 8601, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
