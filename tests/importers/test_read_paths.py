"""Files and folders: who names whom, what is passed over quietly, and how a reading is given up."""

import json
import shutil
from pathlib import Path

import pytest

from studio.domain.errors import StudioError
from studio.importers import read_paths

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
CARD = SAMPLES / "character_card" / "v2.png"
SCRIPT = "HALLA: Sit down.\nGUEST: Where?\nHALLA: Anywhere dry.\n"


def _dataset(path: Path, *names: str) -> Path:
    turns = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hm."}]
    if names:
        turns[1]["name"] = names[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"messages": turns}), encoding="utf-8")
    return path


def _chat(path: Path, *speakers: str) -> Path:
    header = {"user_name": "Ines", "character_name": speakers[0]}
    lines = [{"name": name, "is_user": name == "Ines", "mes": f"{name} speaks."} for name in speakers]
    path.write_text("\n".join(map(json.dumps, [header, *lines])), encoding="utf-8")
    return path


def test_card_in_a_folder_names_the_files_in_and_below_it(tmp_path: Path) -> None:
    shutil.copy(CARD, tmp_path / "card.png")
    (tmp_path / "scenes.txt").write_text(SCRIPT, encoding="utf-8")
    _dataset(tmp_path / "more" / "chats.jsonl")
    plan = read_paths([tmp_path])
    assert {item.persona_name for item in plan.items} == {"Halla Quist"}
    assert {item.path.name: item.speaker for item in plan.items}["scenes.txt"] == "HALLA"
    assert not plan.problems


def test_chat_with_somebody_else_keeps_its_own_name(tmp_path: Path) -> None:
    shutil.copy(CARD, tmp_path / "card.png")
    _chat(tmp_path / "a.jsonl", "Halla", "Ines")
    _chat(tmp_path / "b.jsonl", "Bex", "Ines")
    names = {item.path.name: item.persona_name for item in read_paths([tmp_path]).items}
    assert names == {"card.png": "Halla Quist", "a.jsonl": "Halla Quist", "b.jsonl": "Bex"}


def test_card_of_another_folder_lends_nothing(tmp_path: Path) -> None:
    (tmp_path / "halla").mkdir()
    shutil.copy(CARD, tmp_path / "halla" / "card.png")
    _dataset(tmp_path / "other" / "chats.jsonl")
    plan = read_paths([tmp_path])
    assert [error.code for _, error in plan.problems] == ["persona_name_needed"]


def test_card_named_together_with_a_file_elsewhere_lends_its_name(tmp_path: Path) -> None:
    plan = read_paths([_dataset(tmp_path / "chats.jsonl"), CARD])
    assert [item.persona_name for item in plan.items] == ["Halla Quist", "Halla Quist"]
    assert plan.items[0].format == "chat_dataset"


def test_card_named_together_with_a_folder_lends_its_name_where_no_other_card_is_nearer(tmp_path: Path) -> None:
    _dataset(tmp_path / "logs" / "chats.jsonl")
    other = {"name": "Other", "description": "Someone.", "first_mes": "Hi.", "mes_example": ""}
    _dataset(tmp_path / "logs" / "other" / "more.jsonl")
    (tmp_path / "logs" / "other" / "card.json").write_text(json.dumps(other), encoding="utf-8")
    items = read_paths([CARD, tmp_path / "logs"]).items
    assert {item.path.name: item.persona_name for item in items if item.format == "chat_dataset"} == {
        "chats.jsonl": "Halla Quist",
        "more.jsonl": "Other",
    }


def test_two_cards_in_a_folder_lend_nothing(tmp_path: Path) -> None:
    shutil.copy(CARD, tmp_path / "a.png")
    card = {"name": "Other", "description": "Someone.", "first_mes": "Hi.", "mes_example": ""}
    (tmp_path / "b.json").write_text(json.dumps(card), encoding="utf-8")
    _dataset(tmp_path / "chats.jsonl")
    plan = read_paths([tmp_path])
    assert [item.persona_name for item in plan.items] == ["Halla Quist", "Other"]
    assert [error.code for _, error in plan.problems] == ["persona_name_needed"]


def test_persona_given_wins_over_everything(tmp_path: Path) -> None:
    plan = read_paths([CARD, _dataset(tmp_path / "c.jsonl", "Grub")], persona=" New\nName ")
    assert {item.persona_name for item in plan.items} == {"New Name"}


def test_pictures_and_hidden_files_of_folders_are_passed_over(tmp_path: Path) -> None:
    shutil.copy(CARD, tmp_path / "card.png")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 no card")
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_bytes(b"\0")
    (tmp_path / "notes.bin").write_bytes(b"\0\1\2")
    plan = read_paths([tmp_path])
    assert [item.path.name for item in plan.items] == ["card.png"]
    assert [(path.name, error.code) for path, error in plan.problems] == [("notes.bin", "format_unknown")]
    with pytest.raises(StudioError, match="format_unknown"):
        read_paths([tmp_path / "photo.jpg"])


def test_a_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "a.png"
    broken.write_bytes(CARD.read_bytes()[:-40])
    plan = read_paths([broken, CARD, tmp_path / "none.txt"])
    assert [item.path.name for item in plan.items] == ["v2.png"]
    assert [(path.name, error.code) for path, error in plan.problems] == [
        ("a.png", "png_broken"),
        ("none.txt", "file_missing"),
    ]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    shutil.copy(CARD, tmp_path / "card.png")
    assert len(read_paths([tmp_path / "card.png", tmp_path]).items) == 1


def test_cancelling_ends_with_cancelled_also_inside_a_file(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text((_dataset(tmp_path / "x.jsonl").read_text() + "\n") * 500, encoding="utf-8")
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 50

    with pytest.raises(StudioError, match="cancelled"):
        read_paths([path], persona="Grub", cancelled=cancelled)
    assert len(asked) == 51


def test_progress_counts_bytes_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[float, float, str]] = []
    path = _dataset(tmp_path / "a.jsonl", "Grub")
    read_paths([path, CARD], progress=lambda *step: told.append(step))
    total = path.stat().st_size + CARD.stat().st_size
    assert told == [(0, total, "v2.png"), (CARD.stat().st_size, total, "a.jsonl"), (total, total, "")]


def test_findings_of_a_file_do_not_complain_about_its_size(tmp_path: Path) -> None:
    path = _dataset(tmp_path / "a.jsonl", "Grub")
    path.write_text(path.read_text().replace("Hm.", "As an AI I agree."), encoding="utf-8")
    assert [finding.code for finding in read_paths([path]).items[0].findings] == ["assistant_boilerplate"]
