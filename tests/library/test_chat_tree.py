"""Chats in the library: threads with their siblings in one query, long chains, presets, thumbs."""

import random
from dataclasses import replace

import pytest

from studio.domain.changes import Kind
from studio.domain.chat import BlendPart, Chat, ChatMessage, ChatSettings, Contestant, Sampler, SceneSettings, Speaker
from studio.domain.conversation import Role
from studio.library.chat_store import SamplerPreset
from studio.library.library import Library
from tests.library.examples import contents, integrity

LONG = 1200


def message(number: int, parent: int | None, lane: int = 0, chat: str = "chat-1") -> ChatMessage:
    return ChatMessage(
        id=f"m{number}", chat_id=chat, parent_id="" if parent is None else f"m{parent}",
        role=Role.USER, text=f"text {number}", made_by={"column": lane},
    )  # fmt: skip


@pytest.fixture
def chain(library: Library) -> Library:
    """A thread that is longer than SQLite follows cascades, with a swipe near its beginning."""
    library.chats.add(Chat(id="chat-1", title="Long"))
    library.chats.add_messages(message(at, at - 1 if at else None) for at in range(LONG))
    library.chats.add_message(message(LONG, 2))
    return library


def test_everything_about_a_chat_comes_back(library: Library) -> None:
    contestant = Contestant(
        adapter_id="a", strength=0.5, blend=(BlendPart(adapter_id="b", weight=0.25),), persona_id="p", card="full",
        step=3, sampler=Sampler(stop=("END",), dry_multiplier=0.8), seed=9,
    )  # fmt: skip
    scene = SceneSettings(speakers=(Speaker(key="s1", contestant=contestant, talkativeness=0.1),), order="round")
    chat = Chat(
        id="chat-1", title="All", columns=((contestant, ""),), kind="scene", sampler=Sampler(top_k=3), lanes=(4,),
        settings=ChatSettings(author_note="N", seed=1, same_seed=False, scene=scene),
    )  # fmt: skip
    library.chats.add(chat)
    assert library.chats.get("chat-1") == chat


def test_a_chat_that_older_versions_stored_opens_with_defaults(library: Library) -> None:
    library._database.write(
        "INSERT INTO chats (id, title, columns, created_at) VALUES (?, ?, ?, ?)",
        ["chat-1", "Old", '[[{"adapter_id": "a", "strength": 0.7, "system_prompt": ""}, "m1"]]', ""],
    )
    found = library.chats.get("chat-1")
    assert found == Chat(id="chat-1", title="Old", columns=((Contestant(adapter_id="a", strength=0.7), "m1"),))
    assert found is not None and found.lane(0) == 0


def test_a_long_thread_is_deleted_and_comes_back(chain: Library) -> None:
    before = contents(chain)
    token = chain.trash.remove(Kind.MESSAGE, "m2")
    assert [one.id for one in chain.chats.messages("chat-1")] == ["m0", "m1"]
    chain.trash.undo(token)
    assert contents(chain) == before and integrity(chain) == "ok"


def test_a_long_chat_is_deleted_and_comes_back(chain: Library) -> None:
    before = contents(chain)
    token = chain.trash.remove(Kind.CHAT, "chat-1")
    assert chain.chats.messages("chat-1") == []
    chain.trash.undo(token)
    assert contents(chain) == before and integrity(chain) == "ok"


def test_threads_know_their_siblings_as_one_by_one(library: Library) -> None:
    chance = random.Random(3)
    for chat in ("chat-1", "chat-2"):
        library.chats.add(Chat(id=chat, title=""))
    library.chats.add_messages(
        message(at, chance.choice([None, *range(max(at - 3, 0), at)]), chance.choice([0, 1])) for at in range(120)
    )
    library.chats.add_messages(message(at, None, 0, "chat-2") for at in range(200, 205))
    for tip in range(0, 120, 7):
        view = library.chats.thread_view(f"m{tip}")
        assert [one.message for one in view] == library.chats.thread(f"m{tip}")
        for one in view:
            beside = [each.id for each in library.chats.siblings(one.message.id)]
            assert (one.place, one.count) == (beside.index(one.message.id) + 1, len(beside))
    assert max(one.count for one in library.chats.thread_view("m119")) < 60
    assert library.chats.thread_view("") == []


