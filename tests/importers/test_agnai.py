"""Agnai: every notation of a persona, trees with loose ends, and files that look alike."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths

ATTRIBUTES = {"species": ["owl"], "likes": ["dusk", "clocks"], "empty": []}


def _item(tmp_path: Path, value: object, **options: Any) -> ImportItem:
    path = tmp_path / "agnai.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return read_paths([path], **options).items[0]


def _character(**more: object) -> dict[str, object]:
    fields = {
        "kind": "character",
        "name": "Odo",
        "greeting": "Tick.",
        "scenario": "",
        "sampleChat": "",
        "description": "",
    }
    return {**fields, "persona": {"kind": "text", "attributes": {"text": ["Odo mends clocks."]}}, **more}


@pytest.mark.parametrize(
    ("kind", "description"),
    [
        ("wpp", '[character("Odo") {\nspecies("owl")\nlikes("dusk" + "clocks")\n}]'),
        ("sbf", '[ character: "Odo"; species: "owl"; likes: "dusk", "clocks" ]'),
        ("boostyle", "Odo + owl + dusk + clocks"),
        ("attributes", "species: owl\nlikes: dusk, clocks"),
        (None, "species: owl\nlikes: dusk, clocks"),
    ],
)
def test_every_notation_of_a_persona(kind: str | None, description: str, tmp_path: Path) -> None:
    card = _item(tmp_path, _character(persona={"kind": kind, "attributes": ATTRIBUTES})).card
    assert card is not None
    assert (card.description, card.system_prompt) == (description, "You are Odo. Species: owl. Likes: dusk, clocks.")


def test_own_system_prompt_is_kept_and_unknown_keys_too(tmp_path: Path) -> None:
    value = _character(
        systemPrompt="{{original}} Be brief.", x_new={"deep": [1]}, persona={"kind": "sbf", "attributes": ATTRIBUTES}
    )
    card = _item(tmp_path, value).card
    assert card is not None
    assert card.system_prompt == "Be brief."
    data: Any = card.card["data"]
    assert data["extensions"]["agnai"]["x_new"] == {"deep": [1]}
    assert data["system_prompt"] == "{{original}} Be brief."


@pytest.mark.parametrize("persona", ["Odo mends clocks.", 7, None, [], {"kind": "text", "attributes": 4}])
def test_odd_personas(persona: object, tmp_path: Path) -> None:
    card = _item(tmp_path, _character(persona=persona, characterBook=[1], tags="x", extensions=3, insert="y")).card
    assert card is not None
    assert card.description == (persona if isinstance(persona, str) else "")


def test_character_without_a_name_or_anything(tmp_path: Path) -> None:
    for value in (_character(name=""), {"kind": "character", "name": "Odo"}, [1]):
        with pytest.raises(StudioError) as caught:
            _item(tmp_path, value, format="agnai_character")
        assert caught.value.code == "card_invalid"


def test_card_that_agnai_exported_is_a_card(tmp_path: Path) -> None:
    data = {
        "name": "Odo",
        "first_mes": "Tick.",
        "description": "x",
        "extensions": {"agnai": {"persona": {"kind": "wpp"}}},
    }
    assert _item(tmp_path, {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}).format == "character_card"


def _m(key: str, parent: str, text: str, at: int, **more: object) -> dict[str, object]:
    speaker = {"userId": "u", "handle": "Ines"} if key.isupper() else {"characterId": "c"}
    return {"_id": key, "parent": parent, "msg": text, "createdAt": f"2026-01-01T10:{at:02d}:00Z", **speaker, **more}


def _chat(*messages: object, **more: object) -> dict[str, object]:
    return {"name": "Exported", "greeting": "", "sampleChat": "", "scenario": "", "messages": list(messages), **more}


def _texts(item: ImportItem) -> list[str]:
    return [turn.text for turn in item.conversations[0].turns]


def test_old_messages_without_parents_stand_before_the_tree(tmp_path: Path) -> None:
    messages = [
        _m("a", "", "Tick.", 0),
        _m("B", "", "Hm?", 1),
        _m("c", "", "Tock.", 2),
        _m("D", "c", "More?", 3),
        _m("e", "D", "No.", 4),
    ]
    assert _texts(_item(tmp_path, _chat(*messages), persona="Odo")) == ["Tick.", "Hm?", "Tock.", "More?", "No."]


def test_parents_that_are_missing_or_run_in_a_circle(tmp_path: Path) -> None:
    lost = [_m("a", "gone", "Tick.", 0), _m("B", "a", "Hm?", 1), _m("c", "B", "Tock.", 2)]
    assert _texts(_item(tmp_path, _chat(*lost), persona="Odo")) == ["Tick.", "Hm?", "Tock."]
    circle = [_m("a", "c", "Tick.", 0), _m("B", "a", "Hm?", 1), _m("c", "B", "Tock.", 2)]
    assert _texts(_item(tmp_path, _chat(*circle), persona="Odo")) == ["Tick.", "Hm?", "Tock."]


def test_other_words_of_the_user_are_no_alternatives(tmp_path: Path) -> None:
    messages = [_m("a", "", "Tick.", 0), _m("B", "a", "Hm?", 1), _m("C", "a", "Ha?", 2), _m("d", "C", "Tock.", 3)]
    item = _item(tmp_path, _chat(*messages), persona="Odo")
    assert _texts(item) == ["Tick.", "Ha?", "Tock."]
    assert not any(turn.alternatives for turn in item.conversations[0].turns)


def test_several_characters_are_told_apart_by_number(tmp_path: Path) -> None:
    messages = [_m("a", "", "Tick.", 0), _m("b", "a", "Tock.", 1, characterId="d"), _m("C", "b", "Hm?", 2)]
    with pytest.raises(StudioError) as caught:
        _item(tmp_path, _chat(*messages))
    assert caught.value.details["names"] == ("Character 1", "Character 2", "Ines")
    assert _item(tmp_path, _chat(*messages), speaker="Character 2", persona="Odo").persona_turns == 1


def test_what_nobody_says_is_a_narrator_s(tmp_path: Path) -> None:
    event = {
        "_id": "e",
        "parent": "a",
        "msg": "The lamp goes out.",
        "event": "world",
        "createdAt": "2026-01-01T10:01:00Z",
    }
    messages = [_m("a", "", "Tick.", 0), event, _m("c", "e", "Tock.", 2), _m("d", "c", "psst", 3, event="hidden")]
    assert _texts(_item(tmp_path, _chat(*messages), persona="Odo")) == ["Tick.", "The lamp goes out.", "Tock."]


def test_openai_messages_are_a_dataset(tmp_path: Path) -> None:
    value = {
        "messages": [{"role": "user", "content": '{"msg": 1, "userId": 2}'}, {"role": "assistant", "content": "Hm."}]
    }
    assert _item(tmp_path, value, persona="Odo").format == "chat_dataset"


def test_chat_without_messages(tmp_path: Path) -> None:
    for value, code in ((_chat(), "nothing_to_import"), ({"messages": 3}, "chat_invalid")):
        with pytest.raises(StudioError) as caught:
            _item(tmp_path, value, format="agnai_chat", persona="Odo")
        assert caught.value.code == code
