"""``chat list`` and ``export``, ``votes``, ``adapters bake`` and ``prove``: what they do, and names scripts rely on."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.domain.chat import Contestant
from studio.services.studio import Studio
from tests.cli.conftest import FAKE_ENGINE, Call
from tests.services.app_thread import AppThread
from tests.services.voices import asked


def spoken(folder: Path, verdict: str = "") -> str:
    """A chat with two columns and one vote, as the window would have left it."""
    app = AppThread()
    studio = Studio.open(folder, deliver=app.deliver, engine_command=json.loads(FAKE_ENGINE))
    try:
        adapter = studio.adapters.list()[0]
        chat = studio.chats.create("Evening", [Contestant(), Contestant(adapter_id=adapter.id)])
        asked(studio, app, chat.id, "Who are you?", seed=3)
        if verdict:
            studio.votes.vote(studio.votes.ballot(chat.id).id, verdict)
        return chat.id
    finally:
        studio.close()


def test_chats_are_listed_and_exported(trained: tuple[Call, dict[str, Any]], tmp_path: Path) -> None:
    call, _ = trained
    chat = spoken(tmp_path / "library")
    (listed,) = call("chat", "list", json=True).document
    assert (listed["id"], listed["title"], listed["columns"]) == (chat, "Evening", 2)
    document = call("chat", "export", chat, json=True).document
    assert document["format"] == "persona-studio-comparison" and len(document["columns"]) == 2
    assert call("chat", "export", chat).out.startswith("# Evening\n")
    out = tmp_path / "evening.json"
    written = call("chat", "export", chat, "--format", "json", "--out", out, json=True)
    assert written.code == 0 and json.loads(out.read_text(encoding="utf-8"))["title"] == "Evening"
    refused = call("chat", "export", chat, "--out", out)
    assert refused.code != 0 and "already exists" in refused.err


def test_asking_still_needs_words(stocked: Call) -> None:
    ended = stocked("chat")
    assert ended.code == 2 and "--prompt" in ended.err


def test_votes_are_listed_and_ranked(trained: tuple[Call, dict[str, Any]], tmp_path: Path) -> None:
    call, _ = trained
    assert "No blind votes yet." in call("votes", "ranking").out
    spoken(tmp_path / "library", "1")
    (vote,) = call("votes", "list", json=True).document
    assert vote["prompt"] == "Who are you?" and vote["verdict"] == "1" and len(vote["replies"]) == 2
    assert vote["replies"][0]["seed"] == 3
    ranking = call("votes", "ranking", "--persona", "Orin", json=True).document
    assert (ranking["votes"], ranking["enough"], len(ranking["rows"])) == (1, False, 2)
    assert {"label", "wins", "score", "low", "high", "win_chance", "enough"} <= ranking["rows"][0].keys()
    assert "can be told apart" in call("votes", "ranking").out


def test_baking_and_proving(trained: tuple[Call, dict[str, Any]]) -> None:
    call, run = trained
    plan = call("adapters", "bake", f"{run['adapter']}:0.5", "--dry-run", json=True).document
    assert plan["rank"] == plan["exact_rank"] > 0 and len(call("adapters", "list", json=True).document) == 1
    made = call("adapters", "bake", f"{run['adapter']}:0.5", "--name", "Soft Orin", json=True)
    assert made.code == 0 and made.lines[-1]["made_of"]["parts"][0]["weight"] == 0.5
    assert "0.5 ×" in call("adapters", "show", "Soft Orin").out
    proved = call("adapters", "prove", "Soft Orin", json=True)
    assert proved.code == 0 and proved.lines[-1][0]["nothing"] is False
    assert "effect: another next token in" in call("adapters", "show", "Soft Orin").out


@pytest.mark.parametrize("words", [("bake",), ("bake", "nobody:0.5"), ("prove", "nobody")])
def test_wrong_words_are_told(stocked: Call, words: tuple[str, ...]) -> None:
    ended = stocked("adapters", *words)
    assert ended.code != 0 and ended.err
