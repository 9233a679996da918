"""Putting conversations into the search index. Edits and removals keep it up by triggers; additions come in bulk."""

import json
from collections.abc import Iterable

from studio.library.connection import Database


def add_to_index(database: Database, conversation_ids: Iterable[str]) -> None:
    """Index conversations that were just inserted.

    One statement for all, in the order of their rowids: FTS5 writes to the disk at every statement of a trigger
    and whenever a rowid is not above the last one, which takes twice as long.
    """
    database.write(
        "INSERT INTO conversation_search (rowid, persona, words)"
        " SELECT seq, replace(persona_id, '-', ''), searchable(turns, title, tags) FROM conversations"
        " WHERE seq IN (SELECT seq FROM conversations WHERE id IN (SELECT value FROM json_each(?))) ORDER BY seq",
        [json.dumps(list(conversation_ids))],
    )
