"""Cards as they are found in the wild: chunk kinds, spellings of Base64, other programs' fields, examples."""

import base64
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths

FIELDS = {"name": "Odo", "description": "Odo mends clocks.", "personality": "", "scenario": "", "first_mes": "Tick."}
PNG_BEGINNING = b"\x89PNG\r\n\x1a\n"
CARD = {"spec": "chara_card_v2", "spec_version": "2.0", "data": FIELDS}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _png(path: Path, *chunks: bytes) -> Path:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + _chunk(b"IEND", b""))
    return path


def _packed(card: object = CARD) -> bytes:
    return base64.b64encode(json.dumps(card).encode())


def _named(name: str) -> bytes:
    return _packed({"spec": "chara_card_v3", "spec_version": "3.0", "data": FIELDS | {"name": name}})


def _item(path: Path) -> ImportItem:
    return read_paths([path]).items[0]


def _json_item(tmp_path: Path, card: object) -> ImportItem:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    return _item(path)


@pytest.mark.parametrize(
    "chunk",
    [
        _chunk(b"tEXt", b"chara\0" + _packed()),
        _chunk(b"tEXt", b"Chara\0" + _packed()),
        _chunk(b"zTXt", b"chara\0\0" + zlib.compress(_packed())),
        _chunk(b"iTXt", b"chara\0\0\0en\0\0" + _packed()),
        _chunk(b"iTXt", b"chara\0\1\0\0\0" + zlib.compress(_packed())),
        _chunk(b"tEXt", b"chara\0" + _packed().rstrip(b"=")),
        _chunk(b"tEXt", b"chara\0" + base64.encodebytes(json.dumps(CARD).encode())),
        _chunk(b"tEXt", b"chara\0" + base64.urlsafe_b64encode(json.dumps(CARD | {"x": "\u00ff\u00fe?>~"}).encode())),
        _chunk(b"tEXt", b"chara\0" + json.dumps(CARD).encode()),
    ],
)
def test_every_way_to_put_a_card_into_a_png(chunk: bytes, tmp_path: Path) -> None:
    assert _item(_png(tmp_path / "card.png", chunk)).persona_name == "Odo"


def test_newer_chunk_wins_whatever_the_order(tmp_path: Path) -> None:
    old, new = _chunk(b"tEXt", b"chara\0" + _named("Old")), _chunk(b"tEXt", b"CCv3\0" + _named("New"))
    assert _item(_png(tmp_path / "a.png", old, new)).persona_name == "New"
    assert _item(_png(tmp_path / "b.png", new, old)).persona_name == "New"


def test_text_at_the_limit_is_read_and_over_it_refused(tmp_path: Path) -> None:
    limit = 8 * 1024 * 1024
    payload = b"chara\0" + _packed()
    assert _item(_png(tmp_path / "a.png", _chunk(b"tEXt", payload.ljust(limit)))).persona_name == "Odo"
    with pytest.raises(StudioError, match="card_text_too_large"):
        _item(_png(tmp_path / "b.png", _chunk(b"tEXt", payload.ljust(limit + 1))))


def test_picture_over_64_mb_is_refused(tmp_path: Path) -> None:
    path = _png(tmp_path / "a.png")
    with path.open("r+b") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(StudioError, match="file_too_large"):
        _item(path)


def test_unknown_keys_survive_and_bad_text_is_mended(tmp_path: Path) -> None:
    card = CARD | {"later": {"deep": [1, "a\ud800b"]}}
    item = _json_item(tmp_path, card)
    assert item.card is not None
    assert item.card.card == CARD | {"later": {"deep": [1, "a\ufffdb"]}}


def test_pygmalion_fields(tmp_path: Path) -> None:
    card = {"char_name": "Odo", "char_persona": "Odo mends clocks.", "char_greeting": "Tick.", "example_dialogue": ""}
    item = _json_item(tmp_path, card)
    assert item.card is not None
    assert (item.card.name, item.card.greeting, item.card.description) == ("Odo", "Tick.", "Odo mends clocks.")


def test_attribute_lists_make_no_prompt(tmp_path: Path) -> None:
    data = FIELDS | {"description": '[Character("Odo") { Mind("calm") }]', "personality": "calm and late."}
    item = _json_item(tmp_path, CARD | {"data": data})
    assert item.card is not None
    assert item.card.system_prompt == "You are Odo. Calm and late."


def test_prompt_from_a_long_description_is_short_and_whole(tmp_path: Path) -> None:
    text = " ".join(f"Sentence number {number} has six words." for number in range(40))
    item = _json_item(tmp_path, CARD | {"data": FIELDS | {"description": text}})
    assert item.card is not None
    assert item.card.system_prompt.endswith("Sentence number 9 has six words.")
    assert len(item.card.tagline) <= 121


def test_colour_that_is_none_is_left_out(tmp_path: Path) -> None:
    own = {"persona_studio": {"colour": "red; background: url(x)", "tagline": "T"}}
    item = _json_item(tmp_path, CARD | {"data": FIELDS | {"extensions": own}})
    assert item.card is not None
    assert (item.card.colour, item.card.tagline) == ("", "T")


