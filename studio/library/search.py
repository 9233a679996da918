"""Finding words in dialogue: what is indexed, and how a user's text becomes a safe FTS5 query."""

import json
import re
import sqlite3
import unicodedata

# Scripts without spaces between words, and pictures: each sign becomes a word of its own, so that any part is found.
_SIGNS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u9fff\uf900-\ufaff\U0001f000-\U0003ffff])"
)


def searchable(turns: str, title: str, tags: str) -> str:
    """Return the text to index for a conversation's columns (JSON turns, title, JSON tags)."""
    return spaced("\n".join([title, *json.loads(tags), spoken(turns)]))


def spoken(turns: str) -> str:
    """Return the texts of JSON turns, one under the other."""
    return "\n".join(turn["text"] for turn in json.loads(turns))


def spaced(text: str) -> str:
    """Return ``text`` with every sign of a script without spaces standing alone."""
    return _SIGNS.sub(r" \1 ", text)


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
    """Teach a connection the functions that triggers and queries use."""
    connection.create_function("searchable", 3, searchable, deterministic=True)
    connection.create_function("spoken", 1, spoken, deterministic=True)


def _quoted(word: str) -> str:
    return '"' + word.strip().replace('"', '""') + '"'


def _is_indexed(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] in "LN" or category in ("Co", "So")