def test_siblings_are_those_of_the_same_lane(library: Library) -> None:
    library.chats.add(Chat(id="chat-1", title=""))
    library.chats.add_messages([message(0, None, 0), message(1, None, 1), message(2, None, 0)])
    assert [one.id for one in library.chats.siblings("m2")] == ["m0", "m2"]
    assert [one.id for one in library.chats.siblings("m1")] == ["m1"]
    assert library.chats.last_lane("chat-1") == 1 and library.chats.last_lane("none") == -1
    assert [one.id for one in library.chats.openings("chat-1")] == ["m0", "m1", "m2"]


def test_the_end_of_a_thread_is_read_alone(chain: Library) -> None:
    tip = f"m{LONG - 1}"
    size = len(f"text {LONG - 1}")
    for wanted in (1, 4, 5, 68, 69, 150):
        end, earlier = chain.chats.recent(tip, wanted * size)
        assert earlier % 64 == 0 and wanted <= len(end) < wanted + 64
        assert [one.id for one in end] == [f"m{at}" for at in range(earlier, LONG)]
    starts = {chain.chats.recent(f"m{at}", 100 * size)[1] for at in range(1100, 1164)}
    assert len(starts) == 2, "it moves once in 64 messages"
    whole = [replace(one, made_by={}) for one in chain.chats.thread(tip)]
    assert chain.chats.recent(tip, 10**9) == (whole, 0)
    chain._database.write("UPDATE chat_messages SET made_by = ? WHERE id = 'm0'", ['{"speaker": "s1", "seed": 4}'])
    assert chain.chats.recent("m0", 10)[0][0].made_by == {"speaker": "s1"}
    assert chain.chats.recent("", 100) == ([], 0)
    assert (chain.chats.height(tip), chain.chats.height(""), chain.chats.height("m0")) == (LONG, 0, 1)
    heights = [chain.chats.height(f"m{at}") for at in (2, 3, 9, 10, 13, LONG - 9, LONG - 1)]  # from one another, or not
    assert heights == [3, 4, 10, 11, 14, LONG - 8, LONG]
    assert len(chain.chats.thread_view("m700")) == chain.chats.height("m700") == 701


def test_the_height_of_what_is_not_there_yet_is_not_remembered(chain: Library) -> None:
    """Deleting takes a message away, undo brings it back under its name."""
    assert (chain.chats.height("later"), chain.chats.thread_view("later")) == (0, [])
    row = chain.chats.message("m9")
    assert row is not None
    chain.chats.add_message(replace(row, id="later", parent_id="m9"))
    assert chain.chats.height("later") == 11


def test_what_is_below_a_message(chain: Library) -> None:
    assert len(chain.chats.below("m2")) == LONG - 1
    assert chain.chats.below(f"m{LONG}") == {f"m{LONG}"}
    assert chain.chats.count_below("m2") == 2
    assert chain.chats.newest_leaf("m2") == f"m{LONG}" and chain.chats.newest_leaf("m3") == f"m{LONG - 1}"


def test_thumbs(chain: Library) -> None:
    assert chain.chats.rate("m2", -1) and not chain.chats.rate("m-none", 1)
    assert [one.rating for one in chain.chats.thread("m3")] == [0, 0, -1, 0]


def test_presets(library: Library) -> None:
    mine = SamplerPreset(name="mine", sampler=Sampler(stop=("END",)), created_at="2026")
    library.chats.keep_preset(mine)
    library.chats.keep_preset(SamplerPreset(name="Better", sampler=Sampler()))
    library.chats.keep_preset(replace(mine, sampler=Sampler(top_k=5)))
    assert [(one.name, one.sampler.top_k) for one in library.chats.presets()] == [("Better", 0), ("mine", 5)]
    assert library.chats.drop_preset("mine") and not library.chats.drop_preset("mine")
