"""Dataset formats: what is written comes back as the same conversations, and other programs can read it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.exporters.datasets.dataset_exporter import (
    DATASET_EXPORTERS,
    DatasetExportRequest,
    ExportCount,
    ExportedConversation,
)
from studio.exporters.exporter import EXPORTERS
from studio.importers import read_paths
from studio.importers._wording import clean_name

WHOLE = ("messages", "sharegpt", "csv", *(("datasets",) if find_spec("datasets") else ()))
"""The formats that keep all of a conversation, as far as their libraries are installed."""


def _asked(*conversations: Conversation, **said: Any) -> DatasetExportRequest:
    """Every third conversation is held out."""
    listed = [
        ExportedConversation(key=f"c{number}", heldout=number % 3 == 2, conversation=conversation)
        for number, conversation in enumerate(conversations)
    ]
    return DatasetExportRequest(conversations=lambda: iter(listed), persona=Persona(id="p", name="Mira Vane"), **said)


def _export(request: DatasetExportRequest, name: str, folder: Path) -> tuple[Path, ExportCount]:
    entry = DATASET_EXPORTERS.get(name)
    path = folder / f"out{entry.suffix}"
    if entry.folder:
        path = Path(str(path) + str(len(list(folder.iterdir()))))
        path.mkdir()
    return path, entry.write(request, path)


def _read_back(path: Path) -> list[Conversation]:
    plan = read_paths([path])
    assert not plan.problems
    assert {item.persona_name for item in plan.items} == {"Mira Vane"}
    return [replace(conversation, source="") for item in plan.items for conversation in item.conversations]


def _turn(role: Role, text: str, **said: Any) -> Turn:
    return Turn(role=role, text=text, **said)


SWIPED = Conversation(
    title="The pier, again",
    tags=("night", "a, b"),
    turns=(
        _turn(Role.SYSTEM, "You are {{char}}."),
        _turn(Role.USER, "Where is the boat?\n\n=SUM(A1)", speaker="Bex"),
        _turn(Role.PERSONA, 'Sold, "mostly".', speaker="Mira", alternatives=("No.", "I am a boat.\nSo.")),
        _turn(Role.USER, "And the oars, {{char}}?", speaker="Bex", train=False),
        _turn(Role.PERSONA, "Firewood.", speaker="Mira", train=False, marks=(GENERATED, DOUBTFUL), alternatives=("?",)),
        _turn(Role.USER, "Fine."),
        _turn(Role.PERSONA, "It was.", alternatives=("It is.",)),
    ),
)
PLAIN = Conversation(turns=(_turn(Role.USER, "Hi."), _turn(Role.PERSONA, "Hm.")))
GREETED = Conversation(
    turns=(
        _turn(Role.PERSONA, "Mind the step.", alternatives=("Oh. You.",)),
        _turn(Role.USER, "Which?"),
        _turn(Role.PERSONA, "That one.", alternatives=("Every one.", "None.")),
        _turn(Role.USER, "Ow."),
    )
)


def test_the_room_is_found_and_does_not_disturb_the_one_around_it() -> None:
    assert list(DATASET_EXPORTERS.all()) == ["messages", "sharegpt", "preference", "csv", "datasets"]
    assert "datasets" not in EXPORTERS.all()


@pytest.mark.parametrize("name", WHOLE)
def test_everything_comes_back(name: str, tmp_path: Path) -> None:
    talks = [SWIPED, PLAIN, GREETED, replace(PLAIN, title="Again")]
    path, count = _export(_asked(*talks), name, tmp_path)
    assert count.conversations == 4
    assert Counter(_read_back(path)) == Counter(talks)


_TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\r")
    | st.sampled_from("\n\t\",;|\\'« 😀אب=-+@`{}[]<>"),
    max_size=30,
).map(str.strip)
_NAME = st.text(max_size=12).map(clean_name)
_WORDS = st.lists(_NAME.filter(bool), max_size=3, unique=True).map(tuple)


@st.composite
def _turns(draw: st.DrawFn) -> Turn:
    text = draw(_TEXT)
    others = draw(st.lists(_TEXT.filter(bool), max_size=2, unique=True))
    return Turn(
        role=draw(st.sampled_from(list(Role))),
        text=text,
        speaker=draw(_NAME),
        train=draw(st.booleans()),
        alternatives=tuple(other for other in others if other != text),
        marks=draw(_WORDS),
    )


_TALKS = st.builds(Conversation, turns=st.lists(_turns(), min_size=1, max_size=5).map(tuple), title=_NAME, tags=_WORDS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talks=st.lists(_TALKS, min_size=1, max_size=4), name=st.sampled_from(WHOLE))
def test_odd_words_come_back(talks: list[Conversation], name: str, tmp_path: Path) -> None:
    path, _ = _export(_asked(*talks), name, tmp_path)
    assert Counter(_read_back(path)) == Counter(talks)


def _pairs(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_preference_pairs_only_where_the_user_asked_and_the_chat_went_on(tmp_path: Path) -> None:
    path, count = _export(_asked(SWIPED, PLAIN, GREETED), "preference", tmp_path)
    found = [
        (len(pair["prompt"]), pair["chosen"][0]["content"], pair["rejected"][0]["content"]) for pair in _pairs(path)
    ]
    assert found == [
        (2, 'Sold, "mostly".', "No."),
        (2, 'Sold, "mostly".', "I am a boat.\nSo."),
        (2, "That one.", "Every one."),
        (2, "That one.", "None."),
    ]
    assert count == ExportCount(conversations=2, rows=4)


def test_pairs_come_back_as_the_same_pairs(tmp_path: Path) -> None:
    path, _ = _export(_asked(SWIPED, GREETED), "preference", tmp_path)
    back = _read_back(path)
    assert [(talk.title, talk.tags) for talk in back] == [(SWIPED.title, SWIPED.tags), ("", ())]
    told = [
        (tuple((turn.role.value, turn.text) for turn in talk.turns[:-1]), talk.turns[-1].text, other)
        for talk in back
        for other in talk.turns[-1].alternatives
    ]
    written = [
        (
            tuple((said["role"], said["content"]) for said in pair["prompt"]),
            pair["chosen"][0]["content"],
            pair["rejected"][0]["content"],
        )
        for pair in _pairs(path)
    ]
    assert told == written
    assert all(talk.turns[-1].train for talk in back)
    assert not any(turn.train for talk in back for turn in talk.turns[:-1] if turn.role is Role.PERSONA)


def test_pairs_have_the_shape_that_trl_documents(tmp_path: Path) -> None:
    """Conversational preference with an explicit prompt: lists of role and content, ending in the assistant's turn."""
    path, _ = _export(_asked(SWIPED, GREETED), "preference", tmp_path)
    for pair in _pairs(path):
        assert pair["prompt"][-1]["role"] == "user"
        assert [said["role"] for said in pair["chosen"]] == [said["role"] for said in pair["rejected"]] == ["assistant"]
        said = [*pair["prompt"], *pair["chosen"], *pair["rejected"]]
        assert all(set(message) == {"role", "content"} for message in said)


