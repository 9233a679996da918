"""One run's lines in a loss curve: raw, smoothed, held-out, and thinned to what a screen can show. Knows no Qt."""

from collections.abc import Sequence

from studio.gui.widgets.curve_maths import Point, bucket_means, decimate, finite, smoothed, smoothing_weight

_MOST_SMOOTHED = 2000
_WIDEST = 2.5
"""The neutral text's line may make the range this much wider; beyond that it would flatten the curve."""


class LossLines:
    """Worked out once from the points; thinned once for each width."""

    def __init__(self, train: Sequence[Point] = (), heldout: Sequence[Point] = (), colour: str = "") -> None:
        self.raw, self.heldout, self.colour = finite(train), finite(heldout), colour
        self.coarse = bucket_means(self.raw, _MOST_SMOOTHED)
        self.smooth = smoothed(self.coarse, smoothing_weight(len(self.coarse)))
        self._thin: tuple[int, list[Point], list[Point]] | None = None

    def thinned(self, width: int) -> tuple[list[Point], list[Point]]:
        """Raw and smoothed: every spike, but no more points than are told apart; lines are costly to paint."""
        if self._thin is None or self._thin[0] != width:
            self._thin = (width, decimate(self.raw, max(width // 2, 1)), decimate(self.smooth, max(width // 6, 1)))
        return self._thin[1], self._thin[2]

    def values(self) -> list[float]:
        """The losses that must be seen; a few spikes must not flatten everything."""
        losses = sorted(loss for _, loss in self.coarse)
        edge = len(losses) // 100
        return losses[edge : len(losses) - edge] + [loss for _, loss in self.heldout]


def wanted_range(
    lines: Sequence[LossLines], base: float | None, neutral: Sequence[Point], total_steps: int
) -> tuple[float, float, float, float]:
    """What a picture of these lines shows: first and last step, lowest and highest loss."""
    values = [value for one in lines for value in one.values()] + ([base] if base is not None else [])
    ends = [int(points[-1][0]) for one in lines for points in (one.raw, one.heldout) if points]
    last = max([total_steps, 1, *ends])
    if not values:
        return (0, last, 0, 1)
    low, high = _with_neutral(min(values), max(values), neutral)
    margin = max((high - low) * 0.08, 0.02)
    return (0, last, max(low - margin, 0), high + margin)


def _with_neutral(low: float, high: float, neutral: Sequence[Point]) -> tuple[float, float]:
    if not neutral:
        return low, high
    losses = [loss for _, loss in neutral]
    wider = (min(low, *losses), max(high, *losses))
    return wider if wider[1] - wider[0] <= _WIDEST * max(high - low, 0.5) else (low, high)
