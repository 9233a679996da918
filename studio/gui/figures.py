"""Figures as people read them: sizes, durations, rates, gains. Knows no Qt."""

from studio.texts import tr, tr_plural

GIGABYTE = 1024**3
MEGABYTE = 1024**2


def size(count: float) -> str:
    """``5.6 GB``, ``640 MB``."""
    if count >= 0.95 * GIGABYTE:
        return tr("{size:.1f} GB", size=count / GIGABYTE)
    if count >= MEGABYTE:
        return tr("{size:.0f} MB", size=count / MEGABYTE)
    return tr("{size:.0f} kB", size=max(count, 0) / 1024)


def whole(number: float) -> str:
    """``1,940``."""
    return f"{number:,.0f}"


def rate(tokens_per_second: float) -> str:
    """``1,940 tokens/s``; one decimal below ten."""
    shown = f"{tokens_per_second:.1f}" if tokens_per_second < 10 else whole(tokens_per_second)
    return tr("{rate} tokens/s", rate=shown)


def duration(seconds: float) -> str:
    """``40 s``, ``4 min``, ``2 h 10 min``."""
    if seconds < 60:
        return tr("{count} s", count=max(round(seconds), 0))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{count} min", count=minutes)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def parameters(count: int) -> str:
    """``135M``, ``7.2B``."""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f}B"
    return f"{count / 1e6:.0f}M"


def gain(nats: float) -> str:
    """``+0.82 nats``."""
    return tr("{gain} nats", gain=f"{nats:+.2f}")


def learning_rate(value: float) -> str:
    """``2e-4`` rather than ``0.0002``."""
    if value == 0 or value >= 0.01:
        return f"{value:g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def conversations(count: int) -> str:
    """``96 conversations``."""
    return tr_plural("{count} conversation", "{count} conversations", count)


def lines(count: int) -> str:
    """``612 lines``: what the persona says."""
    return tr_plural("{count} line", "{count} lines", count)
