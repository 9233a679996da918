"""Personas by what they are called and by every line of their dialogue."""

import json

from studio.library import search
from studio.library.connection import Database, Row


def personas_with(database: Database, text: str) -> set[str]:
    """Return the personas whose name and tags, or one conversation of theirs, hold every word of ``text``."""
    said = _saying(database, text)
    wanted = search.folded(text).split()
    rows = database.rows("SELECT id, name, tags FROM personas")
    return said | {row["id"] for row in rows if all(word in search.folded(_called(row)) for word in wanted)}


def _saying(database: Database, text: str) -> set[str]:
    for table, query in (("conversation_search", search.match_query(text)), ("sign_search", search.sign_query(text))):
        if query:
            found = database.column(
                f"SELECT DISTINCT persona_id FROM {table} JOIN conversation_facts f ON f.seq = {table}.rowid"
                f" AND f.removed = 0 WHERE {table} MATCH ?",
                [query],
            )
            return set(found)
    return set()


def _called(row: Row) -> str:
    return " ".join([row["name"], *json.loads(row["tags"])])
