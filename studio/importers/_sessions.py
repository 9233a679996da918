"""A long log cut into talks where nobody spoke for a while."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def split_at_pauses(
    items: Iterable[T],
    *,
    seconds: Callable[[T], float | None],
    pause: float,
    goes_on: Callable[[T, list[T]], bool] | None = None,
) -> Iterator[list[T]]:
    """Yield the talks of a log. A step back in time is no pause; what has no time belongs to what came before it.

    ``goes_on`` may say that an item after a pause still belongs to the talk before it, as an answer to it does.
    """
    talk: list[T] = []
    latest: float | None = None
    for item in items:
        now = seconds(item)
        paused = now is not None and latest is not None and now - latest > pause
        if talk and paused and not (goes_on and goes_on(item, talk)):
            yield talk
            talk = []
        talk.append(item)
        latest = latest if now is None else now
    if talk:
        yield talk
