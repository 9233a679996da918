"""A comparison on its way out: everything needed to have it said again, nothing of this machine, nothing that acts."""

import json
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.voices import add_adapter, asked, of, said_by_hand


@pytest.fixture
def chat(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> str:
    adapter = add_adapter(studio, base, persona.id, "Oswin v1")
    made = studio.chats.create("The storm", [Contestant(), of(adapter), of(adapter, 0.4)])
    asked(studio, app, made.id, "What do we do?", seed=7)
    asked(studio, app, made.id, "And then?", seed=8, sampler=Sampler(temperature=0.0))
    return made.id


def test_the_document_holds_all_that_makes_a_reply_again(
    studio: Studio, chat: str, base: BaseModel, tmp_path: Path
) -> None:
    document = json.loads(studio.chat_exports.text(chat, "json"))
    assert (document["format"], document["title"]) == ("persona-studio-comparison", "The storm")
    alone, full, weak = document["columns"]
    adapter = studio.adapters.list()[0]
    assert alone["adapters"] == [] and alone["base_fingerprint"] == base.fingerprint
    assert full["adapters"] == [{"name": "Oswin v1", "sha256": adapter.content, "weight": 1.0}]
    assert weak["adapters"][0]["weight"] == 0.4 and weak["persona"] == "Oswin"
    for column, messages in enumerate(document["columns"]):
        said = studio.chats.thread(chat, column)
        assert [line["text"] for line in messages["lines"]] == [one.text for one in said]
    first, second = (full["lines"][at] for at in (1, 3))
    assert (first["seed"], second["seed"]) == (7, 8)
    assert (first["sampler"]["temperature"], second["sampler"]["temperature"]) == (0.8, 0.0)


def test_nothing_of_this_machine_leaves(studio: Studio, chat: str, tmp_path: Path) -> None:
    for format in ("markdown", "json"):
        text = studio.chat_exports.text(chat, format)
        assert str(tmp_path) not in text and str(Path.home()) not in text and "/tmp" not in text


def test_markdown_asks_once_and_answers_in_order(studio: Studio, chat: str) -> None:
    text = studio.chat_exports.text(chat)
    assert text.startswith("# The storm\n") and text.count("> What do we do?") == 1
    heads = ["\n## 1\n", "\n### 1: Base alone\n", "\n### 2: Oswin v1\n", "\n### 3: Oswin v1 at 0.4\n", "\n## 2\n"]
    assert sorted(heads, key=text.index) == heads
    assert "*seed 7*" in text and f"`{studio.adapters.list()[0].content[:16]}`" in text.replace("\\", "")


def test_columns_that_were_asked_different_things_each_show_their_own(
    studio: Studio, app: AppThread, chat: str
) -> None:
    studio.chats.edit(chat, 0, studio.chats.thread(chat, 0)[2].id, "Or rather?")
    said_by_hand(studio, chat, 0, "Rather.")
    text = studio.chat_exports.text(chat)
    assert text.count("> And then?") == 2 and text.count("> Or rather?") == 1


def test_hostile_words_stay_words(studio: Studio, chat: str) -> None:
    said_by_hand(
        studio, chat, 0,
        "# Not a heading\n<img src=x onerror=alert(1)>\n![seen](http://elsewhere/x.png)\n```\ncode\n- item\n\t1. x | y",
    )  # fmt: skip
    text = studio.chat_exports.text(chat)
    (block,) = [part for part in text.split("\n\n") if "Not a heading" in part]
    assert block.splitlines() == [
        "> \\# Not a heading", "> \\<img src=x onerror=alert(1)>", "> !\\[seen\\](http://elsewhere/x.png)",
        "> \\`\\`\\`", "> code", "> \\- item", "> 1. x \\| y",
    ]  # fmt: skip


def test_a_file_is_new_or_refused(studio: Studio, chat: str, tmp_path: Path) -> None:
    out = tmp_path / "storm.md"
    assert studio.chat_exports.write(chat, "markdown", out).read_text(encoding="utf-8").startswith("# The storm")
    with pytest.raises(StudioError, match="export_exists"):
        studio.chat_exports.write(chat, "markdown", out)
    with pytest.raises(StudioError, match="export_format_unknown"):
        studio.chat_exports.text(chat, "pdf")


def test_an_empty_chat_is_a_document_too(studio: Studio, base: BaseModel) -> None:
    chat = studio.chats.create("", [Contestant()])
    assert studio.chat_exports.text(chat.id).startswith("# Comparison\n")
    assert json.loads(studio.chat_exports.text(chat.id, "json"))["columns"][0]["lines"] == []
