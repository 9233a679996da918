"""Zip archives: read as a folder would be, and refused with a sentence when something about them could hurt."""

import io
import json
import shutil
import struct
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from studio.domain.errors import StudioError
from studio.importers import _archive as archives
from studio.importers import read_paths
from studio.texts import sentence

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
CARD = (SAMPLES / "character_card" / "v2.png").read_bytes()
CHAT = (SAMPLES / "sillytavern_chat" / "solo.jsonl").read_bytes()
TURNS = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hm."}]
DATASET = json.dumps({"messages": TURNS}).encode()


def _zip(path: Path, members: Mapping[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _code(path: Path, **options: str) -> str:
    with pytest.raises(StudioError) as caught:
        read_paths([path], **options)
    assert sentence(caught.value)
    return caught.value.code


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A card, two logs, and what else lies around."""
    members = {
        "halla/card.png": CARD, "halla/logs/one.jsonl": DATASET, "halla/logs/two.jsonl": DATASET.replace(b"Hm", b"No"),
        "halla/photo.jpg": b"\xff\xd8\xff no card", "halla/voice.opus": b"OggS", "halla/film.mp4": b"\0",
        "__MACOSX/halla/._card.png": b"\0", "halla/.DS_Store": b"\0", "halla/notes.bin": b"\0\1\2",
    }  # fmt: skip
    return _zip(tmp_path / "chats.zip", members)


def test_archive_is_one_import_and_its_card_names_its_neighbours(logs: Path) -> None:
    plan = read_paths([logs])
    assert {item.persona_name for item in plan.items} == {"Halla Quist"}
    assert [item.path for item in plan.items] == [
        logs / "halla/card.png", logs / "halla/logs/one.jsonl", logs / "halla/logs/two.jsonl",
    ]  # fmt: skip
    assert [(path, error.code) for path, error in plan.problems] == [(logs / "halla/notes.bin", "format_unknown")]
    assert plan.items[1].conversations[0].source == "chats.zip/halla/logs/one.jsonl"


def test_file_in_an_archive_is_read_alone(logs: Path) -> None:
    path = logs / "halla" / "logs" / "two.jsonl"
    plan = read_paths([path], persona="Halla Quist")
    assert [item.path for item in plan.items] == [path]
    assert plan.items[0].conversations[0].turns[1].text == "No."
    assert _code(logs / "halla" / "none.jsonl") == "file_missing"
    assert _code(logs / "halla" / "card.png" / "below") == "file_missing"


def test_card_beside_an_archive_names_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "card.png").write_bytes(CARD)
    _zip(tmp_path / "logs.zip", {"one.jsonl": DATASET})
    assert {item.persona_name for item in read_paths([tmp_path]).items} == {"Halla Quist"}
    both = read_paths([tmp_path / "logs.zip", tmp_path / "card.png"])
    assert {item.persona_name for item in both.items} == {"Halla Quist"}


def test_card_archive_is_a_card_and_not_a_folder(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "character_card" / "v3.charx", tmp_path / "any.zip")
    (item,) = read_paths([tmp_path / "any.zip"]).items
    assert (item.format, item.original) == ("character_card", item.path)


def test_card_archive_within_an_archive(tmp_path: Path) -> None:
    charx = (SAMPLES / "character_card" / "v3.charx").read_bytes()
    (item,) = read_paths([_zip(tmp_path / "a.zip", {"b/v3.charx": charx})]).items
    assert item.persona_name == "Brannoc Fell"
    assert item.portrait.startswith(b"\x89PNG")
    assert item.original == charx


def test_format_that_was_asked_for_is_that_of_the_files_inside(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"talk": b"HALLA: Sit.\nGUEST: Where?\n"})
    assert read_paths([path], format="plain_script", speaker="HALLA").items[0].persona_turns == 1


def test_backslashes_are_folders(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = "halla\\one.jsonl"
        archive.writestr(info, DATASET)
    assert read_paths([path], persona="H").items[0].path == path / "halla" / "one.jsonl"


def test_archive_within_an_archive_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("one.jsonl", DATASET)
    plan = read_paths([_zip(tmp_path / "a.zip", {"in.zip": inner.getvalue(), "two.jsonl": DATASET})], persona="H")
    assert [item.path.name for item in plan.items] == ["two.jsonl"]
    assert [(path.name, error.code) for path, error in plan.problems] == [("in.zip", "archive_nested")]


def test_hundreds_of_archives_in_a_folder_need_no_more_files_than_one(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    for number in range(80):
        _zip(tmp_path / f"{number}.zip", {"one.jsonl": DATASET.replace(b"Hello", b"Hello %d" % number)})
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 30, limit[1]))
    try:
        assert len(read_paths([tmp_path], persona="H").items) == 80
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


@pytest.mark.parametrize(
    "name", ["../evil.jsonl", "a/../../evil.jsonl", "/etc/evil.jsonl", "C:\\evil.jsonl", "..\\evil.jsonl"]
)
def test_names_that_lead_out_of_the_archive(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, DATASET)
    assert _code(path) == "archive_name_unsafe"


@pytest.mark.parametrize(("name", "kind"), [("[Content_Types].xml", "Office"), ("META-INF/container.xml", "EPUB")])
def test_documents_that_are_archives_inside(name: str, kind: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        read_paths([_zip(tmp_path / "novel.docx", {name: b"<x/>", "word/document.xml": b"<x/>"})])
    assert (caught.value.code, caught.value.details["kind"]) == ("archive_is_document", kind)


def test_locked_archive(tmp_path: Path) -> None:
    data = bytearray(_zip(tmp_path / "a.zip", {"one.jsonl": DATASET}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert _code(tmp_path / "a.zip") == "archive_encrypted"


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_without_a_limit_are_refused(kind: int, tmp_path: Path) -> None:
    assert _code(_zip(tmp_path / "a.zip", {"one.jsonl": DATASET}, kind)) == "archive_broken"


def test_wrong_checksum_is_the_trouble_of_one_file(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"one.jsonl": DATASET, "two.jsonl": DATASET}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Hallo", 1))
    plan = read_paths([path], persona="H")
    assert [item.path.name for item in plan.items] == ["two.jsonl"]
    assert [error.code for _, error in plan.problems] == ["archive_broken"]


def test_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a.txt", "w") as file,
    ):
        for _ in range(200):
            file.write(bytes(1024 * 1024))
    tracemalloc.start()
    try:
        assert _code(path) == "archive_too_large"
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_files_that_share_one_content_are_a_bomb_too(tmp_path: Path) -> None:
    """The table of contents names the same packed megabytes thousands of times."""
    path = _zip(tmp_path / "a.zip", {"a.txt": bytes(4 * 1024 * 1024)})
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    entry, end = data[at : data.index(b"PK\x05\x06")], bytearray(data[data.index(b"PK\x05\x06") :])
    entries = b"".join(entry.replace(b"a.txt", b"%05d" % number) for number in range(2000))
    struct.pack_into("<HHI", end, 8, 2000, 2000, len(entries))
    path.write_bytes(data[:at] + entries + bytes(end))
    assert _code(path) == "archive_too_large"


def test_endless_table_of_contents_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "CONTENTS_LIMIT_MB", 1)
    path = _zip(tmp_path / "a.zip", {f"{'n' * 200}{number}.jsonl": b"" for number in range(5000)})
    assert _code(path) == "archive_broken"


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MEMBERS_LIMIT", 3)
    assert _code(_zip(tmp_path / "a.zip", {f"{number}.txt": b"" for number in range(4)})) == "archive_too_many"
    pictures = {f"{number}.mp4": b"" for number in range(9)} | {"one.jsonl": DATASET}
    assert len(read_paths([_zip(tmp_path / "b.zip", pictures)], persona="H").items) == 1


def test_large_member_is_read_through_a_file_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_SMALL", 10)
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = _zip(tmp_path / "a.zip", {"one.jsonl": DATASET})
    assert len(read_paths([path], persona="H").items) == 1
    assert not list((tmp_path / "temporary").iterdir())


def test_empty_archive(tmp_path: Path) -> None:
    assert _code(_zip(tmp_path / "a.zip", {})) == "nothing_to_import"
    assert _code(_zip(tmp_path / "b.zip", {"film.mp4": b"x"})) == "nothing_to_import"
