"""Importing with answers to a file's questions, and cards that leave the library."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.exporters.card_reader import check_v3, read_charx, read_png

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
WHATSAPP = "".join(
    f"0{day}/05/2025, 10:14 - {name}: {words}\n"
    for day, name, words in [
        (3, "Anna Lee", "Call me, 030 1234567 or anna@example.org"),
        (3, "Bo Marsh", "On my way, Anna."),
        (4, "Anna Lee", "Good."),
        (4, "Bo Marsh", "Door is open."),
    ]
)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A chat of two people in an archive, with dates that can be read both ways."""
    path = tmp_path / "WhatsApp Chat - Anna.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", WHATSAPP)
        archive.writestr("IMG-001.jpg", b"\xff\xd8\xff")
    return path


def test_people_are_hidden_and_what_was_assumed_is_said(call: Call, talk: Path) -> None:
    ended = call("import", talk, "--speaker", "Bo Marsh", "--dry-run", json=True)
    assert ended.code == 0, ended.err
    (item,) = ended.document["items"]
    assert (item["real_people"], item["names_hidden"], item["details_hidden"]) == (True, True, True)
    assert item["path"] == str(talk / "_chat.txt")
    assert item["date_order"] == "unclear"
    assert "--keep-names" in ended.err and "--keep-details" in ended.err and "--month-first" in ended.err


def test_people_are_left_when_asked_for(call: Call, talk: Path) -> None:
    words = ("import", talk, "--speaker", "Bo Marsh", "--dry-run", "--keep-names", "--keep-details", "--month-first")
    ended = call(*words, json=True)
    (item,) = ended.document["items"]
    assert (item["names_hidden"], item["details_hidden"], item["date_order"]) == (False, False, "month_first")
    assert "--keep-names" not in ended.err
    assert "month first" in ended.err


def test_columns_are_named_by_hand(call: Call, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("a,b\nWho are you?,The ferryman.\nWhere to?,Across.\n", encoding="utf-8")
    words = ("import", table, "--format", "table", "--persona", "Ferryman")
    ended = call(*words, "--column", "user=a", "--column", "persona=b", "--dry-run", json=True)
    assert ended.code == 0, ended.err
    assert ended.document["items"][0]["mapping"] == {"user": "a", "persona": "b"}
    assert "--column" in ended.err
    assert call(*words, "--column", "user").code == 2


def test_lorebook_goes_to_the_persona_that_was_named(call: Call, tmp_path: Path) -> None:
    world = SAMPLES / "lorebook" / "world.json"
    refused = call("import", world)
    assert refused.code == 3
    assert "together with the card" in refused.err
    assert call("import", SAMPLES / "character_card" / "v2.png", world, "--persona", "Halla Quist").code == 0
    out = tmp_path / "halla.json"
    assert call("personas", "export-card", "Halla Quist", out, "--format", "card_json_v3").code == 0
    entries = json.loads(out.read_text(encoding="utf-8"))["data"]["character_book"]["entries"]
    assert "A sounding is read twice, and written once." in [entry["content"] for entry in entries]


def test_export_card_by_the_end_of_the_path(call: Call, tmp_path: Path) -> None:
    assert call("import", SAMPLES / "character_card" / "v3.charx").code == 0
    ended = call("personas", "export-card", "Brannoc Fell", tmp_path / "bran.charx", json=True)
    assert ended.code == 0, ended.err
    written = (tmp_path / "bran.charx").read_bytes()
    assert (ended.document["format"], ended.document["bytes"]) == ("charx", len(written))
    check_v3(read_charx(written))
    with zipfile.ZipFile(tmp_path / "bran.charx") as archive:
        assert "assets/emotion/images/smile.png" in archive.namelist()
    assert call("personas", "export-card", "Brannoc Fell", tmp_path / "bran.png").code == 0
    assert read_png((tmp_path / "bran.png").read_bytes())["data"]["x_lamp"] == {"oil": [1, 2.5, "three", None, True]}


def test_export_card_refuses_what_it_must(call: Call, tmp_path: Path) -> None:
    assert call("import", SAMPLES / "character_card" / "v1.json").code == 0
    there = tmp_path / "there.json"
    there.write_text("mine", encoding="utf-8")
    refused = call("personas", "export-card", "Halla Quist", there)
    assert (refused.code, there.read_text(encoding="utf-8")) == (3, "mine")
    assert "--force" in refused.err
    assert call("personas", "export-card", "Halla Quist", there, "--force").code == 0
    assert json.loads(there.read_text(encoding="utf-8"))["spec"] == "chara_card_v2"
    assert call("personas", "export-card", "Halla Quist", tmp_path / "card.txt").code == 2
    assert call("personas", "export-card", "Nobody", tmp_path / "nobody.png").code == 3
