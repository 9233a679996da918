"""The strengths of a sweep: from, to, step. Knows no Qt."""

from studio.texts import tr

MOST = 8
FROM, TO, STEP = 0.0, 1.5, 0.25


def strengths(low: float, high: float, step: float) -> list[float]:
    """Every step from the lower to the higher one, both included; empty where that is no range."""
    if step <= 0 or high < low:
        return []
    count = int((high - low) / step + 1e-6) + 1
    return [round(low + place * step, 3) for place in range(min(count, 200))]


def trouble(found: list[float]) -> str:
    """Why this cannot be done; empty when it can."""
    if len(found) < 2:
        return tr("That is one strength only: let the sweep end above where it begins.")
    if len(found) > MOST:
        return tr("{count} columns are more than the {most} that fit: take wider steps.", count=len(found), most=MOST)
    return ""


def words(found: list[float]) -> str:
    """``0 · 0.25 · 0.5``."""
    return " · ".join(f"{one:g}" for one in found)
