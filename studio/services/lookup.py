"""Finding one thing by its id or its name, and saying plainly when there is none or more than one."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from studio.domain.errors import StudioError


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def find_one(what: str, id_or_name: str, get: Callable[[str], N | None], find: Callable[[str], Sequence[N]]) -> N:
    """Return the one thing that is meant, or raise ``not_found`` or ``ambiguous``."""
    by_id = get(id_or_name)
    if by_id is not None:
        return by_id
    named = find(id_or_name)
    if len(named) > 1:
        listed = ", ".join(f"{one.name} ({one.id})" for one in named)
        raise StudioError("ambiguous", name=id_or_name, candidates=listed)
    if not named:
        raise StudioError("not_found", what=what, name=id_or_name)
    return named[0]
