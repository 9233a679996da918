"""Blind voting: an order that survives a restart, everything kept that was judged, and honest rankings."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import BlendPart, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.votes import Vote, VotedReply, contestant_key, duels_of
from studio.services.studio import Studio
from studio.services.vote_ranking import ranking_of
from studio.texts import sentence
from tests.services.app_thread import AppThread
from tests.services.voices import add_adapter, asked, of, said_by_hand, swiped, tip


@pytest.fixture
def contest(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> str:
    """A chat with three voices that have answered."""
    voices = [Contestant(), *(of(add_adapter(studio, base, persona.id, f"Oswin v{number}")) for number in (1, 2))]
    chat = studio.chats.create("The storm", voices)
    asked(studio, app, chat.id, "What do we do?", seed=7)
    return chat.id


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(StudioError) as raised:
        act()
    assert sentence(raised.value)
    return raised.value.code


def test_a_vote_keeps_everything_that_was_judged(studio: Studio, contest: str) -> None:
    ballot = studio.votes.ballot(contest)
    order = studio.votes.columns(ballot)
    vote = studio.votes.vote(ballot.id, "2")
    assert sorted(order) == [0, 1, 2] and vote.prompt == "What do we do?" and vote.blind and vote.created_at
    for place, column in enumerate(order):
        message, reply = tip(studio, contest, column), vote.replies[place]
        assert (reply.text, reply.message_id, reply.seed) == (message.text, message.id, 7)
        assert reply.contestant == studio.chats.get(contest).columns[column][0]
        assert reply.sampler["temperature"] == Sampler().temperature and reply.base_fingerprint
        assert bool(reply.contents) is not reply.contestant.is_base
    assert vote.winner == vote.replies[1]
    assert studio.votes.list() == studio.votes.list(contest) == [vote]
    assert studio.votes.get(ballot.id).revealed


def test_an_open_round_survives_a_restart_and_the_next_one_is_drawn_anew(
    open_studio: Callable[[], Studio], studio: Studio, contest: str
) -> None:
    ballot = studio.votes.ballot(contest)
    studio.close()
    again = open_studio()
    assert again.votes.ballot(contest) == again.votes.open_ballot(contest) == ballot
    again.votes.vote(ballot.id, "tie")
    assert again.votes.open_ballot(contest) is None
    assert again.votes.ballot(contest).id != ballot.id


def test_orders_are_drawn_by_chance(studio: Studio, contest: str) -> None:
    drawn = set()
    for _ in range(60):
        ballot = studio.votes.ballot(contest)
        drawn.add(ballot.lanes)
        studio.votes.reveal(ballot.id)
    assert len(drawn) == 6  # one order missing after 60 draws: once in nine thousand tries


def test_the_reply_is_its_maker_s_even_when_the_column_was_changed_since(studio: Studio, contest: str) -> None:
    contestant = studio.chats.get(contest).columns[1][0]
    studio.chats.set_contestant(contest, 1, replace(contestant, strength=0.3))
    ballot = studio.votes.ballot(contest, [0, 1])
    place = studio.votes.columns(ballot).index(1)
    assert studio.votes.vote(ballot.id, str(place + 1)).replies[place].contestant.strength == 1.0


def test_an_undone_vote_is_gone_and_another_one_is_not_blind_any_more(studio: Studio, contest: str) -> None:
    ballot = studio.votes.ballot(contest)
    undone = studio.votes.undo(studio.votes.vote(ballot.id, "1").id)
    assert undone is not None and undone.revealed and not studio.votes.list()
    vote = studio.votes.vote(ballot.id, "2")
    ranking = studio.votes.ranking()
    assert not vote.blind and (ranking.votes, ranking.with_names, ranking.rows) == (0, 1, ())


def test_votes_outlive_their_chat_and_its_adapters(studio: Studio, contest: str) -> None:
    ballot = studio.votes.ballot(contest)
    vote = studio.votes.vote(ballot.id, "3")
    for adapter in studio.adapters.list():
        studio.adapters.delete(adapter.id)
    token = studio.chats.delete(contest)
    assert studio.votes.list() == [vote] and len(studio.votes.ranking().rows) == 3
    assert "Oswin v1" in {row.label for row in studio.votes.ranking().rows}
    studio.data.undo(token)
    assert studio.votes.get(ballot.id).revealed and studio.votes.vote_on(ballot.id) == vote


def test_what_cannot_be_judged_fairly_is_refused(studio: Studio, app: AppThread, contest: str) -> None:
    assert code_of(lambda: studio.votes.ballot(contest, [1])) == "ballot_needs_two"
    ballot = studio.votes.ballot(contest)
    studio.chats.edit(contest, 1, tip(studio, contest, 1).id, "My own words.")
    assert code_of(lambda: studio.votes.vote(ballot.id, "1")) == "ballot_edited"
    swiped(studio, app, contest, 1, seed=9)
    vote = studio.votes.vote(ballot.id, "bad")
    assert code_of(lambda: studio.votes.vote(ballot.id, "bad")) == "ballot_voted"
    assert vote.winner is None and duels_of(vote) == []
    with pytest.raises(ValueError, match="no verdict"):
        studio.votes.vote(studio.votes.ballot(contest).id, "4")


def test_columns_that_answered_different_words_are_not_compared(studio: Studio, app: AppThread, contest: str) -> None:
    first = studio.chats.thread(contest, 0)[0]
    studio.chats.edit(contest, 0, first.id, "Something else?")
    assert code_of(lambda: studio.votes.vote(studio.votes.ballot(contest).id, "1")) == "ballot_unanswered"
    said_by_hand(studio, contest, 0, "An answer.")
    assert code_of(lambda: studio.votes.vote(studio.votes.ballot(contest).id, "1")) == "ballot_prompts_differ"


def test_a_removed_column_ends_the_round(studio: Studio, contest: str) -> None:
    ballot = studio.votes.ballot(contest)
    kept = [contestant for contestant, _ in studio.chats.get(contest).columns][:2]
    studio.chats.set_columns(contest, kept)
    assert code_of(lambda: studio.votes.columns(ballot)) == "ballot_column_gone"
    assert studio.votes.open_ballot(contest) is None
    assert set(studio.votes.columns(studio.votes.ballot(contest))) == {0, 1}


# -- rankings -------------------------------------------------------------------------------------------------------

BASE = VotedReply(key="base", name="Base alone", contestant=Contestant(), text="…")
OLD, NEW, OTHER = (
    VotedReply(key=key, name=name, contestant=Contestant(adapter_id=key), text="…", personas=(persona,))
    for key, name, persona in (("old", "Mira v1", "mira"), ("new", "Mira v2", "mira"), ("tik", "Tik v1", "tik"))
)


def votes(*rounds: tuple[int, tuple[VotedReply, ...], str], blind: bool = True) -> list[Vote]:
    made = [(replies, verdict) for count, replies, verdict in rounds for _ in range(count)]
    return [
        Vote(id=f"vote-{at}", ballot_id=f"ballot-{at}", chat_id="chat", prompt="?", replies=replies, verdict=verdict,
             blind=blind)
        for at, (replies, verdict) in enumerate(made)
    ]  # fmt: skip


def test_a_clear_contest_is_decided_and_says_by_how_much() -> None:
    ranking = ranking_of(votes((12, (NEW, BASE), "1"), (2, (NEW, BASE), "2"), (1, (NEW, BASE), "tie")))
    first, second = ranking.rows
    assert (first.label, first.wins, first.losses, first.ties, first.votes) == ("Mira v2", 12, 2, 1, 15)
    assert first.win_chance == pytest.approx(13 / 16) and first.low > 0 and first.enough
    assert second.is_reference and (second.score, second.low, second.high) == (0, 0, 0)
    assert ranking.enough and ranking.reference == "Base alone" and second.wins == 2
    assert ranking.verdict == (
        "Mira v2 is better than Base alone: 15 votes, a chance of 81 % to win (95 %: 55 to 94 %)."
    )


def test_too_few_votes_are_said_plainly_with_how_many_more() -> None:
    ranking = ranking_of(votes((5, (OLD, NEW), "2"), (2, (OLD, NEW), "1")))
    assert not ranking.enough and not any(row.enough for row in ranking.rows)
    assert ranking.verdict == "7 votes so far; about 20 more before Mira v2 and Mira v1 can be told apart."
    assert ranking.reference == "" and ranking.rows[0].score == pytest.approx(-ranking.rows[1].score)


def test_equals_are_called_equals() -> None:
    ranking = ranking_of(votes((30, (OLD, NEW), "1"), (30, (OLD, NEW), "2")))
    assert not ranking.enough and ranking.verdict.startswith("60 votes so far: ")
    assert "about as good as each other" in ranking.verdict


def test_a_win_counts_against_each_other_column() -> None:
    ranking = ranking_of(votes((4, (BASE, OLD, NEW), "3"), (1, (BASE, OLD, NEW), "tie")))
    counted = {row.key: (row.wins, row.losses, row.ties) for row in ranking.rows}
    assert counted == {"new": (8, 0, 2), "old": (0, 4, 2), "base": (0, 4, 2)}


def test_bad_rounds_rank_nobody_but_are_counted() -> None:
    nobody = ranking_of(votes((3, (OLD, NEW), "bad")))
    assert (nobody.rows, nobody.votes, nobody.bad, nobody.enough) == ((), 3, 3, False)
    assert "3 votes so far" in nobody.verdict
    some = ranking_of(votes((3, (OLD, NEW), "bad"), (1, (OLD, NEW), "1")))
    assert (some.votes, some.bad, some.rows[0].votes) == (4, 3, 1)


def test_a_persona_is_ranked_among_its_own_and_the_base() -> None:
    cast = votes((6, (BASE, OLD, OTHER), "2"), (4, (NEW, OTHER), "2"), (3, (OLD, NEW), "1"), (2, (BASE, OTHER), "1"))
    mira, tik, all_of_them = (ranking_of(cast, persona) for persona in ("mira", "tik", ""))
    assert {row.key for row in mira.rows} == {"base", "old", "new"}
    assert {row.key: row.wins for row in mira.rows} == {"base": 0, "old": 9, "new": 0}
    assert {row.key for row in tik.rows} == {"base", "tik"} and tik.votes == 2
    assert {row.key for row in all_of_them.rows} == {"base", "old", "new", "tik"} and all_of_them.votes == 15


def test_those_who_never_met_stand_apart() -> None:
    ranking = ranking_of(votes((3, (BASE, OLD), "2"), (1, (NEW, OTHER), "1")))
    assert {row.key for row in ranking.rows} | set(ranking.apart) == {"base", "old", "Mira v2", "Tik v1"}


def test_no_votes_say_what_to_do(studio: Studio) -> None:
    ranking = studio.votes.ranking()
    assert ranking.rows == () and ranking.verdict.startswith("No blind votes yet.")


def test_the_key_tells_voices_apart_and_not_their_luck() -> None:
    mira = Contestant(adapter_id="mira", strength=0.5)
    same = [
        replace(mira, seed=4),
        Contestant(blend=(BlendPart(adapter_id="mira", weight=0.5),)),
        Contestant(adapter_id="mira", strength=0.25, blend=(BlendPart(adapter_id="mira", weight=0.25),)),
    ]
    others = [
        replace(mira, strength=0.6), replace(mira, card="full"), replace(mira, system_prompt="Be brief."),
        replace(mira, step=20), replace(mira, sampler=Sampler(temperature=0)), replace(mira, persona_id="tik"),
        replace(mira, blend=(BlendPart(adapter_id="tik"),)), Contestant(),
    ]  # fmt: skip
    assert {contestant_key(one, "fp") for one in same} == {contestant_key(mira, "fp")}
    assert len({contestant_key(one, "fp") for one in [mira, *others]}) == len(others) + 1
    assert contestant_key(mira, "fp") != contestant_key(mira, "another base")


def test_two_of_a_kind_say_nothing_about_each_other() -> None:
    assert ranking_of(votes((9, (OLD, OLD), "1"))).rows == ()
