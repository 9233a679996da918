"""Ballots and votes, what was taught from chats, and what adapters were measured to change."""

from dataclasses import dataclass

from studio.domain.effect import AdapterEffect
from studio.domain.votes import Ballot, Vote
from studio.library.connection import Database
from studio.library.records import RecordTable


@dataclass(frozen=True, kw_only=True)
class TaughtReply:
    """A reply of a chat that went into a conversation of the data."""

    message_id: str
    chat_id: str
    conversation_id: str
    taught_at: str = ""


class VoteStore:
    """Ballots go and come back with their chat; votes stay."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ballots = RecordTable(database, "ballots", Ballot)
        self._votes = RecordTable(database, "votes", Vote)
        self._taught = RecordTable(database, "taught", TaughtReply)
        self._effects = RecordTable(database, "adapter_effects", AdapterEffect)

    def add_ballot(self, ballot: Ballot) -> None:
        """Keep a new ballot."""
        self._ballots.add(ballot)

    def update_ballot(self, ballot: Ballot) -> bool:
        """Write a ballot that is there already; False when it is not."""
        return self._ballots.put(ballot)

    def ballot(self, ballot_id: str) -> Ballot | None:
        """Return the ballot with this id, if there is one."""
        return self._ballots.get(ballot_id)

    def newest_ballot(self, chat_id: str) -> Ballot | None:
        """Return the newest ballot of a chat, if there is one."""
        found = self._ballots.select("WHERE chat_id = ? ORDER BY seq DESC LIMIT 1", [chat_id])
        return found[0] if found else None

    def add(self, vote: Vote) -> None:
        """Keep a vote."""
        self._votes.add(vote)

    def get(self, vote_id: str) -> Vote | None:
        """Return the vote with this id, if there is one."""
        return self._votes.get(vote_id)

    def of_ballot(self, ballot_id: str) -> Vote | None:
        """Return the vote that was cast on a ballot."""
        found = self._votes.select("WHERE ballot_id = ?", [ballot_id])
        return found[0] if found else None

    def all(self, chat_id: str = "") -> list[Vote]:
        """Return the votes (of one chat), oldest first."""
        if chat_id:
            return self._votes.select("WHERE chat_id = ? ORDER BY seq", [chat_id])
        return self._votes.select("ORDER BY seq")

    def remove(self, vote_id: str) -> bool:
        """Forget a vote; False when there was none."""
        return self._database.write("DELETE FROM votes WHERE id = ?", [vote_id]) > 0

    def remember_taught(self, taught: TaughtReply) -> None:
        """Write down where a reply went; the newest place counts."""
        self._taught.add_many([taught], replace=True)

    def taught(self, chat_id: str) -> list[TaughtReply]:
        """Return where the replies of a chat went, the latest last."""
        return self._taught.select("WHERE chat_id = ? ORDER BY rowid", [chat_id])

    def taught_from(self, conversation_id: str) -> list[TaughtReply]:
        """Return the replies that went into a conversation, the latest last."""
        return self._taught.select("WHERE conversation_id = ? ORDER BY rowid", [conversation_id])

    def put_effect(self, effect: AdapterEffect) -> None:
        """Keep what was measured, in the place of an older measurement."""
        self._effects.add_many([effect], replace=True)

    def effect(self, content: str, base_fingerprint: str, quantization: str = "") -> AdapterEffect | None:
        """Return what was measured (last, however the base was kept, when ``quantization`` is empty)."""
        which, values = ("", [content, base_fingerprint])
        if quantization:
            which, values = "AND quantization = ?", [*values, quantization]
        found = self._effects.select(
            f"WHERE content = ? AND base_fingerprint = ? {which} ORDER BY measured_at DESC LIMIT 1", values
        )
        return found[0] if found else None
