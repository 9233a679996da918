"""What the head of a JSON file tells about its records, without reading more of it."""

import json
import re
from collections.abc import Mapping

from studio.importers._source import Source

_KEY = re.compile(r'(?<!\\)"(\w{1,40})"\s*:')
_SPACE = " \t\r\n\ufeff"
_decoder = json.JSONDecoder()


def is_json(source: Source) -> bool:
    """True when the file begins as JSON objects or a list does."""
    return re.match(r"[\s\ufeff]*(?:\{|\[\s*[\[{\]])", source.head_text) is not None


def first_record(source: Source) -> Mapping[str, object] | None:
    """Return the first object, if the head holds all of it."""
    begin = source.head_text.find("{")
    try:
        value, _ = _decoder.raw_decode(source.head_text, max(begin, 0))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def first_keys(source: Source) -> frozenset[str]:
    """Return the keys of the first record; those of all levels when it goes on beyond the head."""
    if not is_json(source):
        return frozenset()
    record = first_record(source)
    return keys_in_sight(source) if record is None else frozenset(key for key in record if isinstance(key, str))


def keys_in_sight(source: Source) -> frozenset[str]:
    """Return every key in the head, on whatever level."""
    return frozenset(_KEY.findall(source.head_text))
