"""A sweep: a grid of option values, and the runs that it stands for."""

from collections.abc import Mapping, Sequence
from itertools import product

from studio.domain.errors import StudioError
from studio.options import Option, checked
from studio.texts import tr

MOST_RUNS = 64
Grid = Mapping[str, Sequence[object]]


def grid_points(grid: Grid, known: Mapping[str, Option]) -> list[dict[str, object]]:
    """Every combination, the first option changing slowest. Values are checked before anything is stored."""
    ready = {name: _values(name, values, known) for name, values in grid.items()}
    if not ready or not all(ready.values()):
        raise StudioError("sweep_empty")
    points = [dict(zip(ready, values, strict=True)) for values in product(*ready.values())]
    if len(points) > MOST_RUNS:
        raise StudioError("sweep_too_large", count=len(points), limit=MOST_RUNS)
    return points


def grid_label(grid: Grid, known: Mapping[str, Option]) -> str:
    """``Rank × Learning rate``."""
    return " × ".join(tr(known[name].label) for name in grid)


def _values(name: str, values: Sequence[object], known: Mapping[str, Option]) -> list[object]:
    if name not in known:
        raise StudioError("options_invalid", problems=f"there is no option '{name}' (known: {', '.join(known)})")
    try:
        ready = [checked(known[name], value) for value in values]
    except ValueError as error:
        raise StudioError("options_invalid", problems=str(error)) from error
    return list(dict.fromkeys(ready))
