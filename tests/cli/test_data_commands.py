"""The commands of ``data``: what they say, what they change, and that all of it can be undone."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call


def test_list_takes_filters_and_orders(stocked: Call) -> None:
    everything = stocked("data", "list", "Orin", json=True).document
    assert (everything["count"], len(everything["conversations"])) == (40, 40)
    one = everything["conversations"][7]
    assert one.keys() >= {"id", "title", "source", "tags", "turns", "persona_turns", "words", "begins"}
    found = stocked("data", "list", "Orin", "--search", "answer 7", json=True).document
    assert [listed["id"] for listed in found["conversations"]] == [one["id"]]
    assert stocked("data", "list", "Orin", "--speaker", "GUEST", "--least-turns", 3, json=True).document["count"] == 0
    page = stocked("data", "list", "Orin", "--order", "newest", "--limit", 2, json=True).document["conversations"]
    assert [listed["id"] for listed in page] == [listed["id"] for listed in everything["conversations"][:-3:-1]]
    sides = [
        stocked("data", "list", "Orin", "--side", side, json=True).document["count"] for side in ("train", "heldout")
    ]
    assert sum(sides) == 40 and all(sides)
    empty = stocked("data", "list", "Orin", "--tag", "nothing")
    assert (empty.code, empty.out) == (0, "") and empty.err


def test_find_replace_shows_then_does_then_undoes(stocked: Call) -> None:
    words = ("data", "find-replace", "Orin", r"answer (\d)\b", r"reply \1", "--regex", "--role", "persona")
    shown = stocked(*words, "--preview", json=True).document
    assert (shown["preview"], shown["conversations"], shown["places"]) == (True, 10, 10)
    assert "reply 0" in shown["samples"][0]["after"]
    assert stocked("data", "list", "Orin", "--search", "reply", json=True).document["count"] == 0
    act = stocked(*words, json=True).document
    assert act["conversations"] == 10
    assert stocked("data", "list", "Orin", "--search", "reply", json=True).document["count"] == 10
    assert stocked("data", "undo", "Orin", json=True).document["token"] == act["token"]
    assert stocked("data", "list", "Orin", "--search", "reply", json=True).document["count"] == 0
    assert stocked("data", "redo", "Orin", json=True).document["token"] == act["token"]
    history = stocked("data", "history", "Orin", json=True).document
    assert [one["undone"] for one in history] == [False, False] and history[0]["token"] == act["token"]
    assert stocked("data", "undo", "Orin", act["token"]).code == 0
    assert stocked("data", "undo", "Orin", act["token"]).code == 3


def test_a_bad_pattern_is_one_sentence_and_exit_code_3(stocked: Call) -> None:
    ended = stocked("data", "find-replace", "Orin", "(a", "b", "--regex")
    assert ended.code == 3 and "pattern" in ended.err.splitlines()[-1]


def test_tags_go_on_and_off(stocked: Call) -> None:
    assert stocked("data", "tag", "Orin").code == 2
    assert stocked("data", "tag", "Orin", "--add", "odd", "--search", "nowhere").code == 3
    act = stocked("data", "tag", "Orin", "--add", "odd", "--search", "answer 3", json=True).document
    assert act["conversations"] == 11
    assert stocked("data", "list", "Orin", "--tag", "odd", json=True).document["count"] == 11
    stocked("data", "tag", "Orin", "--remove", "odd", "--search", "answer 31")
    assert stocked("data", "list", "Orin", "--tag", "odd", json=True).document["count"] == 10


def test_a_check_names_repairs_and_a_repair_mends(call: Call, tmp_path: Path) -> None:
    script = tmp_path / "bad.txt"
    scenes = [
        "GUEST: Who?\nORIN: Mine is the lamp, says he.",
        "GUEST: Hm?\nORIN: As an AI language model I cannot help.",
    ]
    script.write_text("\n\n---\n\n".join(scenes), encoding="utf-8")
    call("import", script, "--persona", "Orin", "--speaker", "ORIN")
    checked = call("data", "check", "Orin", "--keep", json=True).document
    [finding] = [one for one in checked["findings"] if one["code"] == "assistant_boilerplate"]
    assert finding["repairs"] and set(finding["repairs"]) <= checked["repairs"].keys()
    assert checked["meter"]["verdict"] == "too_little"
    assert call("data", "list", "Orin", "--finding", "assistant_boilerplate", json=True).document["count"] == 1
    shown = call("data", "repair", "Orin", finding["repairs"][0], "--preview", json=True).document
    assert (shown["preview"], shown["conversations"]) == (True, 1)
    assert call("data", "repair", "Orin", finding["repairs"][0], json=True).document["conversations"] == 1
    again = call("data", "check", "Orin", json=True).document
    assert "assistant_boilerplate" not in [one["code"] for one in again["findings"]]
    assert call("data", "repair", "Orin", "make_it_good").code == 3
    said = call("data", "check", "Orin")
    assert "[" in said.out


def test_coverage_says_what_is_missing(stocked: Call) -> None:
    document = stocked("data", "coverage", "Orin", json=True).document
    assert document["meter"]["persona_turns"] == 40
    assert document["coverage"].keys() == {"moods", "lengths", "turn_counts", "topics"}
    assert all(one.keys() >= {"label", "count", "expected", "missing"} for one in document["coverage"]["lengths"])
    assert stocked("data", "coverage", "Orin").out


def test_versions_are_kept_named_compared_and_exported(stocked: Call, tmp_path: Path) -> None:
    first = stocked("data", "snapshot", "Orin", "--name", "first", json=True).document
    stocked("data", "find-replace", "Orin", "answer 7,", "reply,")
    difference = stocked("data", "compare", "Orin", "first", json=True).document
    assert (len(difference["added"]), len(difference["removed"]), len(difference["changed"])) == (0, 0, 1)
    out = tmp_path / "old.jsonl"
    exported = stocked("data", "export", "Orin", out, "--version", 1, json=True).document
    assert exported["version"]["id"] == first["id"]
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 40 and "Answer 7" in lines[7]["messages"][-1]["content"]
    assert stocked("data", "export", "Orin", out).code == 3
    assert stocked("data", "export", "Orin", tmp_path / "now.csv", "--format", "csv").code == 0
    assert stocked("data", "name", "Orin", "2", "second").code == 0
    listed = stocked("data", "versions", "Orin", json=True).document
    assert [(one["number"], one["name"]) for one in listed] == [(2, "second"), (1, "first")]
    same = stocked("data", "compare", "Orin", "second", "first", json=True).document
    assert len(same["changed"]) == 1
    assert stocked("data", "compare", "Orin", "ninth").code == 3


@pytest.mark.parametrize("word", ["list", "find-replace", "tag", "repair", "compare", "export", "versions", "undo"])
def test_every_command_explains_itself(call: Call, word: str) -> None:
    ended = call("data", word, "--help")
    assert ended.code == 0 and "PERSONA" in ended.out
