"""Risu: older exports, groups, and names that only the file's name tells."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths

SAID = [{"role": "char", "data": "Sit."}, {"role": "user", "data": "Why?"}, {"role": "char", "data": "Rain."}]


def _item(path: Path, value: object, **options: Any) -> ImportItem:
    path.write_text(json.dumps(value), encoding="utf-8")
    return read_paths([path], **options).items[0]


def _export(messages: object = SAID, kind: str = "risuChat", **more: object) -> dict[str, object]:
    return {
        "type": kind,
        "ver": 1,
        "data": {"message": messages, "note": "", "name": "Chat 1", "localLore": [], **more},
    }


@pytest.mark.parametrize(
    ("name", "persona"),
    [
        ("Odo Brandt_2026-04-11T190212431Z_chat.json", "Odo Brandt"),
        ("Odo_Brandt_2026-04-11T190212431Z_chat (2).json", "Odo_Brandt"),
        ("Odo_all_chats_2026-04-12T08-00-00-000Z.json", "Odo"),
    ],
)
def test_name_is_in_the_file_s_name(name: str, persona: str, tmp_path: Path) -> None:
    assert _item(tmp_path / name, _export()).persona_name == persona


def test_renamed_file_asks_for_the_name(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        _item(tmp_path / "chat.json", _export())
    assert caught.value.code == "persona_name_needed"
    assert _item(tmp_path / "chat.json", _export(), persona="Odo").persona_turns == 2


def test_group_is_told_apart_by_number_or_by_name(tmp_path: Path) -> None:
    said = [
        {**SAID[0], "saying": "x"},
        {**SAID[2], "saying": "y", "name": "Bex"},
        {**SAID[2], "saying": "y", "data": "Hm."},
    ]
    with pytest.raises(StudioError) as caught:
        _item(tmp_path / "Crew_2026-04-11T190212431Z_chat.json", _export(said))
    assert set(caught.value.details["names"]) == {"Character 1", "Bex", "Character 2"}  # type: ignore[call-overload]
    item = _item(tmp_path / "g.json", _export(said), speaker="bex")
    assert (item.persona_name, item.persona_turns) == ("Bex", 1)


def test_file_of_empty_objects_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_text('{"type": "risuChat", "data": [' + "{}," * 1_000_001 + "{}]}", encoding="utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(StudioError) as caught:
            read_paths([path], persona="Odo")
        assert caught.value.code == "json_broken"
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"type": "risuChat", "data": {"name": "x"}}, "chat_invalid"),
        ({"type": "risuChat", "data": 4}, "chat_invalid"),
        ({"type": "risuAllChats", "data": []}, "chat_invalid"),
        (_export([]), "nothing_to_import"),
        (_export([1, {"role": "char"}, {"role": "char", "data": "x", "disabled": True}]), "nothing_to_import"),
    ],
)
def test_chats_without_words_or_shape(value: object, code: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        _item(tmp_path / "chat.json", value, persona="Odo")
    assert caught.value.code == code
