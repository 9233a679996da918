"""Datasets in JSON and template text: the cases that the samples do not hold."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import IMPORTERS, ImportItem, read_paths
from studio.importers._source import Source
from studio.texts import sentence

Message = dict[str, Any]


def _read(tmp_path: Path, *records: object, name: str = "data.jsonl", **options: Any) -> ImportItem:
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return read_paths([path], **({"persona": "Grub"} | options)).items[0]


def _raw(tmp_path: Path, text: str, **options: Any) -> ImportItem:
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    return read_paths([path], **({"persona": "Grub"} | options)).items[0]


def _turns(item: ImportItem) -> list[list[tuple[str, str]]]:
    return [[(turn.role.value, turn.text) for turn in talk.turns] for talk in item.conversations]


def _notes(item: ImportItem) -> dict[str, int]:
    return {finding.code: finding.count for finding in item.findings if finding.code.endswith("_out")} | {
        finding.code: finding.count for finding in item.findings if finding.code == "records_without_turns"
    }


def _trouble(*args: Any, **options: Any) -> StudioError:
    with pytest.raises(StudioError) as caught:
        _read(*args, **options)
    assert sentence(caught.value)
    return caught.value


def user(text: Any, **more: Any) -> Message:
    return {"role": "user", "content": text, **more}


def grub(text: Any, **more: Any) -> Message:
    return {"role": "assistant", "content": text, **more}


TALK = [("user", "Soup?"), ("assistant", "Always.")]


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [user("Soup?"), grub("Always.")]},
        {"conversations": [{"from": "human", "value": "Soup?"}, {"from": "bard", "value": "Always."}]},
        {"conversation": [{"role": "prompter", "text": "Soup?"}, {"role": "GPT-4 ", "text": "Always."}]},
        {"conversation": [{"message": "Soup?", "is_human": True}, {"message": "Always.", "is_human": False}]},
        {"instruction": "Soup?", "output": "Always."},
        {"instruction": "Soup?", "context": "", "response": "Always.", "category": "food"},
        {"prompt": "Soup?", "completion": "Always."},
        {"question": "Soup?", "answer": "Always.", "score": 3},
        {"prompt": [user("Soup?")], "completion": [grub("Always.")]},
        {"prompt": "Soup?", "completion": "Always.", "label": True},
        {"prompt": "Soup?", "chosen": "Always.", "rejected": "No."},
        {"prompt": [user("Soup?")], "chosen": [grub("Always.")], "rejected": [grub("No.")]},
        {"prompt": "Soup?", "chosen": [user("Soup?"), grub("Always.")], "rejected": [user("Soup?"), grub("No.")]},
        {"chosen": [user("Soup?"), grub("Always.")], "rejected": [user("Soup?"), grub("No.")]},
        {"prompt": "\n\nHuman: Soup?\n\nAssistant:", "chosen": " Always.", "rejected": " No."},
        {"conversations": [user("Soup?")], "chosen": grub("Always."), "rejected": grub("No.")},
        {"instruction": "Soup?", "output": ["Always.", "No.", "Perhaps."]},
        {"text": "<|im_start|>user\nSoup?<|im_end|>\n<|im_start|>assistant\nAlways.<|im_end|>"},
        {"text": "### Human: Soup?### Assistant: Always."},
        {"text": "<｜begin▁of▁sentence｜><｜User｜>Soup?<｜Assistant｜>Always.<｜end▁of▁sentence｜>"},
        {"text": "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Soup?<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|>"
         "<|CHATBOT_TOKEN|>Always.<|END_OF_TURN_TOKEN|>"},
        {"text": "[INST] Soup? [/INST] Always.</s>"},
    ],
    ids=lambda record: "+".join(record),
)  # fmt: skip
def test_spellings_of_one_talk(record: dict[str, Any], tmp_path: Path) -> None:
    assert _turns(_read(tmp_path, record)) == [TALK]
    path = tmp_path / "array.json"
    path.write_text(json.dumps([record, record], indent=1), encoding="utf-8")
    assert TALK in _turns(read_paths([path], persona="Grub").items[0])


def test_files_of_other_formats_are_not_claimed(tmp_path: Path) -> None:
    ours = ("alpaca", "chat_dataset", "chatml_text", "preference_pairs", "table")
    others = {
        "telegram": {"name": "A", "type": "personal_chat", "id": 1, "messages": [
            {"id": 1, "type": "message", "date": "2024-01-01T10:00", "from": "A", "from_id": "user1", "text": "Hi"}]},
        "discord": {"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [
            {"id": "3", "type": "Default", "content": "Hi", "author": {"name": "a", "roles": []}}]},
        "card": {"spec": "chara_card_v2", "data": {"name": "A", "description": "", "first_mes": "", "tags": []}},
        "prose": "Once upon a time, nobody spoke.",
    }  # fmt: skip
    for name, value in others.items():
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        claims = {one: IMPORTERS.get(one).sniff(Source(path)) for one in ours}
        assert max(claims.values()) <= 0.3, (name, claims)


def test_file_of_several_characters_is_asked_for_one(tmp_path: Path) -> None:
    records = [
        {"bot_name": name, "conversation": [{"message": "Hi.", "is_human": True}, {"message": name, "is_human": False}]}
        for name in ("Grub", "Nyx", "Grub")
    ]
    trouble = _trouble(tmp_path, *records, persona="")
    assert (trouble.code, trouble.details["names"]) == ("speaker_needed", ("Grub", "Nyx"))
    item = _read(tmp_path, *records, persona="Goblin", speaker="grub")
    assert (len(item.conversations), item.persona_name, _notes(item)["other_personas_left_out"]) == (2, "Goblin", 1)


def test_greeting_stands_before_the_chat_only_when_it_is_not_in_it(tmp_path: Path) -> None:
    said = [{"message": "Hi.", "is_human": True}, {"message": "Ho.", "is_human": False}]
    greeting = {"bot_name": "Grub", "bot_greeting": "Welcome."}
    with_it = [{"message": "Welcome.", "is_human": False}, *said]
    item = _read(tmp_path, greeting | {"conversation": said}, greeting | {"conversation": with_it})
    assert [[text for _, text in talk] for talk in _turns(item)] == [["Welcome.", "Hi.", "Ho."]] * 2


def test_tools_and_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    picture = {"type": "image_url", "image_url": {"url": "x"}}
    call, told = grub("", tool_calls=[{"id": "1"}]), {"role": "tool", "content": "1"}
    item = _read(
        tmp_path,
        {"messages": [user([picture, {"type": "text", "text": "Soup?"}]), call, told, grub("Always.")]},
        {"messages": [told]},
    )
    assert _turns(item) == [TALK]
    assert _notes(item) == {"tool_turns_left_out": 3, "attachments_left_out": 1, "records_without_turns": 1}


@pytest.mark.parametrize("off", [{"weight": 0}, {"weight": 0.0}, {"train": False}])
def test_flags_that_switch_a_turn_off(off: dict[str, Any], tmp_path: Path) -> None:
    item = _read(tmp_path, {"messages": [user("a"), grub("b", **off), user("c"), grub("d", weight=1, train=True)]})
    assert [turn.train for turn in item.conversations[0].persona_turns] == [False, True]


def test_alternatives_without_the_chosen_words(tmp_path: Path) -> None:
    item = _read(tmp_path, {"messages": [user("a"), grub("b", alternatives=["c", "b", "", "c ", 5, "d"])]})
    assert item.conversations[0].turns[1].alternatives == ("c", "d")


def test_names_that_all_turns_share_name_the_persona(tmp_path: Path) -> None:
    talk = {"messages": [user("a"), grub("b", name="Grub")]}
    assert _read(tmp_path, talk, persona="").persona_name == "Grub"
    assert _read(tmp_path, talk | {"persona_name": "Grub the Third"}, persona="").persona_name == "Grub the Third"
    assert _trouble(tmp_path, {"messages": [user("a"), grub("b")]}, persona="").code == "persona_name_needed"


def test_bad_answers_find_the_good_one_wherever_it_stands(tmp_path: Path) -> None:
    item = _read(
        tmp_path,
        {"prompt": "Soup?", "completion": "No.", "label": False},
        {"prompt": "Bread?", "completion": "No.", "label": False},
        {"prompt": "Soup?", "completion": "Always.", "label": 1},
        {"prompt": "Soup?", "completion": "Never.", "label": 0},
        {"prompt": "Soup?", "completion": "Daily.", "label": True},
    )
    assert [(talk.turns[1].text, talk.turns[1].alternatives) for talk in item.conversations] == [
        ("Always.", ("No.", "Never.")), ("Daily.", ()),
    ]  # fmt: skip
    assert _notes(item)["bad_answers_left_out"] == 1


def test_only_the_preferred_answer_is_to_be_learned(tmp_path: Path) -> None:
    rounds = [user("Soup?"), grub("Always."), user("And bread?")]
    item = _read(tmp_path, {"prompt": rounds, "chosen": [grub("Ha.")], "rejected": [grub("Yes.")]})
    assert [turn.train for turn in item.conversations[0].persona_turns] == [False, True]
    history = {"instruction": "And bread?", "output": "Ha.", "history": [["Soup?", "Always."]]}
    assert [turn.train for turn in _read(tmp_path, history).conversations[0].persona_turns] == [True, True]


def test_longer_answers_part_where_they_differ(tmp_path: Path) -> None:
    good = [user("a"), grub("b"), user("c"), grub("d"), user("e"), grub("f")]
    bad = [user("a"), grub("b"), user("c"), grub("x"), user("y"), grub("z")]
    item = _read(tmp_path, {"chosen": good, "rejected": bad})
    assert [(turn.text, turn.alternatives) for turn in item.conversations[0].persona_turns] == [
        ("b", ()), ("d", ("x",)), ("f", ()),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("format", "record", "words"),
    [
        ("alpaca", {"prompt": True, "completion": "a"}, "no text"),
        ("alpaca", {"prompt": "a", "completion": [5]}, "no JSON object"),
        ("preference_pairs", {"prompt": "a", "chosen": {"role": "wizard", "content": "b"}, "rejected": "c"}, "wizard"),
        ("preference_pairs", {"prompt": "a", "chosen": [["b"]], "rejected": "c"}, "no JSON object"),
        ("preference_pairs", {"prompt": {"role": "user", "content": 5}, "chosen": "b", "rejected": "c"}, "no text"),
        ("preference_pairs", ["a"], "no JSON object"),
        ("chat_dataset", {"messages": "text"}, "neither"),
        ("chat_dataset", {"messages": [5]}, "no JSON object"),
        ("chatml_text", {"text": "no marks at all"}, "no marks"),
    ],
)
def test_wrong_values_are_sentences(format: str, record: object, words: str, tmp_path: Path) -> None:
    error = _trouble(tmp_path, {"messages": []}, record, format=format)
    assert words in sentence(error)


def test_line_of_a_wrong_role_inside_template_text(tmp_path: Path) -> None:
    text = "<|im_start|>user\nSoup?\nNow?<|im_end|>\n<|im_start|>wizard\nPoof.<|im_end|>\n"
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudioError) as caught:
        read_paths([path], persona="Grub")
    assert (caught.value.code, caught.value.details["line"]) == ("dataset_invalid", 4)


def test_persona_may_be_the_role_in_template_text(tmp_path: Path) -> None:
    text = "<|im_start|>user\nSoup?<|im_end|>\n<|im_start|>Grub\nAlways.<|im_end|>\n"
    assert _turns(_raw(tmp_path, text)) == [TALK]


def test_blank_lines_between_all_turns_part_nothing(tmp_path: Path) -> None:
    one = "<|im_start|>user\n{}<|im_end|>\n\n<|im_start|>assistant\n{}<|im_end|>\n\n"
    assert len(_raw(tmp_path, one.format("a", "b") + one.format("c", "d")).conversations) == 1
    tight = one.replace("\n\n", "\n") + "\n"
    assert len(_raw(tmp_path, tight.format("a", "b") + tight.format("c", "d")).conversations) == 2


def test_words_with_blank_lines_and_angle_brackets_stay_whole(tmp_path: Path) -> None:
    text = "<|im_start|>user\nSoup?<|im_end|>\n<|im_start|>assistant\n<s>Always</s>\n\n# Or\n\n> never<|im_end|>\n"
    assert _turns(_raw(tmp_path, text))[0][1][1] == "<s>Always</s>\n\n# Or\n\n> never"


@pytest.mark.parametrize(
    "text",
    [
        "<|im_start|>" * 100_000,
        "<|im_start|>user\n" * 30_000,
        "<|im_start|>user" + " " * 500_000,
        "### " * 200_000,
        "### Human: a" * 20_000,
        "[INST]" * 100_000,
        "[INST] <<SYS>>" * 20_000,
        "<|user|>\n" * 60_000 + "\n " * 200_000,
        '{"text": "' + "<|im_start|>user\\n" * 40_000 + '"}',
        "a,b\n" + '"' * 400_000,
        "speaker,line\n" + "," * 400_000,
        "speaker,line\n" + "a,b\\\n" * 20_000,
    ],
    ids=["open", "empty", "spaces", "hashes", "guanaco", "inst", "sys", "blank", "records", "quotes", "commas", "rows"],
)
def test_patterns_take_linear_time(text: str, tmp_path: Path) -> None:
    path = tmp_path / "any.txt"
    path.write_text(text, encoding="utf-8")
    started = time.monotonic()
    for name in ("", "chatml_text", "table", "preference_pairs"):
        with contextlib.suppress(StudioError):
            read_paths([path], persona="Grub", format=name)
    assert time.monotonic() - started < 10
