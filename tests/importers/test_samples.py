"""Every sample in sample_data/importers is read as its expected.json says, to the last turn."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Turn
from studio.importers import IMPORTERS, ImportItem, read_paths
from studio.texts import FINDINGS

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
EXPECTED = {
    SAMPLES / folder.name / name: said
    for folder in sorted(SAMPLES.iterdir())
    for name, said in json.loads((folder / "expected.json").read_text(encoding="utf-8")).items()
}


def _turn(turn: Turn, said: list[Any]) -> list[Any]:
    details = said[2] if len(said) > 2 else {}
    shown: dict[str, Any] = {
        "train": turn.train,
        "alternatives": list(turn.alternatives),
        "speaker": turn.speaker,
        "marks": list(turn.marks),
    }
    kept = {key: value for key, value in shown.items() if key in details or value != _DEFAULTS[key]}
    if "speaker" not in details:
        kept.pop("speaker", None)
    return [turn.role.value, turn.text, *([kept] if kept else [])]


_DEFAULTS: dict[str, Any] = {"train": True, "alternatives": [], "speaker": "", "marks": []}


def _conversation(found: Conversation, said: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"turns": [_turn(*pair) for pair in zip(found.turns, said["turns"], strict=False)]}
    shown["turns"] += [[turn.role.value, turn.text] for turn in found.turns[len(said["turns"]) :]]
    if found.tags:
        shown["tags"] = list(found.tags)
    if "title" in said:
        shown["title"] = found.title
    return shown


def _variants() -> Iterator[Any]:
    """Every sample, and those again that are also read with other options (``variants`` in expected.json)."""
    for path, said in EXPECTED.items():
        for number, variant in enumerate([said, *said.get("variants", [])]):
            yield pytest.param(path, variant, id=f"{path.parent.name}/{path.name}{f'-{number}' if number else ''}")


@pytest.mark.parametrize(("path", "said"), list(_variants()))
def test_sample_is_read_as_expected(path: Path, said: dict[str, Any]) -> None:
    item = read_paths([path], **said.get("options", {})).items[0]
    assert item.format == path.parent.name
    assert item.persona_name == said["persona_name"]
    assert item.speaker == said.get("speaker", "")
    assert len(item.conversations) == len(said["conversations"])
    shown = [_conversation(*pair) for pair in zip(item.conversations, said["conversations"], strict=True)]
    assert shown == said["conversations"]
    notes = {finding.code: finding.count for finding in item.findings if finding.severity is Severity.NOTE}
    assert {code: count for code, count in notes.items() if code != "one_word_turns"} == said.get("notes", {})
    assert item.persona_turns == sum(turn[0] == "assistant" for talk in said["conversations"] for turn in talk["turns"])
    assert item.names_hidden or all(conversation.source == path.name for conversation in item.conversations)
    assert item.date_order == said.get("date_order", "")
    assert dict(item.mapping) == said.get("mapping", {})
    assert set(item.mapping.values()) <= set(item.columns)


@pytest.mark.parametrize("path", [path for path in EXPECTED if "card" in EXPECTED[path]], ids=lambda path: path.name)
def test_card_draft_is_as_expected(path: Path) -> None:
    item: ImportItem = read_paths([path]).items[0]
    said = EXPECTED[path]["card"]
    assert item.card is not None
    shown = {key: getattr(item.card, key) for key in said}
    assert {key: list(value) if isinstance(value, tuple) else value for key, value in shown.items()} == said
    assert item.portrait == _portrait(path, EXPECTED[path]["portrait"])


def _portrait(path: Path, said: bool | str) -> bytes:
    """The card is the picture itself, or the picture is a file beside it, in the archive, or before it."""
    if isinstance(said, str) and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            before = path.read_bytes().partition(b"PK\x03\x04")[0]
            return archive.read(said) if said in archive.namelist() else before
    picture = path.parent / said if isinstance(said, str) else path
    return picture.read_bytes() if said else b""


@pytest.mark.parametrize(
    "path", [path for path in EXPECTED if "lorebook" in EXPECTED[path]], ids=lambda path: path.name
)
def test_lorebook_is_as_expected(path: Path) -> None:
    assert _item(path).lorebook == EXPECTED[path]["lorebook"]


def test_every_format_has_a_sample_and_every_finding_a_sentence() -> None:
    assert {path.parent.name for path in EXPECTED} == set(IMPORTERS.all())
    codes = {finding.code for path in EXPECTED for finding in _item(path).findings}
    assert codes <= set(FINDINGS)


def _item(path: Path) -> ImportItem:
    return read_paths([path], **EXPECTED[path].get("options", {})).items[0]
