"""What conversations can be told apart by, counted."""

from studio.domain.data_filter import Facets
from studio.library.connection import Database, Row
from studio.library.conversation_facts import FacetKind

LIMIT = 500
"""Values of a kind at most, the most frequent ones: a menu of ten thousand files helps nobody."""


class FacetStore:
    """Facets by persona; they are written by ``ConversationIndex``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, persona_id: str) -> Facets:
        """Return every facet with how many conversations have it."""
        found: dict[str, list[tuple[str, int]]] = {kind.value: [] for kind in FacetKind}
        for row in self._counted(persona_id):
            if len(found[row["kind"]]) < LIMIT:
                found[row["kind"]].append((row["value"], row["found"]))
        widest = self._database.row(
            "SELECT ifnull(max(words), 0) AS words, ifnull(max(turns), 0) AS turns"
            " FROM conversation_facts WHERE persona_id = ? AND removed = 0",
            [persona_id],
        )
        assert widest is not None, "an aggregate always has its row"
        return Facets(
            speakers=tuple(found[FacetKind.SPEAKER]),
            tags=tuple(found[FacetKind.TAG]),
            findings=tuple(found[FacetKind.FINDING]),
            sources=tuple(found[FacetKind.SOURCE]),
            marks=tuple(found[FacetKind.MARK]),
            longest_words=widest["words"],
            most_turns=widest["turns"],
        )

    def _counted(self, persona_id: str) -> list[Row]:
        """Count in the narrow table of facets, and take off the few that are removed."""
        return self._database.rows(
            "SELECT kind, value, found - ifnull(gone, 0) AS found FROM facet_values v JOIN"
            " (SELECT facet_id, count(*) AS found FROM conversation_facets WHERE facet_id IN"
            " (SELECT id FROM facet_values WHERE persona_id = ?1) GROUP BY facet_id) ON facet_id = v.id LEFT JOIN"
            " (SELECT facet_id AS gone_id, count(*) AS gone FROM conversation_facts f JOIN conversation_facets t"
            " ON t.seq = f.seq WHERE f.persona_id = ?1 AND f.removed = 1 GROUP BY facet_id) ON gone_id = v.id"
            " WHERE found > ifnull(gone, 0) ORDER BY kind, found DESC, value",
            [persona_id],
        )
