"""Whatever a file holds, reading it ends soon, in an item or a StudioError, and never in another exception.

Cut and mutated samples and bombs are in ``test_hostile_samples.py``; here are the kinds that have names.
"""

import json
import os
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.conversation import content_hash
from studio.domain.errors import StudioError
from studio.importers import IMPORTERS, ImportItem, read_paths
from studio.texts import sentence

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
SECONDS = 5.0


def _survives(path: Path, **options: str) -> None:
    """Read the file as the window would, then do what storing it would do."""
    started = time.monotonic()
    for item in _items_or_sentence(path, options):
        json.dumps(item.card.card if item.card else {}, ensure_ascii=False).encode()
        item.persona_name.encode()
        for conversation in item.conversations:
            assert content_hash(conversation)
            assert all("\0" not in turn.text for turn in conversation.turns)
    assert time.monotonic() - started < SECONDS


def _items_or_sentence(path: Path, options: dict[str, str]) -> tuple[ImportItem, ...]:
    try:
        return read_paths([path], **options).items
    except StudioError as error:
        sentence(error)
        return ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(IMPORTERS.all())))
def test_random_bytes_in_every_format(data: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    _survives(path, format=name, persona="Somebody")


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "mes",
                    "swipes",
                    "is_user",
                    "messages",
                    "conversations",
                    "from",
                    "role",
                    "value",
                    "content",
                    "spec",
                    "data",
                    "description",
                    "first_mes",
                    "mes_example",
                    "tags",
                    "extensions",
                    "persona_studio",
                    "character_name",
                    "alternate_greetings",
                    "system",
                    "weight",
                    "text",
                    "internal",
                    "visible",
                    "metadata",
                    "assistant_0",
                    "versions",
                    "histories",
                    "msgs",
                    "src",
                    "turns",
                    "candidates",
                    "author",
                    "prompt",
                    "actions",
                    "savedsettings",
                    "altbranches",
                    "worldinfo",
                    "persona",
                    "attributes",
                    "characterBook",
                    "entries",
                    "msg",
                    "parent",
                    "retries",
                    "message",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(_json_values, min_size=1, max_size=4), name=st.sampled_from(sorted(IMPORTERS.all())))
def test_right_keys_with_wrong_values(values: list[object], name: str, tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text("\n".join(json.dumps(value) for value in values), encoding="utf-8")
    _survives(path, format=name, persona="Somebody")
    _survives(path, persona="Somebody")


def _code(path: Path, **options: str) -> str:
    with pytest.raises(StudioError) as caught:
        read_paths([path], **options)
    assert sentence(caught.value)
    return caught.value.code


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


PNG = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
END = _chunk(b"IEND", b"")


def test_declared_text_of_200_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.write(PNG + struct.pack(">I", 200 * 1024 * 1024) + b"tEXt" + b"chara\0")
        file.truncate(file.tell() + 200 * 1024 * 1024 + 16)
    tracemalloc.start()
    try:
        assert _code(path) == "card_text_too_large"
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_packed_text_that_unfolds_to_gigabytes_is_refused(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(200)) + packer.flush()
    path = tmp_path / "bomb.png"
    path.write_bytes(PNG + _chunk(b"zTXt", b"chara\0\0" + packed) + END)
    tracemalloc.start()
    try:
        assert _code(path) == "card_text_too_large"
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PNG + END, "png_without_card"),
        (PNG, "png_broken"),
        (b"\x89PNG\r\n\x1a\n", "png_broken"),
        (PNG + _chunk(b"tEXt", b"chara\0e30=")[:-1] + b"\x01" + END, "png_broken"),
        (PNG + struct.pack(">I", 2**31) + b"IDAT" + END, "png_broken"),
        (PNG + _chunk(b"IDAT", b"")[:8] * 30_000, "png_broken"),
        (PNG + _chunk(b"zTXt", b"chara\0\0no zlib") + END, "png_broken"),
        (PNG + _chunk(b"tEXt", b"chara\0***") + END, "card_invalid"),
        (PNG + _chunk(b"tEXt", b"chara\0W10=") + END, "card_invalid"),
        (PNG + _chunk(b"tEXt", b"chara\0e30=") + END, "card_invalid"),
    ],
)
def test_broken_pngs(data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "card.png"
    path.write_bytes(data)
    assert _code(path) == code


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.json", b"", "nothing_to_import"),
        ("what.bin", b"\x00\x01\x02\x03" * 100, "format_unknown"),
        ("prose.txt", b"No one speaks here.\nNot even once.\n", "format_unknown"),
        ("deep.json", b'{"messages": ' + b"[" * 200_000, "json_broken"),
        ("number.json", b'{"messages": [{"role": "user", "content": ' + b"9" * 5000 + b"}]}", "json_broken"),
        ("role.jsonl", b'{"messages": [{"role": "wizard", "content": "x"}]}', "dataset_invalid"),
        ("long.jsonl", b'{"messages": [{"role": "user", "content": "' + b"x" * (17 << 20), "dataset_invalid"),
        ("spec.json", b'{"spec": "chara_card_v2", "name": "A"}', "card_invalid"),
        ("nul.jsonl", b'{"messages": [{"role": "user", "content": "a\x00b"}]}', "json_broken"),
    ],
)
def test_refusals_have_the_right_code(name: str, data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert _code(path, persona="Somebody") == code


def test_truncated_json_lines_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_bytes((SAMPLES / "chat_dataset" / "openai.jsonl").read_bytes()[:-30])
    with pytest.raises(StudioError) as caught:
        read_paths([path], persona="Grub")
    assert (caught.value.code, caught.value.details["line"]) == ("json_broken", 2)


def test_line_of_an_error_inside_a_pretty_printed_list(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[\n{"messages": []}\n\n,\n{"messages": [\n{"role": "wizard"}]}]', encoding="utf-8")
    with pytest.raises(StudioError) as caught:
        read_paths([path], persona="Grub")
    assert (caught.value.code, caught.value.details["line"]) == ("dataset_invalid", 5)


def test_missing_paths_and_odd_files(tmp_path: Path) -> None:
    assert _code(tmp_path / "nowhere.png") == "file_missing"
    assert _code(tmp_path) == "nothing_to_import"
    assert _code(tmp_path / "x", format="scroll") == "format_not_registered"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
        assert _code(tmp_path / "pipe.txt") == "file_unreadable"


@pytest.mark.parametrize(
    "text",
    [
        "((" * 300_000,
        "))" + "((" * 300_000,
        "{{" * 300_000 + "}}",
        "[OOC " * 100_000 + ")",
        "- " * 500_000,
        "A" * 2_000_000,
    ],
    ids=["open", "closed", "braces", "ooc", "rule", "long"],
)
def test_patterns_take_linear_time(text: str, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text(f"ANNA: hello\nBERT: {text}\n{text}\n", encoding="utf-8")
    _survives(script, speaker="BERT")
    chat = tmp_path / "chat.jsonl"
    chat.write_text(json.dumps({"name": "Bex", "is_user": False, "mes": text, "swipes": [text] * 3}), encoding="utf-8")
    _survives(chat)


def test_many_lines_of_one_side_are_joined_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    message = {"name": "Bex", "is_user": False, "mes": "Well.", "swipes": ["Well.", "Hm."]}
    path.write_text((json.dumps(message) + "\n") * 30_000, encoding="utf-8")
    _survives(path)
