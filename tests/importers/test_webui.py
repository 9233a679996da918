"""text-generation-webui: names that only the place tells, escapes, edited replies, and YAML that means harm."""

import json
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.importers import IMPORTERS, ImportItem, read_paths
from studio.importers._source import Source

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
PICTURE = SAMPLES / "webui_character" / "Perrin Voss.png"
ROWS = [["Hello?", "Sit."], ["Why?", "You sway."]]


def _write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def _chat(path: Path, rows: object = ROWS, **more: object) -> Path:
    return _write(path, {"internal": rows, "visible": rows, **more})


def _item(path: Path, **options: Any) -> ImportItem:
    return read_paths([path], **options).items[0]


def _code(path: Path, **options: Any) -> str:
    with pytest.raises(StudioError) as caught:
        read_paths([path], **options)
    return caught.value.code


def _texts(item: ImportItem) -> list[str]:
    return [turn.text for turn in item.conversations[0].turns]


def test_name_comes_from_the_folder_or_the_file_s_name(tmp_path: Path) -> None:
    assert (
        _item(_chat(tmp_path / "logs" / "chat" / "Odo Brandt" / "20260101-10-00-00.json")).persona_name == "Odo Brandt"
    )
    assert _item(_chat(tmp_path / "Odo_persistent.json")).persona_name == "Odo"
    assert _item(_chat(tmp_path / "Odo_oobabooga_Chat (1).json")).persona_name == "Odo"
    assert _code(_chat(tmp_path / "logs" / "instruct" / "20260101-10-00-00.json")) == "persona_name_needed"


def test_character_beside_the_chat_names_it(tmp_path: Path) -> None:
    _write(tmp_path / "Odo.yaml", "name: Odo\ngreeting: Tick.\n")
    _chat(tmp_path / "20260101-10-00-00.json")
    items = {item.format: item for item in read_paths([tmp_path]).items}
    assert {name: item.persona_name for name, item in items.items()} == {"webui_character": "Odo", "webui_chat": "Odo"}
    assert items["webui_chat"].speaker == "Odo"


def test_the_user_may_be_the_persona(tmp_path: Path) -> None:
    item = _item(_chat(tmp_path / "a.json"), speaker="user", persona="Ines")
    roles = [turn.role for turn in item.conversations[0].turns]
    assert (item.persona_name, roles[0], roles[1]) == ("Ines", Role.PERSONA, Role.USER)


def test_versions_of_a_reply_that_was_edited_afterwards_are_all_passed_over(tmp_path: Path) -> None:
    versions = [{"content": "Stand."}, {"content": "Sit down."}, {"content": 7}, {"content": ""}]
    metadata = {
        "assistant_0": {"versions": versions, "current_version_index": 1},
        "assistant_9": {"versions": versions},
    }
    item = _item(_chat(tmp_path / "a.json", metadata=metadata), persona="Odo")
    assert item.conversations[0].turns[1].alternatives == ("Stand.", "Sit down.")


def test_escapes_are_undone_only_where_they_were_made(tmp_path: Path) -> None:
    internal, visible = [["a", "Write &amp; &lt;b&gt;"]], [["a", "Write &amp;amp; &amp;lt;b&amp;gt;"]]
    path = _write(tmp_path / "new.json", {"internal": internal, "visible": visible})
    assert _texts(_item(path, persona="Odo")) == ["a", "Write &amp; &lt;b&gt;"]
    path = _write(tmp_path / "shown.json", {"internal": [], "visible": internal})
    assert _texts(_item(path, persona="Odo"))[1] == "Write & <b>"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"internal": [], "visible": []}, "nothing_to_import"),
        ({"internal": [["a"]], "visible": []}, "chat_invalid"),
        ({"internal": [["a", {"b": 1}]], "visible": []}, "chat_invalid"),
        ({"internal": [["<|BEGIN-VISIBLE-CHAT|>", ""]], "visible": [["", ""]]}, "nothing_to_import"),
    ],
)
def test_chats_without_words_or_shape(value: object, code: str, tmp_path: Path) -> None:
    assert _code(_write(tmp_path / "a.json", value), persona="Odo") == code


