"""Writing conversations: additions, revisions, what an act takes out, and the order in which they lie."""

from collections.abc import Iterable, Sequence

from studio.domain.clock import now
from studio.domain.conversation import Conversation
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.connection import Database
from studio.library.conversation_index import Change, ConversationIndex, Placed, Present
from studio.library.conversation_order import ConversationOrder
from studio.library.conversation_rows import CONTENT, STORED, as_json, content, conversation_of, stored

_NOT_REMOVED = "EXISTS (SELECT 1 FROM conversation_facts f WHERE f.seq = c.seq AND f.removed = 0)"
_LISTED = "seq IN (SELECT seq FROM conversations WHERE id IN (SELECT value FROM json_each(?)))"


class ConversationWriting:
    """The half of the store that changes things. The number of a revision means the same words for good."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = ConversationIndex(database)
        self.order = ConversationOrder(database)

    def insert(
        self,
        persona_id: str,
        conversations: Iterable[Conversation],
        *,
        hashes: Sequence[str] = (),
        imported: Sequence[int] = (),
        positions: Sequence[int] = (),
    ) -> list[str]:
        """Add conversations, known or not, at the end or at positions; return their ids.

        ``hashes`` and ``imported`` (see ``conversation_facts.chain``) are given where they were worked out already.
        """
        given = list(conversations)
        ids, moment = self._fresh_ids(len(given)), now()
        known = hashes or [""] * len(given)
        with self._database.transaction():
            first = 1 + (self._database.value("SELECT seq FROM sqlite_sequence WHERE name = 'conversations'") or 0)
            places = positions or self.order.room_at_the_end(persona_id, len(given))
            self._database.write_many(
                f"INSERT INTO conversations (seq, id, persona_id, created_at, {CONTENT})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((first + at, ids[at], persona_id, moment, *content(one, known[at])) for at, one in enumerate(given)),
            )
            self._index.add(
                [
                    Placed(
                        seq=first + at,
                        id=ids[at],
                        persona_id=persona_id,
                        conversation=one,
                        position=places[at],
                        imported=imported[at] if imported else None,
                    )
                    for at, one in enumerate(given)
                ]
            )
        return ids

    def update(self, conversation_id: str, conversation: Conversation) -> StoredConversation:
        """Give a conversation new content as a revision of its own; the old one is kept."""
        return self.update_many([(conversation_id, conversation)])[0]

    def update_many(self, changes: Sequence[tuple[str, Conversation]]) -> list[StoredConversation]:
        """The same for several, which is much quicker than one by one."""
        present = self._present([id for id, _ in changes])
        newest = self._newest_revisions(list(present))
        return self._put(
            [
                Change(before=present[id], conversation=conversation, revision=newest[id] + 1)
                for id, conversation in changes
            ]
        )

    def restore(self, conversation_id: str, revision: int) -> StoredConversation:
        """Make a revision that was kept the present content again, under its own number."""
        return self.restore_many([(conversation_id, revision)])[0]

    def restore_many(self, wanted: Sequence[tuple[str, int]]) -> list[StoredConversation]:
        """The same for several, removed ones too."""
        present = self._present([id for id, _ in wanted], also_removed=True)
        changes = [
            Change(before=present[id], conversation=self.revision(id, revision), revision=revision)
            for id, revision in wanted
        ]
        self._put([change for change in changes if change.before.stored.revision != change.revision])
        return [change.after for change in changes]

    def revision(self, conversation_id: str, number: int) -> Conversation:
        """Return the content that a revision had."""
        row = self._database.row(
            "SELECT turns, title, source, tags FROM conversations WHERE id = ?1 AND revision = ?2"
            " UNION ALL SELECT turns, title, source, tags FROM conversation_revisions"
            " WHERE conversation_id = ?1 AND revision = ?2",
            [conversation_id, number],
        )
        if row is None:
            raise StudioError("not_found", what="revision", name=f"{conversation_id}/{number}")
        return conversation_of(row)

    def set_removed(self, ids: Sequence[str], removed: bool) -> None:
        """Take conversations out of sight, or back."""
        self._database.write(
            f"UPDATE conversation_facts SET removed = ? WHERE {_LISTED}", [int(removed), as_json(list(ids))]
        )

    def set_imported(self, conversation_id: str, chain: int) -> int:
        """Remember which words a conversation came in as; return what was remembered before."""
        seq = self._database.value("SELECT seq FROM conversations WHERE id = ?", [conversation_id])
        before = self._database.value("SELECT imported FROM conversation_facts WHERE seq = ?", [seq])
        self._database.write("UPDATE conversation_facts SET imported = ? WHERE seq = ?", [chain, seq])
        return int(before)

    def imported(self, persona_id: str, chains: Sequence[int]) -> dict[int, str]:
        """Return the conversations that came in as these words (see ``conversation_facts.chains``), by the words."""
        rows = self._database.rows(
            # The index has to be named: SQLite would read all of the persona instead.
            "SELECT imported, id FROM conversation_facts INDEXED BY conversation_facts_imported"
            " WHERE imported IN (SELECT value FROM json_each(?)) AND persona_id = ? AND removed = 0 ORDER BY seq DESC",
            [as_json(list(chains)), persona_id],
        )
        return {row["imported"]: row["id"] for row in rows}

    def _put(self, changes: Sequence[Change]) -> list[StoredConversation]:
        moment = now()
        with self._database.transaction():
            self._database.write_many(
                "INSERT OR IGNORE INTO conversation_revisions"
                " (conversation_id, revision, turns, title, source, tags, replaced_at)"
                " SELECT id, revision, turns, title, source, tags, ? FROM conversations WHERE seq = ?",
                ((moment, change.before.seq) for change in changes),
            )
            self._database.write_many(
                f"UPDATE conversations SET ({CONTENT}, revision) = (?, ?, ?, ?, ?, ?, ?) WHERE seq = ?",
                ((*content(change.conversation), change.revision, change.before.seq) for change in changes),
            )
            self._index.change(changes)
        return [change.after for change in changes]

    def _present(self, ids: Sequence[str], *, also_removed: bool = False) -> dict[str, Present]:
        which = "" if also_removed else f" AND {_NOT_REMOVED}"
        rows = self._database.rows(
            f"SELECT c.seq, {STORED} FROM conversations c WHERE c.id IN (SELECT value FROM json_each(?)){which}",
            [as_json(list(ids))],
        )
        found = {row["id"]: Present(seq=row["seq"], stored=stored(row)) for row in rows}
        for missing in (id for id in ids if id not in found):
            raise StudioError("not_found", what="conversation", name=missing)
        return found

    def _newest_revisions(self, ids: Sequence[str]) -> dict[str, int]:
        rows = self._database.rows(
            "SELECT c.id, max(c.revision, ifnull((SELECT max(r.revision) FROM conversation_revisions r"
            " WHERE r.conversation_id = c.id), 0)) AS newest"
            " FROM conversations c WHERE c.id IN (SELECT value FROM json_each(?))",
            [as_json(list(ids))],
        )
        return {row["id"]: row["newest"] for row in rows}

    def _fresh_ids(self, count: int) -> list[str]:
        # 32 random bits meet themselves in a library of 100,000 conversations, so taken ids are drawn again.
        found: dict[str, None] = {}
        while len(found) < count:
            drawn = [new_id("talk") for _ in range(count - len(found))]
            taken = self._database.column(
                "SELECT id FROM conversations WHERE id IN (SELECT value FROM json_each(?))", [as_json(drawn)]
            )
            found.update(dict.fromkeys(set(drawn).difference(taken)))
        return list(found)
