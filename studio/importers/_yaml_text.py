"""YAML from strangers: plain texts and lists of them, nothing that unfolds or builds objects."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError

if TYPE_CHECKING:
    from yaml import Event

DEPTH_LIMIT = 20
PARTS_LIMIT = 20_000
_NOTHING = ("null", "~")


def yaml_object(text: str, path: Path) -> dict[str, object]:
    """Return the mapping; every value stays the text that it was written as, null becomes empty."""
    import yaml

    reader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        # The base loader makes texts, lists and mappings, and never an object.
        _require_harmless(yaml.parse(text, Loader=reader), path)
        value = yaml.load(text, Loader=reader)
    except yaml.YAMLError as error:
        raise _broken(path, _problem(error)) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(value, dict):
        raise _broken(path, "it is no list of 'key: value'")
    return {str(key): "" if said in _NOTHING else said for key, said in value.items()}


def _require_harmless(events: "Iterable[Event]", path: Path) -> None:
    """Refuse references, which unfold to more than was written, deep nesting, and more parts than a character has."""
    from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    depth = 0
    for number, event in enumerate(events):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent):
            raise _broken(path, "it refers to its own parts (&name, *name), which no character needs")
        if depth > DEPTH_LIMIT or number > PARTS_LIMIT:
            raise _broken(path, "it is nested too deeply, or has too many parts")


def _problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error).split("\n")[0]
    return f"line {mark.line + 1}: {said}" if mark else said


def _broken(path: Path, reason: str) -> StudioError:
    return StudioError("card_invalid", path=path, reason=reason)
