"""Options are declared once, on a dataclass field: forms, flags, checks and tables are made from that."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from studio.domain.errors import StudioError

T = TypeVar("T")
_KEY = "option"


@dataclass(frozen=True, kw_only=True)
class Option:
    """What is known about one option. ``expert`` ones are folded away; ``help`` is one plain sentence."""

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    expert: bool = False
    unit: str = ""
    name: str = ""
    kind: type = str
    default: object = None


def option(default: Any, label: str, help: str, **more: Any) -> Any:
    """Declare a dataclass field as an option; ``more`` are fields of ``Option``."""
    return dataclasses.field(default=default, metadata={_KEY: Option(label=label, help=help, **more)})


def options_of(kind: type) -> dict[str, Option]:
    """Return the options of a dataclass by name, with their type and default filled in."""
    hints = get_type_hints(kind)
    return {
        field.name: dataclasses.replace(
            field.metadata[_KEY], name=field.name, kind=hints[field.name], default=field.default
        )
        for field in dataclasses.fields(kind)
        if _KEY in field.metadata
    }


def build(kind: type[T], values: Mapping[str, object]) -> T:
    """Make the dataclass from plain values (text is converted); raise one ``StudioError`` that lists all problems."""
    known = options_of(kind)
    problems = [f"there is no option '{name}' (known: {', '.join(known)})" for name in values if name not in known]
    ready: dict[str, object] = {}
    for name in known.keys() & values.keys():
        try:
            ready[name] = checked(known[name], values[name])
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise StudioError("options_invalid", problems="; ".join(sorted(problems)))
    return kind(**ready)


def checked(one: Option, value: object) -> object:
    """Convert and check one value; ``ValueError`` carries a sentence that names the option."""
    try:
        ready = _converted(one.kind, value)
    except (TypeError, ValueError):
        raise ValueError(f"{one.name} must be a {one.kind.__name__}, not {value!r}") from None
    if one.choices and ready not in one.choices:
        raise ValueError(f"{one.name} must be one of {', '.join(one.choices)}, not {value!r}")
    if isinstance(ready, int | float):
        _check_bounds(one, ready)
    return ready


def _check_bounds(one: Option, value: float) -> None:
    too_low = one.minimum is not None and not value >= one.minimum
    too_high = one.maximum is not None and not value <= one.maximum
    if too_low or too_high:
        raise ValueError(f"{one.name} must be between {one.minimum:g} and {one.maximum:g}, not {value!r}")


def _converted(kind: type, value: object) -> object:
    if kind is bool and isinstance(value, str):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[value.lower()]
    if kind is int and isinstance(value, float) and value != int(value):
        raise ValueError
    return kind(value)
