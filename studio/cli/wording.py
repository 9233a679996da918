"""Numbers as people read them on a terminal."""

from datetime import datetime

from studio.texts import tr


def size(count: float) -> str:
    """Bytes with a fitting unit."""
    for unit in ("B", "kB", "MB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def count(number: float) -> str:
    """A large number with groups of three."""
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """Seconds, or minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    if whole < 3600:
        return tr("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)
    return tr("{hours} h {minutes} min", hours=whole // 3600, minutes=whole % 3600 // 60)


def nats(value: float | None) -> str:
    """A loss, or a dash where none was measured."""
    return "–" if value is None else f"{value:.3f}"


def local(moment: str) -> str:
    """A stored moment as the clock here shows it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def day(moment: str) -> str:
    """A stored moment without its seconds and zone."""
    return moment[:16].replace("T", " ")
