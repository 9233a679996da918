"""JSON from strangers: values one at a time with their line, and one kind of trouble whatever is wrong with them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from studio.domain.errors import StudioError
from studio.importers._json_limits import DEPTH_LIMIT, VALUES_LIMIT
from studio.importers._json_stream import BEGUN, walk
from studio.importers._source import Source

WHOLE_LIMIT_MB = 64
"""Of objects that stand below each other over several lines, which are read whole."""
_SPACE = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


def parse(text: str, path: Path, line: int = 1) -> object:
    """Parse one value; ``line`` is where the text begins in the file."""
    if len(text) > VALUES_LIMIT and sum(map(text.count, ",[{")) > VALUES_LIMIT:
        raise _broken(path, line, "too many values")
    value, end = _decode(text, _skip_space(text, 0), path, line)
    if _skip_space(text, end) < len(text):
        raise _broken(path, line + text.count("\n", 0, end), "something follows the end of the value")
    return value


def require_shallow(value: object, path: Path) -> None:
    """Refuse nesting that a later reader or writer of the same value would stumble over."""
    layer, depth = [value], 0
    while layer:
        if depth > DEPTH_LIMIT:
            raise _broken(path, 1, "nested too deeply")
        layer = [child for parent in layer for child in _children(parent)]
        depth += 1


def records(source: Source, *, limit_mb: int) -> Iterator[tuple[int, object]]:
    """Yield (line, value) from JSON Lines or a JSON array (both streamed), or one or more JSON objects."""
    if source.head_text.lstrip().startswith("["):
        yield from ((line, value) for line, _, value in walk(source, [()], limit_mb=limit_mb) if value is not BEGUN)
    elif _is_json_lines(source, limit_mb):
        for number, line in source.lines(limit_mb=limit_mb):
            if line.strip():
                yield number, parse(line, source.path, number)
    else:
        yield from _Cursor(
            source.text(limit_mb=min(limit_mb, WHOLE_LIMIT_MB)).removeprefix("\ufeff"), source.path
        ).values()


def _is_json_lines(source: Source, limit_mb: int) -> bool:
    """True unless its first object goes on below its first line."""
    first = next((line.strip() for _, line in source.lines(limit_mb=limit_mb) if line.strip()), "")
    return not first.startswith("{") or first.endswith("}")


class _Cursor:
    """Walks through a text value by value and knows its line."""

    def __init__(self, text: str, path: Path) -> None:
        self._text = text
        self._path = path
        self._position = 0
        self._line = 1

    def values(self) -> Iterator[tuple[int, object]]:
        """Yield (line, value) of values that follow each other."""
        while self._peek():
            yield self._value()

    def _peek(self) -> str:
        self._move(_skip_space(self._text, self._position))
        return self._text[self._position : self._position + 1]

    def _value(self) -> tuple[int, object]:
        self._peek()
        line = self._line
        value, end = _decode(self._text, self._position, self._path, line)
        self._move(end)
        return line, value

    def _move(self, position: int) -> None:
        self._line += self._text.count("\n", self._position, position)
        self._position = position


def _decode(text: str, position: int, path: Path, line: int) -> tuple[object, int]:
    try:
        return _decoder.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise _broken(path, line + text.count("\n", position, error.pos), error.msg) from error
    except RecursionError as error:
        raise _broken(path, line, "nested too deeply") from error
    except ValueError as error:
        raise _broken(path, line, "a number is too long") from error


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _broken(path: Path, line: int, reason: str) -> StudioError:
    return StudioError("json_broken", path=path, line=line, reason=reason)
