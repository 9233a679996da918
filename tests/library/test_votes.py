"""Ballots go and come back with their chat, votes stay; what was taught and measured is found again."""

from studio.domain.changes import Kind
from studio.domain.chat import Chat, Contestant
from studio.domain.effect import AdapterEffect
from studio.domain.votes import Ballot, Vote, VotedReply
from studio.library.library import Library
from studio.library.vote_store import TaughtReply

CHAT = Chat(id="chat-1", title="Evening")
BALLOT = Ballot(id="ballot-1", chat_id="chat-1", lanes=(2, 0, 1), created_at="2026-01-01T00:00:00+00:00")
VOTE = Vote(
    id="vote-1", ballot_id="ballot-1", chat_id="chat-1", prompt="Who?", verdict="2", created_at="2026-01-01",
    replies=(
        VotedReply(key="a", name="Base alone", contestant=Contestant(), text="I.", seed=3),
        VotedReply(
            key="b", name="Mira", contestant=Contestant(adapter_id="m", strength=0.5), text="Me.", personas=("p",),
            contents={"m": "c" * 64}, sampler={"temperature": 0.8, "stop": []}, base_fingerprint="f",
        ),
    ),
)  # fmt: skip


def test_a_ballot_goes_with_its_chat_and_a_vote_stays(library: Library) -> None:
    library.chats.add(CHAT)
    library.votes.add_ballot(BALLOT)
    library.votes.add(VOTE)
    library.votes.remember_taught(TaughtReply(message_id="say-1", chat_id="chat-1", conversation_id="talk-1"))
    token = library.trash.remove(Kind.CHAT, "chat-1")
    assert library.votes.ballot("ballot-1") is None and library.votes.taught_from("talk-1") == []
    assert library.votes.all() == library.votes.all("chat-1") == [VOTE]
    library.trash.undo(token)
    assert library.votes.newest_ballot("chat-1") == BALLOT and len(library.votes.taught("chat-1")) == 1


def test_a_vote_is_kept_whole_and_taken_back(library: Library) -> None:
    library.votes.add(VOTE)
    assert library.votes.get("vote-1") == library.votes.of_ballot("ballot-1") == VOTE
    assert VOTE.winner == VOTE.replies[1]
    assert library.votes.remove("vote-1") and not library.votes.remove("vote-1")


def test_a_reply_is_in_one_place_the_latest(library: Library) -> None:
    library.chats.add(CHAT)
    for place in ("talk-1", "talk-2"):
        library.votes.remember_taught(TaughtReply(message_id="say-1", chat_id="chat-1", conversation_id=place))
    assert [one.conversation_id for one in library.votes.taught("chat-1")] == ["talk-2"]


def test_an_effect_belongs_to_a_content_on_a_base_as_it_was_kept(library: Library) -> None:
    def effect(quantization: str, kl: float, moment: str) -> AdapterEffect:
        return AdapterEffect(
            content="c", base_fingerprint="f", quantization=quantization, change=2.0, kl=kl, top1_changed=0.25,
            nothing=kl == 0, measured_at=moment,
        )  # fmt: skip

    plain, four_bit = effect("none", 0.5, "2026-01-01"), effect("nf4", 0.0, "2026-01-02")
    for one in (effect("none", 0.1, "2025-01-01"), plain, four_bit):
        library.votes.put_effect(one)
    assert library.votes.effect("c", "f", "none") == plain
    assert library.votes.effect("c", "f") == four_bit and four_bit.nothing
    assert library.votes.effect("c", "other") is None and library.votes.effect("c", "f", "int8") is None
