"""Character.AI: all the shapes in which its chats are passed on, and what belongs to other formats."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths


def _item(tmp_path: Path, value: object, **options: Any) -> ImportItem:
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return read_paths([path], **options).items[0]


def _told(item: ImportItem, number: int = 0) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in item.conversations[number].turns]


def _msg(name: str, text: str, *, human: bool = False, **more: object) -> dict[str, object]:
    return {"text": text, "src": {"name": name, "is_human": human}, **more}


def _turn(name: str, *texts: str, human: bool = False, at: str = "", **more: object) -> dict[str, Any]:
    candidates = [{"candidate_id": str(number), "raw_content": text} for number, text in enumerate(texts)]
    author = {"name": name, **({"is_human": True} if human else {})}
    return {"author": author, "candidates": candidates, "create_time": at, **more}


def test_single_page_in_either_order(tmp_path: Path) -> None:
    turns = [
        _turn("Rook", "Sit.", at="2025-01-01T10:00:00Z"),
        _turn("ines", "Why?", human=True, at="2025-01-01T10:01:00Z"),
    ]
    said = [("Rook", "Sit."), ("ines", "Why?")]
    assert _told(_item(tmp_path, {"turns": turns, "meta": {"next_token": None}})) == said
    assert _told(_item(tmp_path, {"turns": turns[::-1]})) == said
    assert _told(_item(tmp_path, turns)) == said


def test_first_candidate_stands_in_where_none_is_named(tmp_path: Path) -> None:
    item = _item(tmp_path, {"turns": [_turn("Rook", "Sit.", "Stand.", primary_candidate_id="lost"), _turn("Rook")]})
    assert (item.conversations[0].turns[0].text, item.conversations[0].turns[0].alternatives) == ("Sit.", ("Stand.",))


def test_flat_messages_of_the_old_interface(tmp_path: Path) -> None:
    def flat(name: str, text: str, human: bool, swiped: bool) -> dict[str, object]:
        return {"src__name": name, "src__is_human": human, "text": text, "is_alternative": swiped}

    messages = [flat("Rook", "Sit.", False, False), flat("Ines", "Why?", True, False)]
    messages += [flat("Rook", "No.", False, True), flat("Rook", "Rain.", False, False)]
    item = _item(tmp_path, {"messages": messages, "has_more": False})
    assert item.format == "character_ai"
    assert item.conversations[0].turns[2].alternatives == ("No.",)


def test_histories_alone_and_chats_with_turns(tmp_path: Path) -> None:
    histories = [
        {"created": "2023-02-01T00:00:00Z", "msgs": [_msg("Rook", "Sit."), _msg("Ines", "Why?", human=True)]}
    ] * 2
    item = _item(tmp_path, {"histories": histories, "has_more": False})
    assert [talk.title for talk in item.conversations] == ["2023-02-01", "2023-02-01"]
    chats = [{"chat_id": "a", "create_time": "2025-03-01T00:00:00Z", "turns": [_turn("Rook", "Sit.")]}]
    assert _told(_item(tmp_path, {"chats": chats})) == [("Rook", "Sit.")]


def test_user_who_is_called_like_the_character(tmp_path: Path) -> None:
    value = {"histories": [{"msgs": [_msg("Rook", "Sit."), _msg("rook", "Why?", human=True), _msg("Rook", "Rain.")]}]}
    assert _told(_item(tmp_path, value)) == [("Rook", "Sit."), ("User", "Why?"), ("Rook", "Rain.")]


def test_group_chat_asks_who(tmp_path: Path) -> None:
    turns = [_turn("Rook", "Sit."), _turn("Bishop", "Stand."), _turn("ines", "Which?", human=True)]
    with pytest.raises(StudioError) as caught:
        _item(tmp_path, {"turns": turns})
    assert caught.value.code == "speaker_needed"
    assert _item(tmp_path, {"turns": turns}, speaker="bishop").persona_name == "Bishop"


@pytest.mark.parametrize(
    "token",
    ["[NAME_IN_MESSAGE_REDACTED]", "[REDACTED]", "[FIRST_NAME_REDACTED]", "[USERNAME_REDACTED]", "[NAME_REDACTED]"],
)
def test_every_name_that_was_taken_out_becomes_the_user_s_placeholder(token: str, tmp_path: Path) -> None:
    item = _item(tmp_path, {"histories": [{"msgs": [_msg("Rook", f"Sit, {token}. [RED] stays.")]}]})
    assert item.conversations[0].turns[0].text == "Sit, {{user}}. [RED] stays."


def test_definition_without_chats_is_a_card(tmp_path: Path) -> None:
    about = {
        "external_id": "x",
        "participant__name": "Rook",
        "greeting": "Sit.",
        "definition": "{{user}}: Why?\n{{char}}: Rain.",
    }
    item = _item(tmp_path, {"character": about})
    assert (item.format, item.persona_name) == ("character_ai", "Rook")
    assert item.card is not None
    assert (item.card.greeting, item.card.description) == ("Sit.", "")
    assert _told(item) == [("{{user}}", "Why?"), ("Rook", "Rain.")]


def test_hybrid_card_belongs_to_the_cards(tmp_path: Path) -> None:
    both = {
        "char_name": "Rook",
        "char_persona": "A piece.",
        "char_greeting": "Sit.",
        "world_scenario": "",
        "example_dialogue": "",
    }
    both |= {
        "name": "Rook",
        "description": "A piece.",
        "first_mes": "Sit.",
        "scenario": "",
        "mes_example": "",
        "personality": "",
    }
    item = _item(tmp_path, {**both, "metadata": {"tool": {"name": "x"}}})
    assert item.format == "character_card"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"histories": [{"msgs": []}]}, "nothing_to_import"),
        ({"turns": 5}, "chat_invalid"),
        ({"a": 1}, "chat_invalid"),
        ([[[[[[{"turns": []}]]]]]], "chat_invalid"),
    ],
)
def test_dumps_without_words_or_shape(value: object, code: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        _item(tmp_path, value, format="character_ai", persona="Rook")
    assert caught.value.code == code
