"""What each command does and says, and the names that scripts rely on."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call

RUN_KEYS = {
    "persona", "method", "quantization", "trained_tokens", "steps", "tokens_per_second", "seconds",
    "peak_memory_bytes", "heldout_nll_base", "heldout_nll_adapter",
}  # fmt: skip


def test_import_reports_counts_and_stores_nothing_twice(call: Call, script: Path) -> None:
    first = call("import", script, "--persona", "Orin", "--speaker", "ORIN", json=True)
    again = call("import", script, "--persona", "Orin", "--speaker", "ORIN", json=True)
    assert (first.code, again.code) == (0, 0)
    assert (first.document["conversations"], first.document["persona_turns"]) == (40, 40)
    assert (again.document["conversations"], again.document["duplicates"]) == (0, 40)
    assert first.document["personas"][0]["created"] is True
    assert again.document["personas"][0]["created"] is False


def test_a_dry_run_stores_nothing_and_makes_no_library(call: Call, script: Path, tmp_path: Path) -> None:
    ended = call("import", script, "--persona", "Orin", "--speaker", "ORIN", "--dry-run", json=True)
    assert ended.document["dry_run"] is True
    assert ended.document["items"][0]["format"] == "plain_script"
    assert ended.document["conversations"] == 40
    assert not (tmp_path / "library").exists()


def test_models_list_gives_id_and_path(stocked: Call, base_folder: Path) -> None:
    listed = stocked("models", "list", json=True).document
    assert [Path(base["path"]) for base in listed] == [base_folder.resolve()]
    assert listed[0]["id"].startswith("base-")


def test_a_removed_base_is_gone(stocked: Call) -> None:
    base = stocked("models", "list", json=True).document[0]["id"]
    assert stocked("models", "remove", base).code == 0
    assert stocked("models", "list", json=True).document == []


def test_personas_list_and_show(stocked: Call) -> None:
    listed = stocked("personas", "list", json=True).document
    assert [(one["name"], one["conversations"]) for one in listed] == [("Orin", 40)]
    shown = stocked("personas", "show", "Orin", json=True).document
    assert (shown["id"], shown["persona_turns"]) == (listed[0]["id"], 40)
    assert stocked("personas", "list", "--search", "nothing-like-this", json=True).document == []


def test_data_show_has_the_names_that_stay(stocked: Call) -> None:
    shown = stocked("data", "show", "Orin", json=True).document
    assert (shown["persona_turns"], shown["conversations"]) == (40, 40)
    assert shown["tokens"] > 40 * 10
    assert shown["train_conversations"] + shown["heldout_conversations"] == 40


def test_data_check_blocks_with_exit_code_3(call: Call, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("GUEST: Hello there.\nORIN: <|im_start|> says nothing good.\n", encoding="utf-8")
    assert call("import", bad, "--persona", "Orin", "--speaker", "ORIN").code == 0
    ended = call("data", "check", "Orin", json=True)
    assert (ended.code, ended.document["blocked"]) == (3, True)
    assert "template_tokens" in [one["code"] for one in ended.document["findings"]]


def test_train_ends_with_the_runs_document(stocked: Call) -> None:
    ended = stocked("train", "Orin", "--preset", "taste", "--set", "max_steps=3", json=True)
    assert ended.code == 0, ended.err
    document = ended.document
    assert document.keys() >= RUN_KEYS | {"run", "adapter"}
    assert (document["steps"], document["persona"], document["method"], document["quantization"]) == (
        3, "Orin", "qlora", "nf4",
    )  # fmt: skip
    assert document["heldout_nll_adapter"] < document["heldout_nll_base"]
    listed = stocked("runs", "list", json=True).document
    assert [one["run"] for one in listed] == [document["run"]]


def test_runs_show_has_options_and_curve(trained: tuple[Call, dict[str, Any]]) -> None:
    call, document = trained
    shown = call("runs", "show", document["run"], json=True).document
    assert shown["options"]["max_steps"] == 3
    assert {point["kind"] for point in shown["points"]} == {"train", "heldout", "neutral", "copied"}


def test_lora_trains_on_a_16_bit_base(stocked: Call) -> None:
    ended = stocked("train", "Orin", "--method", "lora", "--set", "max_steps=2", json=True)
    assert (ended.document["method"], ended.document["quantization"]) == ("lora", "none")


def test_wrong_options_are_named_and_nothing_is_queued(stocked: Call) -> None:
    ended = stocked("train", "Orin", "--set", "rank=many", "--set", "speed=9")
    assert ended.code == 3
    assert "rank" in ended.err
    assert "speed" in ended.err
    assert stocked("runs", "list", json=True).document == []


def test_adapters_list_show_export(trained: tuple[Call, dict[str, Any]], tmp_path: Path) -> None:
    call, document = trained
    listed = call("adapters", "list", json=True).document
    assert [one["id"] for one in listed] == [document["adapter"]]
    shown = call("adapters", "show", listed[0]["name"], json=True).document
    assert (shown["run"]["id"], shown["persona"]) == (document["run"], "Orin")
    out = tmp_path / "out"
    exported = call("adapters", "export", document["adapter"], "--format", "peft", "--out", out, json=True)
    assert exported.code == 0, exported.err
    weights = (out / "adapter_model.safetensors").read_bytes()
    assert exported.document["sha256"]["adapter_model.safetensors"] == hashlib.sha256(weights).hexdigest()
    config = json.loads((out / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["peft_type"] == "LORA"


def test_export_never_fills_a_folder_that_holds_something(trained: tuple[Call, dict[str, Any]], tmp_path: Path) -> None:
    call, document = trained
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    ended = call("adapters", "export", document["adapter"], "--out", tmp_path)
    assert (ended.code, len(ended.err.splitlines())) == (3, 1)


def test_chat_streams_json_lines_with_the_result_last(trained: tuple[Call, dict[str, Any]]) -> None:
    call, document = trained
    half = f"{document['adapter']}:0.5"
    words = ("chat", "--with", "base", "--with", half, "--prompt", "Who are you?", "--seed", "3")
    ended = call(*words, json=True)
    *deltas, result = ended.lines
    assert result["seed"] == 3
    assert [one["strength"] for one in result["replies"]] == [1.0, 0.5]
    for column, reply in enumerate(result["replies"]):
        said = "".join(line["delta"] for line in deltas if line["column"] == column)
        assert said.strip() == reply["text"]
    assert call(*words, json=True).lines[-1]["replies"][0]["text"] == result["replies"][0]["text"]


def test_chat_without_names_asks_base_and_newest_adapters(trained: tuple[Call, dict[str, Any]]) -> None:
    call, _ = trained
    result = call("chat", "--prompt", "Who are you?", "--max-tokens", "4", json=True).lines[-1]
    assert [one["contestant"] for one in result["replies"]] == ["base", "Orin v1"]
    assert [one["tokens"] for one in result["replies"]] == [4, 4]


def test_chat_in_words_names_who_speaks(trained: tuple[Call, dict[str, Any]]) -> None:
    call, _ = trained
    ended = call("chat", "--with", "base", "--with", "Orin", "--prompt", "Who are you?")
    assert ended.out.index("[base]") < ended.out.index("[Orin v1]")


@pytest.mark.parametrize("strength", ["9", "-1", "nan"])
def test_a_strength_out_of_bounds_is_wrong_usage(trained: tuple[Call, dict[str, Any]], strength: str) -> None:
    call, document = trained
    assert call("chat", "--with", f"{document['adapter']}:{strength}", "--prompt", "hi").code == 2
