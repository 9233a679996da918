"""Finding words in dialogue: what is indexed, and how a user's text becomes a safe FTS5 query."""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Scripts without spaces between words, and pictures: each sign becomes a word of its own, so that any part is found.
_SIGNS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u9fff\uf900-\ufaff\U0001f000-\U0003ffff])"
)
_PUNCTUATION = re.compile(r"(?:[^\w\s]|_)+")
_BLANKED = bytes(32 if chr(code).isalnum() and code < 128 or chr(code).isspace() and code < 128 else code
                 for code in range(256))  # fmt: skip
_IN_A_ROW = 3
"""So many signs of punctuation in a row are found exactly; of a longer row, all its threes."""


def searchable(turns: str, title: str, tags: str) -> str:
    """Return the text to index for a conversation's columns (JSON turns, title, JSON tags)."""
    return indexed_text(title, json.loads(tags), (turn["text"] for turn in json.loads(turns)))


def indexed_text(title: str, tags: Iterable[str], texts: Iterable[str]) -> str:
    """Return the text to index for what is in a conversation."""
    return spaced("\n".join([title, *tags, *texts]))


def spaced(text: str) -> str:
    """Return ``text`` with every sign of a script without spaces standing alone."""
    return text if _is_western(text) else _SIGNS.sub(r" \1 ", text)


def _is_western(text: str) -> bool:
    """True when there is certainly no such sign: much quicker to tell than looking for one."""
    if text.isascii():
        return True
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def indexed_signs(persona_id: str, text: str) -> str:
    """Return the words that the index of punctuation knows a text by."""
    # Letters and figures of ASCII go first, as bytes: what is left to look through is a hundredth of the text.
    left = text.encode("utf-8", "replace").translate(_BLANKED).decode("utf-8").split()
    found = {_owner(persona_id)}
    for piece in set(left):
        for row in _PUNCTUATION.findall(piece):
            found.update(_grams(row))
    return " ".join(sorted(found))


def sign_query(text: str, persona_id: str = "") -> str:
    """Return an FTS5 query for punctuation alone: every piece between blanks; empty when there is none."""
    rows = [row for piece in text.replace("\0", " ").split() for row in _PUNCTUATION.findall(piece)]
    wanted = {gram for row in rows for gram in _grams(row) if len(row) < _IN_A_ROW or gram.count("g") == _IN_A_ROW - 1}
    if not wanted:
        return ""
    owner = [_owner(persona_id)] if persona_id else []
    return " AND ".join(_quoted(word) for word in [*owner, *sorted(wanted)])


@lru_cache(maxsize=4096)
def _grams(row: str) -> frozenset[str]:
    """Return a name in letters and figures for every one to three neighbours in a row of signs."""
    names = [f"{ord(sign):x}" for sign in row]
    return frozenset(
        "g".join(names[at : at + length]) for length in range(1, _IN_A_ROW + 1) for at in range(len(names) - length + 1)
    )


def _owner(persona_id: str) -> str:
    return "p" + persona_key(persona_id)


def words_of(text: str) -> list[str]:
    """Return the words of a search that hold something indexed; punctuation alone is none."""
    return [word for word in text.replace("\0", " ").split() if any(map(_is_indexed, word))]


def match_query(text: str, persona_id: str = "") -> str:
    """Return an FTS5 query: every word, as the beginning of a word, within one conversation (of the persona).

    Empty when ``text`` has no words. Each word is quoted, so nothing in it is taken for query syntax.
    """
    quoted = " AND ".join(f"{_quoted(spaced(word))} *" for word in words_of(text))
    if not quoted:
        return ""
    said = f"words : ({quoted})"
    return f"persona : {_quoted(persona_key(persona_id))} AND {said}" if persona_id else said


def persona_key(persona_id: str) -> str:
    """Return the id as the one word that the index knows it by."""
    return persona_id.replace("-", "")


def folded(text: str) -> str:
    """Return ``text`` in the form in which names are compared."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def register_functions(connection: sqlite3.Connection) -> None:
    """Teach a connection the function that triggers of the first shape use; m002 takes them away."""
    connection.create_function("searchable", 3, searchable, deterministic=True)


def _quoted(word: str) -> str:
    return '"' + word.strip().replace('"', '""') + '"'


def _is_indexed(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] in "LN" or category in ("Co", "So")