@pytest.mark.filterwarnings("ignore")
def test_trl_takes_the_pairs_for_conversational(tmp_path: Path) -> None:
    data_utils = pytest.importorskip("trl.data_utils")
    path, _ = _export(_asked(SWIPED), "preference", tmp_path)
    for pair in _pairs(path):
        example = {key: pair[key] for key in ("prompt", "chosen", "rejected")}
        assert data_utils.is_conversational(example)
        whole = {key: example["prompt"] + example[key] for key in ("chosen", "rejected")}
        assert data_utils.extract_prompt(whole) == example


def test_messages_are_what_hosted_training_takes(tmp_path: Path) -> None:
    path, _ = _export(_asked(SWIPED), "messages", tmp_path)
    said = _pairs(path)[0]["messages"]
    assert [message["role"] for message in said[:3]] == ["system", "user", "assistant"]
    assert [message.get("weight") for message in said if message["role"] == "assistant"] == [None, 0, None]
    assert [message.get("name") for message in said[:3]] == [None, "Bex", "Mira"]


def test_a_name_that_openai_refuses_stands_under_another_key(tmp_path: Path) -> None:
    talk = Conversation(turns=(_turn(Role.PERSONA, "Hm.", speaker="Mira Vane"),))
    path, _ = _export(_asked(talk), "messages", tmp_path)
    assert _pairs(path)[0]["messages"] == [{"role": "assistant", "content": "Hm.", "speaker": "Mira Vane"}]


