"""Curves as numbers: thinning for the screen, smoothing, ticks at round values. Knows no Qt."""

import math
from bisect import bisect_left
from collections.abc import Sequence

Point = tuple[float, float]


def decimate(points: Sequence[Point], buckets: int) -> list[Point]:
    """Keep lowest and highest point of each of ``buckets`` slices (in order), so that no spike is lost.

    Ends are kept; few points come back as they are.
    """
    if len(points) <= 2 * buckets or buckets < 1:
        return list(points)
    kept: list[Point] = [points[0]]
    width = (len(points) - 2) / buckets
    for number in range(buckets):
        part = points[1 + int(number * width) : 1 + int((number + 1) * width)]
        if part:
            kept += _extremes(part)
    kept.append(points[-1])
    return kept


def _extremes(part: Sequence[Point]) -> list[Point]:
    low = min(part, key=lambda point: point[1])
    high = max(part, key=lambda point: point[1])
    return [low] if low is high else sorted((low, high))


def bucket_means(points: Sequence[Point], buckets: int) -> list[Point]:
    """The mean of each of ``buckets`` slices: what is left of 100,000 points for smoothing and for the range."""
    if len(points) <= buckets:
        return list(points)
    width = len(points) / buckets
    parts = (points[int(number * width) : int((number + 1) * width)] for number in range(buckets))
    return [(sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in parts]


def smoothed(points: Sequence[Point], weight: float = 0.9) -> list[Point]:
    """Exponential average taken forwards and backwards, so that it does not lag; ``weight`` 0 changes nothing.

    At the ends the direction that has seen more counts more: else the curve would end in its newest spike.
    """
    losses = [y for _, y in points]
    forwards = _averaged(losses, weight)
    backwards = _averaged(losses[::-1], weight)[::-1]
    return [
        (x, (one + other) / (share + rest))
        for (x, _), (one, share), (other, rest) in zip(points, forwards, backwards, strict=True)
    ]


def _averaged(values: Sequence[float], weight: float) -> list[tuple[float, float]]:
    """Sums of weighted values, and of their weights."""
    out: list[tuple[float, float]] = []
    average, share = 0.0, 0.0
    for value in values:
        average = weight * average + (1 - weight) * value
        share = weight * share + (1 - weight)
        out.append((average, share))
    return out


def smoothing_weight(count: int) -> float:
    """How strongly to smooth ``count`` points: over a thirtieth of the curve, four points at least, 0.98 at most."""
    window = max(count / 30, 4.0)
    return min(1 - 1 / window, 0.98)


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values (steps of 1, 2, 2.5 or 5 times a power of ten) inside ``low`` to ``high``."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or about < 1:
        return []
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def nearest(points: Sequence[Point], x: float) -> Point | None:
    """The point whose x is closest; points are in order of x."""
    if not points:
        return None
    low, high = 0, len(points) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if points[middle][0] <= x else (low, middle)
    return min(points[low], points[high], key=lambda point: abs(point[0] - x))


def neighbour(points: Sequence[Point], x: float | None, way: float) -> Point | None:
    """The point ``way`` places from the one at ``x`` (the last one where x is None), kept inside the ends."""
    if not points:
        return None
    if math.isinf(way) or x is None:
        return points[0] if way == -math.inf else points[-1]
    here = nearest(points, x)
    place = bisect_left(points, here) if here else 0
    return points[min(max(place + int(way), 0), len(points) - 1)]


def finite(points: Sequence[Point]) -> Sequence[Point]:
    """The points whose value can be drawn; the same object when all can."""
    return points if all(math.isfinite(y) for _, y in points) else [one for one in points if math.isfinite(one[1])]