def test_examples_with_names_placeholders_and_several_lines(tmp_path: Path) -> None:
    text = (
        "<START>\nKyra: Is it fixed?\nOdo: Almost.\nNote the dust.\n"
        "<START>\n<USER>: Late?\n<BOT>: *winds the key*\n\nNever.\n"
        "<START>\n{{char}}: Remember: no oil.\n{{user}}: Fine: none."
    )
    item = _json_item(tmp_path, CARD | {"data": FIELDS | {"mes_example": text}})
    shown = [[(turn.role, turn.text) for turn in talk.turns] for talk in item.conversations if "example" in talk.tags]
    assert shown == [
        [(Role.USER, "Is it fixed?"), (Role.PERSONA, "Almost.\nNote the dust.")],
        [(Role.USER, "Late?"), (Role.PERSONA, "*winds the key*\n\nNever.")],
        [(Role.PERSONA, "Remember: no oil."), (Role.USER, "Fine: none.")],
    ]
    assert item.persona_turns == 4


def test_greetings_are_tagged_and_not_doubled(tmp_path: Path) -> None:
    item = _json_item(tmp_path, CARD | {"data": FIELDS | {"alternate_greetings": ["Tock.", "Tick.", "", 7]}})
    assert [(talk.tags, talk.turns[0].text) for talk in item.conversations] == [
        (("greeting",), "Tick."),
        (("greeting",), "Tock."),
    ]
    assert item.conversations[0].turns[0].train


def test_card_written_as_utf16_or_with_a_mark(tmp_path: Path) -> None:
    for number, encoding in enumerate(("utf-16", "utf-8-sig")):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(CARD | {"x": "é"}, ensure_ascii=False), encoding=encoding)
        assert _item(path).persona_name == "Odo"


def _charx(path: Path, card: object = CARD, before: bytes = b"", **members: bytes) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", json.dumps(card))
        for name, data in members.items():
            archive.writestr(f"assets/{name}.png", data)
    path.write_bytes(before + packed.getvalue())
    return path


def _with_icon(uri: str, name: str = "main") -> object:
    return CARD | {"data": FIELDS | {"assets": [{"type": "icon", "uri": uri, "name": name, "ext": "png"}]}}


@pytest.mark.parametrize("uri", ["embeded://assets/a.png", "embedded://assets/a.png", "__asset:assets/a.png"])
def test_icon_of_an_archive_by_every_spelling(uri: str, tmp_path: Path) -> None:
    picture = PNG_BEGINNING + b"the rest"
    assert _item(_charx(tmp_path / "card.charx", _with_icon(uri), a=picture)).portrait == picture


@pytest.mark.parametrize(
    ("uri", "members"),
    [
        ("embeded://assets/a.png", {"a": b"no picture"}),
        ("embeded://../../etc/passwd", {}),
        ("https://example.org/a.png", {}),
        ("ccdefault:", {}),
        ("data:image/png;base64,***", {}),
    ],
)
def test_icons_that_are_no_pictures_are_left_out(uri: str, members: dict[str, bytes], tmp_path: Path) -> None:
    item = _item(_charx(tmp_path / "card.charx", _with_icon(uri), **members))
    assert (item.persona_name, item.portrait) == ("Odo", b"")


@pytest.mark.parametrize("before", [b"MZ\x90\0 a program", b"\x7fELF a program", b"\xff\xd8\xff\xe0 a photo"])
def test_archive_behind_something_else(before: bytes, tmp_path: Path) -> None:
    item = _item(_charx(tmp_path / "card.bin", before=before))
    assert item.persona_name == "Odo"
    assert item.portrait == (before if before.startswith(b"\xff\xd8") else b"")
    assert item.original == item.path


def test_picture_written_into_a_json_card(tmp_path: Path) -> None:
    packed = base64.b64encode(PNG_BEGINNING).decode()
    assert _json_item(tmp_path, _with_icon(f"data:image/png;base64,{packed}")).portrait == PNG_BEGINNING
    assert _json_item(tmp_path, FIELDS | {"avatar": f"data:image/png;base64,{packed}"}).portrait == PNG_BEGINNING
    assert _json_item(tmp_path, FIELDS | {"avatar": "none"}).portrait == b""


def test_broken_newer_copy_gives_way_to_the_older_with_a_note(tmp_path: Path) -> None:
    chunks = _chunk(b"tEXt", b"ccv3\0e30="), _chunk(b"tEXt", b"chara\0" + _named("Old"))
    item = _item(_png(tmp_path / "a.png", *chunks))
    assert item.persona_name == "Old"
    assert "card_newer_copy_broken" in [finding.code for finding in item.findings]


def test_keys_that_are_mended_never_fall_together(tmp_path: Path) -> None:
    item = _json_item(tmp_path, CARD | {"a" + chr(0xD800): 1, "a" + chr(0xD801): 2, "a\ufffd": 3, "nul\0": "\0"})
    assert item.card is not None
    kept = {key: value for key, value in item.card.card.items() if key not in CARD}
    assert sorted(map(str, kept.values())) == ["\0", "1", "2", "3"]
    assert kept["a\ufffd"] == 3


def test_data_without_a_word_about_the_version(tmp_path: Path) -> None:
    assert _json_item(tmp_path, {"data": FIELDS}).persona_name == "Odo"
    assert _json_item(tmp_path, FIELDS | {"data": {"no": "fields"}}).persona_name == "Odo"
