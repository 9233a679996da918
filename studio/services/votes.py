"""Blind voting: names hidden and columns in random order until the vote, and what all votes together say."""

import random
from collections.abc import Sequence
from dataclasses import replace

from studio.domain.changes import Kind
from studio.domain.chat import Chat, ChatMessage
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.votes import BAD, TIE, Ballot, Vote, VotedReply, contestant_key
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed
from studio.services.contestants import Contestants
from studio.services.vote_ranking import Ranking, ranking_of
from studio.services.who_answered import contents_of, contestant_of, name_of, personas_of

_Votes = list[Vote]


class Votes:
    """A ballot is open from its making to its vote (or until the names are shown), also over a restart."""

    def __init__(self, library: Library, changes: ChangeFeed, contestants: Contestants) -> None:
        self._library = library
        self._changes = changes
        self._contestants = contestants
        self._chance = random.SystemRandom()

    def ballot(self, chat_id: str, columns: Sequence[int] = ()) -> Ballot:
        """The open ballot of these columns (all when none are named), or a new one in a random order."""
        chat = self._chat(chat_id)
        lanes = [chat.lane(column) for column in columns or range(len(chat.columns))]
        if len(set(lanes)) < 2:
            raise StudioError("ballot_needs_two")
        there = self.open_ballot(chat_id)
        if there is not None and set(there.lanes) == set(lanes):
            return there
        self._chance.shuffle(lanes)
        ballot = Ballot(id=new_id("ballot"), chat_id=chat_id, lanes=tuple(lanes), created_at=now())
        self._library.votes.add_ballot(ballot)
        self._tell(chat_id)
        return ballot

    def open_ballot(self, chat_id: str) -> Ballot | None:
        """The round that is going on in a chat: neither voted on nor revealed, and all its columns are there."""
        found = self._library.votes.newest_ballot(chat_id)
        if found is None or found.revealed or self._library.votes.of_ballot(found.id) is not None:
            return None
        return found if set(found.lanes) <= set(_lanes(self._chat(chat_id))) else None

    def columns(self, ballot: Ballot) -> list[int]:
        """The chat's columns in the order in which a ballot shows them: place 1 first."""
        lanes = _lanes(self._chat(ballot.chat_id))
        if not set(ballot.lanes) <= set(lanes):
            raise StudioError("ballot_column_gone")
        return [lanes.index(lane) for lane in ballot.lanes]

    def vote(self, ballot_id: str, verdict: str) -> Vote:
        """Give a verdict: a place from ``"1"``, ``tie`` or ``bad``. Keeps all that was judged; names may be shown."""
        ballot = self.get(ballot_id)
        if self._library.votes.of_ballot(ballot_id) is not None:
            raise StudioError("ballot_voted")
        if verdict not in (TIE, BAD, *(str(place + 1) for place in range(len(ballot.lanes)))):
            raise ValueError(f"no verdict on {len(ballot.lanes)} replies: {verdict!r}")
        prompt, replies = self._judged(ballot)
        vote = Vote(
            id=new_id("vote"), ballot_id=ballot_id, chat_id=ballot.chat_id, prompt=prompt, replies=replies,
            verdict=verdict, blind=not ballot.revealed, created_at=now(),
        )  # fmt: skip
        with self._library.transaction():
            self._library.votes.add(vote)
            self._library.votes.update_ballot(replace(ballot, revealed=True))
        self._tell(ballot.chat_id)
        return vote

    def get(self, ballot_id: str) -> Ballot:
        """One ballot."""
        found = self._library.votes.ballot(ballot_id)
        if found is None:
            raise StudioError("not_found", what="ballot", name=ballot_id)
        return found

    def vote_on(self, ballot_id: str) -> Vote | None:
        """The vote that was cast on a ballot."""
        return self._library.votes.of_ballot(ballot_id)

    def reveal(self, ballot_id: str) -> Ballot:
        """Show the names. A ballot without a vote is closed by that: what was seen cannot be judged blindly."""
        ballot = replace(self.get(ballot_id), revealed=True)
        self._library.votes.update_ballot(ballot)
        self._tell(ballot.chat_id)
        return ballot

    def undo(self, vote_id: str) -> Ballot | None:
        """Take a vote back. Its ballot stays revealed: another vote on it is kept, but counts as one with names."""
        vote = self._library.votes.get(vote_id)
        if vote is None:
            raise StudioError("not_found", what="vote", name=vote_id)
        self._library.votes.remove(vote_id)
        self._tell(vote.chat_id)
        return self._library.votes.ballot(vote.ballot_id)

    def list(self, chat_id: str = "") -> _Votes:
        """The votes (of one chat), oldest first."""
        return self._library.votes.all(chat_id)

    def ranking(self, persona_id: str = "") -> Ranking:
        """Who is better, as far as the blind votes say: among a persona's voices and the base alone, or among all."""
        return ranking_of(self._library.votes.all(), persona_id)

    def _judged(self, ballot: Ballot) -> tuple[str, tuple[VotedReply, ...]]:
        """What was asked, and each reply in the ballot's order."""
        chat = self._chat(ballot.chat_id)
        prompts, replies = [], []
        for column in self.columns(ballot):
            said = self._library.chats.thread(chat.columns[column][1])
            if len(said) < 2 or said[-1].role is not Role.PERSONA or said[-2].role is not Role.USER:
                raise StudioError("ballot_unanswered")
            if said[-1].made_by.get("edited"):
                raise StudioError("ballot_edited")
            prompts.append(said[-2].text.strip())
            replies.append(self._reply(chat, column, said[-1]))
        if len(set(prompts)) > 1:
            raise StudioError("ballot_prompts_differ")
        return prompts[0], tuple(replies)

    def _reply(self, chat: Chat, column: int, message: ChatMessage) -> VotedReply:
        who = contestant_of(message.made_by, chat.columns[column][0])
        base, seed, sampler = (message.made_by.get(name) for name in ("base_fingerprint", "seed", "sampler"))
        fingerprint = base if isinstance(base, str) else ""
        return VotedReply(
            key=contestant_key(who, fingerprint),
            name=name_of(who, self._contestants),
            contestant=who,
            text=message.text,
            message_id=message.id,
            personas=personas_of(who, self._library),
            contents=contents_of(who, self._library),
            base_fingerprint=fingerprint,
            seed=seed if isinstance(seed, int) else None,
            sampler=sampler if isinstance(sampler, dict) else {},
        )

    def _chat(self, chat_id: str) -> Chat:
        chat = self._library.chats.get(chat_id)
        if chat is None:
            raise StudioError("not_found", what="chat", name=chat_id)
        return chat

    def _tell(self, chat_id: str) -> None:
        self._changes.tell(Kind.VOTE, ids=(chat_id,))


def _lanes(chat: Chat) -> list[int]:
    return [chat.lane(column) for column in range(len(chat.columns))]
