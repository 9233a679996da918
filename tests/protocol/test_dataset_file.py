"""The dataset file: what is written is read, sides included, and nothing unknown is read."""

from pathlib import Path

import msgspec
import pytest

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import is_held_out
from studio.protocol.dataset_file import dataset_bytes, read_dataset


def _talk(number: int, *, system: str = "") -> Conversation:
    turns = [
        Turn(role=Role.USER, text=f"Question {number}?\n"),
        Turn(role=Role.PERSONA, text="Ja, näher 🜂.", train=number % 2 == 0),
    ]
    return Conversation(turns=tuple([Turn(role=Role.SYSTEM, text=system), *turns] if system else turns))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    talks = [(f"c{number}", _talk(number)) for number in range(60)]
    path = tmp_path / "data.jsonl"
    path.write_bytes(dataset_bytes(talks, 0.3))
    lines = list(read_dataset(path))
    assert [line.key for line in lines] == [key for key, _ in talks]
    assert [line.heldout for line in lines] == [is_held_out(talk, 0.3) for _, talk in talks]
    assert {line.heldout for line in lines} == {True, False}
    assert [(turn.role, turn.text, turn.train) for turn in lines[1].turns] == [
        ("user", "Question 1?\n", True), ("assistant", "Ja, näher 🜂.", False)
    ]  # fmt: skip


def test_the_system_prompt_goes_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(dataset_bytes([("a", _talk(1)), ("b", _talk(2, system="Mine."))], 0.0, "Be brief."))
    assert [line.turns[0].text for line in read_dataset(path)] == ["Be brief.", "Mine."]
    assert [len(line.turns) for line in read_dataset(path)] == [3, 3]


def test_the_system_prompt_does_not_change_the_side() -> None:
    for number in range(30):
        assert is_held_out(_talk(number), 0.5) == is_held_out(_talk(number, system="Mine."), 0.5)


def test_unknown_fields_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"key":"a","heldout":false,"turns":[],"weight":2}\n')
    with pytest.raises(msgspec.ValidationError):
        list(read_dataset(path))
