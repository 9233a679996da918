"""Lorebooks: which entries a conversation calls up, in which order they stand, and what finds no room."""

import re
from typing import Any

import pytest

from studio.domain.lorebook import AFTER, BEFORE, DEPTH, book_of, called, estimated_tokens


def entry(keys: list[str], content: str = "Lore.", **more: Any) -> dict[str, Any]:
    return {"keys": keys, "content": content, "enabled": True, "insertion_order": 100, "extensions": {}, **more}


def words(book: dict[str, Any], *said: str, **more: Any) -> list[str]:
    return [hit.word for hit in called(book, said, **more)]


def texts(book: dict[str, Any], *said: str, **more: Any) -> list[str]:
    return [hit.text for hit in called(book, said, **more) if hit.fits]


def test_a_key_in_the_last_messages_calls_its_entry() -> None:
    book = {"entries": [entry(["lamp"], "The lamp is old."), entry(["harbour"], "The harbour is shut.")]}
    hit = called(book, ["Who lit the Lamp?"])[0]
    assert (hit.text, hit.word, hit.title, hit.fits) == ("The lamp is old.", "lamp", "lamp", True)
    assert texts(book, "Nothing of note.") == []


@pytest.mark.parametrize(
    ("key", "said", "found"),
    [
        ("ice", "The police came.", False),
        ("ice", "Ice is cold.", True),
        ("dragon", "Two dragons!", True),
        ("island", "a wide-island view", True),
        ("night of ash", "On the night of ash we left.", True),
        ("灯台", "あの灯台へ行く", True),
        ("C++", "She writes C++ at night.", True),
    ],
)
def test_a_key_begins_where_a_word_begins(key: str, said: str, found: bool) -> None:
    assert bool(words({"entries": [entry([key])]}, said)) is found


def test_whole_words_and_letter_case_where_the_card_says_so() -> None:
    whole = {"entries": [entry(["dragon"], extensions={"match_whole_words": True})]}
    assert words(whole, "Two dragons!") == [] and words(whole, "A dragon!") == ["dragon"]
    anywhere = {"entries": [entry(["ice"], extensions={"match_whole_words": False})]}
    assert words(anywhere, "The police came.") == ["ice"]
    strict = {"entries": [entry(["Will"], case_sensitive=True)]}
    assert words(strict, "I will go.") == [] and words(strict, "Ask Will.") == ["Will"]


def test_only_the_last_messages_are_looked_through() -> None:
    said = ["The lamp!", "a", "b", "c", "d"]
    assert words({"entries": [entry(["lamp"])]}, *said) == []
    assert words({"entries": [entry(["lamp"])], "scan_depth": 5}, *said) == ["lamp"]
    assert words({"entries": [entry(["lamp"], extensions={"scan_depth": 9})]}, *said) == ["lamp"]
    assert words({"entries": [entry(["lamp"])], "scan_depth": 0}, "The lamp!") == []


@pytest.mark.parametrize(
    ("logic", "said", "found"),
    [
        (0, "lamp and oil", True),
        (0, "lamp only", False),
        (1, "lamp and oil", True),
        (1, "lamp, oil and wick", False),
        (2, "lamp only", True),
        (2, "lamp and wick", False),
        (3, "lamp and oil", False),
        (3, "lamp, oil and wick", True),
    ],
)
def test_secondary_keys(logic: int, said: str, found: bool) -> None:
    one = entry(["lamp"], selective=True, secondary_keys=["oil", "wick"], extensions={"selectiveLogic": logic})
    assert bool(words({"entries": [one]}, said)) is found


def test_secondary_keys_count_only_where_they_are_switched_on() -> None:
    assert words({"entries": [entry(["lamp"], secondary_keys=["oil"])]}, "lamp only") == ["lamp"]


def test_constant_and_switched_off_entries() -> None:
    book = {"entries": [entry([], "Always.", constant=True), entry(["lamp"], "Never.", enabled=False)]}
    assert texts(book, "lamp") == ["Always."]


def test_places_and_order() -> None:
    book = {
        "entries": [
            entry(["x"], "late", insertion_order=20, position="after_char"),
            entry(["x"], "early", insertion_order=10, position="after_char"),
            entry(["x"], "front", insertion_order=99, position="before_char"),
            entry(["x"], "deep", extensions={"position": 4, "depth": 2}),
        ]
    }
    hits = called(book, ["x"])
    assert [(hit.text, hit.position, hit.depth) for hit in hits] == [
        ("front", BEFORE, 0), ("early", AFTER, 0), ("late", AFTER, 0), ("deep", DEPTH, 2),
    ]  # fmt: skip


def test_the_budget_leaves_the_least_important_out() -> None:
    long = "word " * 40
    book = {
        "token_budget": estimated_tokens(long) * 2,
        "entries": [
            entry(["x"], f"{long}a", insertion_order=1),
            entry(["x"], f"{long}b", insertion_order=2, priority=5),
            entry([], f"{long[5:]}c", insertion_order=3, constant=True),
            entry(["x"], "tiny", insertion_order=0, priority=-1),
        ],
    }
    fits = {hit.text[-1]: hit.fits for hit in called(book, ["x"])}
    assert fits == {"a": False, "b": True, "c": True, "y": False}
    assert sum(hit.tokens for hit in called(book, ["x"]) if hit.fits) <= book["token_budget"]


