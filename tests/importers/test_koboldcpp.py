"""Kobold saves: what tells the sides apart in every mode, branches, other tries, and stories without speakers."""

import json
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths

Told = list[tuple[str, str]]


def _save(tmp_path: Path, pieces: list[str], settings: dict[str, Any] | None = None, **more: Any) -> Path:
    save = {"gamestarted": True, "prompt": pieces[0], "memory": "", "actions": pieces[1:], "savedsettings": settings}
    path = tmp_path / "save.json"
    path.write_text(json.dumps(save | more), encoding="utf-8")
    return path


def _item(path: Path, **options: Any) -> ImportItem:
    return read_paths([path], **options).items[0]


def _told(item: ImportItem, number: int = 0) -> Told:
    return [(turn.speaker, turn.text) for turn in item.conversations[number].turns]


def _code(path: Path, **options: Any) -> str:
    with pytest.raises(StudioError) as caught:
        read_paths([path], **options)
    return caught.value.code


CHAT = ["\nKoboldAI: Hello.", "\nUser: Hi. Note: I am late.\nKoboldAI:", " So is the tea."]


def test_story_has_nobody_to_learn_from(tmp_path: Path) -> None:
    path = _save(tmp_path, ["It rained on the mill.", " It went on raining.\n\nNobody minded."], {"opmode": 1})
    assert _code(path, persona="Odo") == "kobold_story"


def test_story_mode_with_names_is_a_script(tmp_path: Path) -> None:
    path = _save(
        tmp_path, ["Ada: Who is there?\n", "Odo: The clock.\nIt is late.\n", "Ada: Then come in."], {"opmode": 1}
    )
    assert _told(_item(path, speaker="odo")) == [
        ("Ada", "Who is there?"),
        ("Odo", "The clock.\nIt is late."),
        ("Ada", "Then come in."),
    ]
    assert _code(path) == "speaker_needed"


def test_program_s_own_name_gives_way_to_a_known_persona(tmp_path: Path) -> None:
    path = _save(tmp_path, CHAT, {"opmode": 3, "chatname": "User", "chatopponent": "KoboldAI"})
    item = _item(path, persona="Odo")
    assert (item.persona_name, item.speaker) == ("Odo", "Odo")
    assert _told(item)[1:] == [("User", "Hi. Note: I am late."), ("Odo", "So is the tea.")]
    assert _item(path).persona_name == "KoboldAI"


def test_group_asks_who_is_the_persona(tmp_path: Path) -> None:
    pieces = ["Quill: Left.", "\nTobb: Right.", "\nInes: Which?"]
    path = _save(tmp_path, pieces, {"opmode": 3, "chatname": "Ines", "chatopponent": "Quill||$||Tobb"})
    assert _code(path) == "speaker_needed"
    assert _item(path, speaker="Tobb").persona_turns == 1


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("\\n### Instruction:\\n", "\\n### Response:\\n", "\n### Instruction:\nWhy?\n### Response:\nWho asks?"),
        (
            "<|eot_id|><|start_header_id|>user<|end_header_id|>\\n\\n",
            "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\\n\\n",
            "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
            "Who asks?",
        ),
        ("[INST] ", " [/INST]", "[INST] Why? [/INST]Who asks?"),
        ("\\nUSER: ", "\\nASSISTANT: ", "USER: Why?\nASSISTANT: Who asks?"),
        ("{{[INPUT]}}", "{{[OUTPUT]}}", "{{[INPUT]}}Why?{{[INPUT_END]}}{{[OUTPUT]}}Who asks?{{[OUTPUT_END]}}"),
    ],
)
def test_instruction_tags_of_every_kind(start: str, end: str, text: str, tmp_path: Path) -> None:
    path = _save(tmp_path, [text], {"opmode": 4, "instruct_starttag": start, "instruct_endtag": end})
    assert _told(_item(path, persona="Odo")) == [("You", "Why?"), ("Odo", "Who asks?")]


def test_several_characters_in_one_answer(tmp_path: Path) -> None:
    settings = {"opmode": 4, "chatname": "Ines", "chatopponent": "Quill||$||Tobb", "inject_chatnames_instruct": True}
    pieces = ["{{[INPUT]}}\nInes: Lunch?\n{{[OUTPUT]}}\n", "Tobb: Soup.\nQuill: Again?"]
    item = _item(_save(tmp_path, pieces, settings), speaker="Quill")
    assert [turn.text for turn in item.conversations[0].turns] == ["Ines: Lunch?\n\nTobb: Soup.", "Again?"]


def test_a_system_turn_is_nobody_s(tmp_path: Path) -> None:
    text = "{{[SYSTEM]}}Be brief.{{[INPUT]}}Why?{{[OUTPUT]}}Rain.{{[SYSTEM]}}Be briefer."
    assert _told(_item(_save(tmp_path, [text]), persona="Odo")) == [("You", "Why?"), ("Odo", "Rain.")]


