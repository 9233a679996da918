"""Datasets, chats and scripts: the cases that the samples do not hold."""

import json
from pathlib import Path

import pytest

from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths


def _write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def _script(tmp_path: Path, text: str, **options: str) -> ImportItem:
    path = tmp_path / "script.txt"
    path.write_text(text, encoding="utf-8")
    return read_paths([path], **options).items[0]


def _texts(item: ImportItem) -> list[list[str]]:
    return [[turn.text for turn in talk.turns] for talk in item.conversations]


def test_dataset_role_that_is_the_persona_s_name(tmp_path: Path) -> None:
    record = {"conversations": [{"from": "human", "value": "Hi."}, {"from": "Oswin", "value": "Peace."}]}
    path = _write(tmp_path / "a.jsonl", record)
    assert read_paths([path], persona="oswin").items[0].persona_turns == 1
    with pytest.raises(StudioError) as caught:
        read_paths([path], persona="Grub")
    assert caught.value.code == "dataset_invalid"
    assert "Oswin" in str(caught.value.details["reason"])


def test_dataset_in_windows_1252_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(b'{"messages": [{"role": "assistant", "name": "Zo\xeb", "content": "caf\xe9 \x93yes\x94"}]}\n')
    item = read_paths([path]).items[0]
    assert item.conversations[0].turns[0].text == "café “yes”"
    assert [(finding.code, finding.count) for finding in item.findings] == [("encoding_guessed", 1)]


def test_single_line_array_longer_than_a_line_may_be(tmp_path: Path) -> None:
    record = {"messages": [{"role": "user", "content": "x" * 1000}, {"role": "assistant", "content": "y" * 1000}]}
    path = tmp_path / "array.json"
    path.write_text(json.dumps([record] * 9000), encoding="utf-8")
    assert len(read_paths([path], persona="Grub").items[0].conversations) == 9000


def test_chat_with_several_characters_asks_who(tmp_path: Path) -> None:
    lines = [{"name": name, "is_user": False, "mes": "Hm."} for name in ("Ada", "Bo", "Ada")]
    with pytest.raises(StudioError) as caught:
        read_paths([_write(tmp_path / "g.jsonl", *lines)])
    assert (caught.value.code, caught.value.details["speakers"]) == ("speaker_needed", "Ada (2), Bo (1)")
    with pytest.raises(StudioError, match="speaker_unknown"):
        read_paths([_write(tmp_path / "g.jsonl", *lines)], speaker="Cy")


def test_chat_of_which_the_user_is_the_persona(tmp_path: Path) -> None:
    lines = [{"name": "Ines", "is_user": True, "mes": "I write."}, {"name": "Bex", "is_user": False, "mes": "I row."}]
    item = read_paths([_write(tmp_path / "g.jsonl", *lines)], speaker="ines").items[0]
    assert (item.persona_name, item.conversations[0].turns[0].role) == ("Ines", Role.PERSONA)


def test_script_asks_for_the_speaker_and_counts(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        _script(tmp_path, "ANNA: One.\nBERT: Two.\nanna: no speaker in a script of capitals\nANNA: Three.\n")
    assert caught.value.details["speakers"] == "ANNA (2), BERT (1)"


def test_script_finds_the_persona_by_part_of_the_name(tmp_path: Path) -> None:
    item = _script(tmp_path, "OSWIN: Peace.\nGUEST: Thanks.\n", persona="Brother Oswin")
    assert (item.speaker, item.persona_name) == ("OSWIN", "Brother Oswin")


@pytest.mark.parametrize(
    "line", ["http://anna.invalid: a place", "He said: run", "12:30: noon", "Note: this", "- Anna: x"]
)
def test_lines_that_are_no_speakers(line: str, tmp_path: Path) -> None:
    item = _script(tmp_path, f"Anna: Hello.\nBert: Yes.\n{line}\nAnna: Bye.\n", speaker="Anna")
    assert set(item.speakers) == {"Anna", "Bert"}


@pytest.mark.parametrize(
    "heading",
    [
        "SCENE 2",
        "Scene 2: the pier",
        "ACT II",
        "ACT TWO. Later",
        "INT. KITCHEN - DAY",
        "EXT. PIER",
        "---",
        "* * *",
        "# Two",
    ],
)
def test_headings_begin_a_new_conversation(heading: str, tmp_path: Path) -> None:
    item = _script(tmp_path, f"ANNA: One.\nBERT: Two.\n{heading}\nANNA: Three.\n", speaker="ANNA")
    assert _texts(item) == [["One.", "Two."], ["Three."]]


@pytest.mark.parametrize("line", ["Act as if nothing happened.", "Part of me wants to stay.", "Scenes like this."])
def test_prose_that_begins_like_a_heading_stays(line: str, tmp_path: Path) -> None:
    assert _texts(_script(tmp_path, f"ANNA: One.\n{line}\n", speaker="ANNA")) == [[f"One.\n{line}"]]


def test_names_stand_before_words_only_when_several_others_speak(tmp_path: Path) -> None:
    text = "BERT: Hi.\nBERT: Well?\nANNA: Hm.\n---\nBERT: Hi.\nCARL: Ho.\nANNA: Hm.\n"
    assert _texts(_script(tmp_path, text, speaker="ANNA")) == [["Hi.\nWell?", "Hm."], ["BERT: Hi.\nCARL: Ho.", "Hm."]]


def test_script_with_windows_line_ends_and_wide_colons(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_bytes("ANNA：Eins.\r\nBERT: Zwei.\r\n\r\nANNA:\r\n\r\nDrei.\r\n".encode())
    assert _texts(read_paths([path], speaker="ANNA").items[0]) == [["Eins.", "Zwei.", "Drei."]]


def test_script_without_speakers_when_forced(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="script_without_speakers"):
        _script(tmp_path, "No one is here.\n", format="plain_script")