def test_lore_calls_lore_where_the_book_says_so() -> None:
    chain = [
        entry(["lamp"], "The lamp burns whale oil."), entry(["whale"], "Whales sing.", name="Whales"),
        entry(["sing"], "Never called by lore.", extensions={"exclude_recursion": True}),
    ]  # fmt: skip
    assert texts({"entries": chain}, "the lamp") == ["The lamp burns whale oil."]
    hits = called({"entries": chain, "recursive_scanning": True}, ["the lamp"])
    assert [(hit.title, hit.word, hit.through) for hit in hits] == [("lamp", "lamp", ""), ("Whales", "whale", "lamp")]


def test_lore_that_calls_itself_comes_to_an_end() -> None:
    ring = [entry(["a1"], "see b1"), entry(["b1"], "see a1 and c1"), entry(["c1"], "see b1")]
    assert len(called({"entries": ring, "recursive_scanning": True}, ["a1"])) == 3


def test_patterns_need_their_switch_and_somebody_who_finds_them() -> None:
    def finds(pattern: str, text: str, case: bool) -> bool:
        return re.search(pattern, text) is not None

    book = {"entries": [entry([r"la(m|t)p"], use_regex=True)]}
    assert words(book, "the latp", finds=finds) == [r"la(m|t)p"]
    assert words(book, "the latp") == []
    assert words({"entries": [entry([r"la(m|t)p"])]}, "the latp", finds=finds) == []


def test_decorators_are_taken_off_and_followed() -> None:
    depth = entry(["x"], "@@depth 3\n@@scan_depth 1\nDeep lore.")
    hit = called({"entries": [depth]}, ["x"])[0]
    assert (hit.text, hit.position, hit.depth) == ("Deep lore.", DEPTH, 3)
    assert called({"entries": [depth]}, ["x", "later"]) == []
    assert texts({"entries": [entry(["x"], "@@dont_activate\nNo.")]}, "x") == []
    assert texts({"entries": [entry([], "@@activate\nYes.")]}, "nothing") == ["Yes."]
    assert texts({"entries": [entry(["x"], "@@exclude_keys y,z\nLore.")]}, "x and z") == []
    assert texts({"entries": [entry(["x"], "@@additional_keys y,z\nLore.")]}, "x and z") == ["Lore."]
    assert texts({"entries": [entry(["x"], "@@additional_keys y,z\nLore.")]}, "x only") == []


def test_the_decorator_in_its_stead_counts_only_where_the_first_is_unknown() -> None:
    unknown = entry(["x"], "@@sing_it 1\n@@@depth 7\nLore.")
    assert called({"entries": [unknown]}, ["x"])[0].depth == 7
    known = entry(["x"], "@@depth 2\n@@@depth 7\nLore.")
    assert called({"entries": [known]}, ["x"])[0].depth == 2


def test_turns_are_counted() -> None:
    book = {"entries": [entry(["x"], "@@activate_only_after 3\nLate."), entry(["x"], "@@activate_only_every 2\nEven.")]}
    assert texts(book, "x", replies=1) == []
    assert texts(book, "x", replies=2) == ["Even."]
    assert texts(book, "x", replies=3) == ["Late."]


def test_placeholders_are_filled_in_keys_and_texts() -> None:
    book = {"entries": [entry(["{{char}}'s lamp"], "{{char}} polishes it.")]}
    fill = lambda text: text.replace("{{char}}", "Mira")  # noqa: E731
    assert texts(book, "Show me Mira's lamp.", fill=fill) == ["Mira polishes it."]


def test_the_book_is_found_in_cards_of_every_version() -> None:
    book = {"entries": [entry(["x"])]}
    assert book_of({"spec": "chara_card_v2", "data": {"character_book": book}}) == book
    assert book_of({"name": "Old", "character_book": book}) == book
    assert book_of({"data": {"character_book": None}}) == {} == book_of({"data": "odd"})


@pytest.mark.parametrize(
    "book",
    [
        {"entries": None}, {"entries": "odd"}, {"entries": [None, 3, "x", {}]}, {}, {"entries": {"0": {"content": 5}}},
        {"entries": [{"keys": "x", "content": "a", "insertion_order": "soon", "extensions": 4, "priority": True}]},
        {"entries": [{"keys": [None, 1], "content": "a"}], "scan_depth": "many", "token_budget": -3},
        {"entries": [{"keys": ["x"], "content": "@@depth\n@@\n@@@\n"}]},
    ],
)  # fmt: skip
def test_odd_books_do_no_harm(book: dict[str, Any]) -> None:
    assert all(hit.text for hit in called(book, ["x", "y"]))


def test_entries_by_number_are_read_like_a_list() -> None:
    assert texts({"entries": {"7": {"key": ["lamp"], "content": "Old."}}}, "lamp") == ["Old."]