def test_newer_koboldai_numbers_its_actions(tmp_path: Path) -> None:
    actions = {
        "0": {"Selected Text": "\nYou: Ten, please.\nEmil:", "Options": []},
        "1": {"Selected Text": " Ten wakes the cat.", "Options": [{"text": " Ten?", "Pinned": False}, {"text": 5}]},
        "2": "lost",
    }
    path = _save(tmp_path, ["Emil: Talk fast."], actions={"action_count": 1, "actions": actions}, chatname="You")
    turns = _item(path).conversations[0].turns
    assert [(turn.speaker, turn.alternatives) for turn in turns] == [("Emil", ()), ("You", ()), ("Emil", ("Ten?",))]


def test_other_tries_of_a_turn_s_second_piece_keep_its_first(tmp_path: Path) -> None:
    tries = {"2": {"Alternative Text": [{"Text": " Or a lamp."}]}}
    pieces = ["Odo: A clock?", "\nYou: Perhaps.\nOdo:", " A clock is honest.", " It strikes."]
    path = _save(tmp_path, pieces, {"opmode": 3, "chatname": "You", "chatopponent": "Odo"}, actions_metadata=tries)
    assert _item(path).conversations[0].turns[2].alternatives == ("A clock is honest. Or a lamp.",)


def test_adventure_without_settings(tmp_path: Path) -> None:
    item = _item(_save(tmp_path, ["A door.", "\n\n> open it\n\n", "It opens you."]))
    assert (item.persona_name, _told(item)[1]) == ("Narrator", ("User", "open it"))


def test_adventure_narrator_is_not_the_persona_of_a_card_beside_it(tmp_path: Path) -> None:
    card = {"name": "Odo", "description": "Odo mends clocks.", "first_mes": "Tick.", "mes_example": ""}
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    _save(tmp_path, ["A door.", "\n\n> open it\n\n", "It opens you."], {"opmode": 2})
    assert {item.format: item.persona_name for item in read_paths([tmp_path]).items} == {
        "character_card": "Odo",
        "koboldcpp": "Narrator",
    }


def test_broken_branches_and_odd_fields_do_not_hurt(tmp_path: Path) -> None:
    settings = {"opmode": "3", "chatname": 5, "chatopponent": ["x"], "instruct_starttag": 1}
    odd = {"altbranches": [None, 7, [], [1, "Odo: Hm."], "x"], "worldinfo": {"a": 1}, "actions_metadata": [1]}
    path = _save(tmp_path, ["Odo: Hello.", "\nYou: Hi.", "\nOdo: Sit."], settings, **odd)
    item = _item(path, speaker="Odo")
    assert [text for _, text in _told(item)] == ["Hello.", "Hi.", "Sit."]
    assert item.conversations[0].turns[0].alternatives == ("Hm.",)
    assert item.lorebook == {}


def test_pictures_in_a_save_take_no_room(tmp_path: Path) -> None:
    pictures = {str(number): {"img": "A" * 3_000_000} for number in range(20)}
    pieces = ["Odo: Hello. [<|h|1|h|>]", "\nYou: Hi."]
    path = _save(tmp_path, pieces, {"opmode": 3, "chatopponent": "Odo"}, completed_imgs_meta=pictures)
    tracemalloc.start()
    try:
        assert _told(_item(path)) == [("Odo", "Hello."), ("You", "Hi.")]
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_key_that_was_left_in_a_save_goes_nowhere(tmp_path: Path) -> None:
    settings = {"opmode": 3, "chatname": "User", "chatopponent": "Odo", "saved_oai_key": "sk-secret"}
    item = _item(_save(tmp_path, ["Odo: Hello.", "\nUser: Hi."], settings))
    assert "sk-secret" not in repr(item)


@pytest.mark.parametrize(
    "text",
    ["{{[INPUT]}}" * 100_000, "\n> " * 200_000, "Odo:" * 200_000, " " * 1_000_000 + "Odo:", "[<|p|" * 200_000],
    ids=["tags", "actions", "names", "spaces", "pictures"],
)
def test_patterns_take_linear_time(text: str, tmp_path: Path) -> None:
    settings = {"opmode": 3, "chatname": "Ines", "chatopponent": "Odo", "instruct_starttag": "<|a|>" * 20}
    tries = {str(number): {"Alternative Text": [{"Text": "x"}]} for number in range(1, 400)}
    started = time.monotonic()
    pieces = ["Odo: Hello.", text, *["\nOdo: Yes."] * 400]
    with suppress(StudioError):
        _item(_save(tmp_path, pieces, settings, actions_metadata=tries, altbranches=[pieces] * 3), speaker="Odo")
    assert time.monotonic() - started < 5
