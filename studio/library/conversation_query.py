"""A filter as SQL over ``conversation_facts``, which is all that has to be read for it."""

import json
from dataclasses import dataclass

from studio.domain.data_filter import Filter
from studio.domain.dataset import USUAL_FRACTION
from studio.library import search
from studio.library.connection import Database
from studio.library.conversation_facts import FacetKind

_ORDERS = {
    "": "f.position, f.seq",
    "longest": "f.words DESC, f.position, f.seq",
    "shortest": "f.words, f.position, f.seq",
    "newest": "f.seq DESC",
}
_BEFORE = {
    "": "(f.position, f.seq) < (x.position, x.seq)",
    "longest": "(-f.words, f.position, f.seq) < (-x.words, x.position, x.seq)",
    "shortest": "(f.words, f.position, f.seq) < (x.words, x.position, x.seq)",
    "newest": "f.seq > x.seq",
}


@dataclass(frozen=True, kw_only=True)
class Query:
    """``FROM … WHERE …`` with its values, and the order."""

    source: str
    values: tuple[object, ...]
    order: str
    before: str


def query(database: Database, persona_id: str, where: Filter, fraction: float = USUAL_FRACTION) -> Query:
    """Return the query for the conversations of a persona that a filter lets through; what lets few through first."""
    conditions: list[tuple[str, list[object]]] = [
        ("f.persona_id = ? AND f.removed = 0", [persona_id]),
        *_chosen(where.ids),
        *_figures(where, fraction),
        *_facets(database, persona_id, where),
        *_text(where.text, persona_id),
    ]
    return Query(
        source="conversation_facts f WHERE " + " AND ".join(sql for sql, _ in conditions),
        values=tuple(value for _, values in conditions for value in values),
        order=_ORDERS.get(where.order, _ORDERS[""]),
        before=_BEFORE.get(where.order, _BEFORE[""]),
    )


def _chosen(ids: tuple[str, ...]) -> list[tuple[str, list[object]]]:
    return [("f.id IN (SELECT value FROM json_each(?))", [json.dumps(ids)])] if ids else []


def _text(text: str, persona_id: str) -> list[tuple[str, list[object]]]:
    if words := search.match_query(text, persona_id):
        return [("f.seq IN (SELECT rowid FROM conversation_search WHERE conversation_search MATCH ?)", [words])]
    if signs := search.sign_query(text, persona_id):
        return [("f.seq IN (SELECT rowid FROM sign_search WHERE sign_search MATCH ?)", [signs])]
    return []


def _facets(database: Database, persona_id: str, where: Filter) -> list[tuple[str, list[object]]]:
    wanted = [
        (FacetKind.SOURCE, where.source),
        (FacetKind.MARK, where.mark),
        (FacetKind.TAG, where.tag),
        (FacetKind.FINDING, where.finding),
        (FacetKind.SPEAKER, where.speaker),
    ]
    numbers = [
        database.value(
            "SELECT id FROM facet_values WHERE persona_id = ? AND kind = ? AND value = ?", [persona_id, kind, value]
        )
        for kind, value in wanted
        if value
    ]
    return [("f.seq IN (SELECT seq FROM conversation_facets WHERE facet_id = ?)", [number]) for number in numbers]


def _figures(where: Filter, fraction: float) -> list[tuple[str, list[object]]]:
    # A share of one is above what an integer of SQLite holds, but floats compare exactly.
    line = fraction * 2.0**63
    wanted: list[tuple[bool, str, object]] = [
        (bool(where.least_words), "f.words >= ?", where.least_words),
        (bool(where.most_words), "f.words <= ?", where.most_words),
        (bool(where.least_turns), "f.turns >= ?", where.least_turns),
        (bool(where.most_turns), "f.turns <= ?", where.most_turns),
        (where.side == "heldout", "f.split_key < ?", line),
        (where.side == "train", "f.split_key >= ?", line),
    ]
    return [(sql, [value]) for asked, sql, value in wanted if asked]
