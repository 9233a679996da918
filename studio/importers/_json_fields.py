"""Fields of JSON objects from strangers: the value when it is of the kind that was hoped for, else nothing."""

from collections.abc import Mapping

from studio.domain.errors import StudioError
from studio.importers._json_text import parse
from studio.importers._source import Source

LIMIT_MB = 32
"""A whole file is taken apart in memory; with wide characters that needs fourteen times its size."""
PARTS_LIMIT = 1_000_000
"""Objects and lists; an empty one takes thirty times the room that it takes in the file."""

Fields = Mapping[str, object]


def whole_value(source: Source) -> object:
    """Return the one JSON value of a file."""
    text = source.text(limit_mb=LIMIT_MB).removeprefix("\ufeff")
    if text.count("{") + text.count("[") > PARTS_LIMIT:
        raise StudioError("json_broken", path=source.path, line=1, reason="too many objects and lists for a chat")
    return parse(text, source.path)


def whole_object(source: Source) -> Fields:
    """Return the one JSON object of a file."""
    value = whole_value(source)
    if not isinstance(value, dict):
        raise StudioError("chat_invalid", path=source.path, reason="it is no JSON object")
    return value


def words(fields: Fields, key: str) -> str:
    """Return a text, or an empty one."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def part(fields: Fields, key: str) -> Fields:
    """Return the object in a field, or an empty one."""
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def parts(fields: Fields, key: str) -> list[Fields]:
    """Return the objects in a list, without whatever else is in it."""
    return [value for value in items(fields, key) if isinstance(value, dict)]


def items(fields: Fields, key: str) -> list[object]:
    """Return a list, or an empty one."""
    value = fields.get(key)
    return value if isinstance(value, list) else []