@pytest.mark.parametrize("name", WHOLE)
def test_one_side_only(name: str, tmp_path: Path) -> None:
    talks = [replace(PLAIN, title=str(number)) for number in range(5)]
    for side, titles in (("train", {"0", "1", "3", "4"}), ("heldout", {"2"})):
        path, count = _export(_asked(*talks, side=side), name, tmp_path)
        assert count.conversations == len(titles)
        assert {talk.title for talk in _read_back(path)} == titles


@pytest.mark.parametrize("name", WHOLE)
def test_names_and_system_prompt_are_filled_in(name: str, tmp_path: Path) -> None:
    request = _asked(SWIPED, PLAIN, system_prompt="Talk as {{char}} to {{user}}.", fill_macros=True, user_name="Ines")
    path, _ = _export(request, name, tmp_path)
    swiped, plain = sorted(_read_back(path), key=lambda talk: talk.title, reverse=True)
    assert [turn.text for turn in plain.turns] == ["Talk as Mira Vane to Ines.", "Hi.", "Hm."]
    assert swiped.turns[0].text == "You are Mira Vane."
    assert swiped.turns[3].text == "And the oars, Mira Vane?"


@pytest.mark.parametrize("name", [*WHOLE, "preference"])
def test_nothing_to_write(name: str, tmp_path: Path) -> None:
    """A version without conversations on that side is an empty file, not a crash."""
    path, count = _export(_asked(Conversation(turns=())), name, tmp_path)
    assert count == ExportCount(conversations=0, rows=0)
    with pytest.raises(StudioError, match=r"nothing_to_import|format_unknown"):
        read_paths([path], persona="Mira")


def test_a_cancelled_export_raises_what_cancelled_it(tmp_path: Path) -> None:
    def conversations() -> Iterator[ExportedConversation]:
        yield ExportedConversation(key="a", heldout=False, conversation=PLAIN)
        raise StudioError("cancelled")

    for name in (*WHOLE, "preference"):
        with pytest.raises(StudioError, match="cancelled"):
            _export(replace(_asked(), conversations=conversations), name, tmp_path)


def test_the_folder_opens_in_datasets(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    path, count = _export(_asked(SWIPED, PLAIN, GREETED), "datasets", tmp_path)
    found = datasets.load_from_disk(str(path))
    assert {name: split.num_rows for name, split in found.items()} == {"train": 2, "heldout": 1}
    assert found["train"][0]["messages"][2]["alternatives"] == ["No.", "I am a boat.\nSo."]
    assert count.rows == 3
    assert not [left for left in path.rglob("*") if "tmp" in left.name or "cache" in left.name]


def test_json_lines_open_in_datasets(tmp_path: Path) -> None:
    """Keys that only some messages have must not keep the others from being read."""
    datasets = pytest.importorskip("datasets")
    for name in ("messages", "sharegpt", "preference"):
        path, count = _export(_asked(PLAIN, SWIPED, GREETED), name, tmp_path)
        found = datasets.Dataset.from_json(str(path), cache_dir=str(tmp_path / "cache"))
        assert found.num_rows == count.rows


def test_tables_of_datasets_are_read_as_parquet_too(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    path, _ = _export(_asked(SWIPED, PLAIN), "datasets", tmp_path)
    datasets.load_from_disk(str(path))["train"].to_parquet(str(tmp_path / "train.parquet"))
    assert _read_back(tmp_path / "train.parquet") == [SWIPED, PLAIN]