def test_tables_and_other_yaml_are_not_taken(tmp_path: Path) -> None:
    table = {"columns": ["a", "b"], "index": [0], "data": [["x", "y"]]}
    others = [
        _write(tmp_path / "t.json", table),
        _write(tmp_path / "ci.yaml", "name: build\non: push\njobs: {}\n"),
        _write(tmp_path / "list.yaml", "- name: a\n- name: b\n"),
    ]
    formats = IMPORTERS.all()
    sure = [formats[name].sniff(Source(path)) for path in others for name in ("webui_chat", "webui_character")]
    assert sure == [0.0] * 6


def test_yaml_values_stay_as_they_were_written(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "no.yaml", "name: No\ngreeting: null\ncontext: 2001-13-45\nx: !!python/object:os.system a\n"
    )
    item = _item(path)
    assert item.card is not None
    assert (item.persona_name, item.card.greeting, item.card.description) == ("No", "", "2001-13-45")
    assert item.conversations == ()


BOMB = "name: &a Odo\ngreeting: Tick.\nx: &b [*a, *a]\n" + "".join(
    f"k{n}: &k{n} [{', '.join([f'*k{n - 1}' if n else '*b'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "name: Odo\ngreeting: Tick.\nx: " + "[" * 5000 + "]" * 5000,
        "name: Odo\ngreeting: Tick.\nx:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 60)),
        "name: Odo\ngreeting: Tick.\nx: [" + "a, " * 30_000 + "a]",
        "name: Odo\ngreeting: 'never closed\n",
        "name: Odo\ngreeting: a\n\tcontext: b\n",
        "name: Odo\ngreeting: a\n? [a, b]\n: c\n",
        "name: {a: b}\ngreeting: a\n",
        "name: Odo\ngreeting: {a: b}\n",
    ],
    ids=["aliases", "flow", "block", "parts", "quote", "tab", "key", "name", "greeting"],
)
def test_yaml_that_means_harm_gives_a_reason_at_once(text: str, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(StudioError) as caught:
        read_paths([_write(tmp_path / "bomb.yaml", text)], format="webui_character")
    assert caught.value.code == "card_invalid"
    assert caught.value.details["reason"]
    assert time.monotonic() - started < 2


def test_picture_beside_is_the_portrait_in_folders_and_archives(tmp_path: Path) -> None:
    _write(tmp_path / "in" / "Odo.yaml", "name: Odo\ngreeting: Tick.\n")
    _write(tmp_path / "in" / "Odo.png", "no picture")
    shutil.copy(PICTURE, tmp_path / "in" / "Odo.jpg")
    assert _item(tmp_path / "in" / "Odo.yaml").portrait == PICTURE.read_bytes()
    with zipfile.ZipFile(tmp_path / "odo.zip", "w") as archive:
        for path in sorted((tmp_path / "in").iterdir()):
            archive.write(path, f"characters/{path.name}")
    item = next(item for item in read_paths([tmp_path / "odo.zip"]).items if item.format == "webui_character")
    assert item.portrait == PICTURE.read_bytes()


def test_context_without_examples_and_examples_without_prose(tmp_path: Path) -> None:
    item = _item(_write(tmp_path / "a.yaml", "name: Odo\ncontext: 'Odo mends clocks. You: that is a word here.'\n"))
    assert item.card is not None
    assert item.card.description == "Odo mends clocks. You: that is a word here."
    item = _item(_write(tmp_path / "b.yaml", "name: Odo\ncontext: |\n  You: Is it slow?\n  Odo: It is honest.\n"))
    assert item.card is not None
    assert (item.card.description, _texts(item)) == ("", ["Is it slow?", "It is honest."])
