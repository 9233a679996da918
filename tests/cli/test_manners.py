"""Exit codes, short errors, JSON and nothing else on stdout, help for everything, and no heavy packages."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from studio.cli.exit_codes import MEANINGS, ExitCode, exit_code_of
from studio.cli.loop import AppLoop
from studio.cli.root import root
from studio.domain.errors import StudioError
from studio.library.library import Library
from studio.texts import SENTENCES
from tests.cli.conftest import Call

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def every_command(group: click.Group = root, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*words, name))


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_command_has_help(call: Call, words: tuple[str, ...]) -> None:
    ended = call(*words, "--help")
    assert ended.code == 0
    assert len(ended.out.splitlines()) > 4


def test_the_commands_of_the_issue_are_there() -> None:
    promised = (
        "models starter|models add|models list|models remove|import|personas list|personas show|data show|data check|"
        "train|"
        "runs list|runs show|runs pause|runs resume|runs stop|adapters list|adapters show|adapters export|chat|demo"
    )
    assert set(promised.split("|")) <= {" ".join(words) for words in every_command()}


def commands_in(text: str) -> list[str]:
    """The command words after ``persona-studio`` in code, also those in the middle of a line."""
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    call = re.compile(
        r"persona-studio(?:\.exe)?((?:[ ]--library[ ]\S+|[ ]--json)*)[ ]([a-z][a-z-]*)(?:[ ]([a-z][a-z-]*))?"
    )
    return [" ".join(filter(None, match.groups()[1:])) for part in code for match in call.finditer(part)]


def test_the_readme_names_only_commands_that_exist() -> None:
    known = {" ".join(words) for words in every_command()}
    groups = {name for name, command in root.commands.items() if isinstance(command, click.Group)}
    named = commands_in(README.read_text(encoding="utf-8"))
    assert "demo" in named
    for words in named:
        first = words.split()[0]
        assert (words if first in groups else first) in known, words


def test_help_has_the_table_of_exit_codes(call: Call) -> None:
    shown = call("--help").out
    for code, meaning in MEANINGS.items():
        assert re.search(rf"^\s+{int(code)}  {re.escape(meaning)}", shown, re.MULTILINE)
    assert set(MEANINGS) == set(ExitCode)


def test_version(call: Call) -> None:
    assert re.search(r"persona-studio.* \d+\.\d+\.\d+", call("--version").out)


@pytest.mark.parametrize("words", [("nonsense",), ("train",), ("chat",), ("import",), ("models", "add", "--wat", "x")])
def test_wrong_usage_is_2(call: Call, words: tuple[str, ...]) -> None:
    assert call(*words).code == 2
    ended = call(*words, json=True)
    assert (ended.code, ended.document["error"]["code"]) == (2, "usage")


def test_every_engine_trouble_has_the_engines_code() -> None:
    codes = {code for code in SENTENCES if code.startswith("engine_")}
    assert {exit_code_of(StudioError(code)) for code in codes} == {ExitCode.ENGINE}
    assert exit_code_of(StudioError("not_found")) is ExitCode.TROUBLE


def test_a_library_that_is_not_there_is_not_made_by_reading(call: Call, tmp_path: Path) -> None:
    ended = call("personas", "list", json=True)
    assert (ended.code, ended.document["error"]["code"]) == (3, "library_missing")
    assert not (tmp_path / "library").exists()


def test_reading_goes_beside_an_open_window_and_writing_is_refused(stocked: Call, tmp_path: Path, script: Path) -> None:
    with Library.open(tmp_path / "library"):
        assert stocked("personas", "list", json=True).code == 0
        assert stocked("data", "show", "Orin", json=True).code == 0
        assert stocked("chat", "--with", "base", "--prompt", "hi", json=True).code == 0
        ended = stocked("import", script, "--persona", "Orin", "--speaker", "ORIN", json=True)
    assert (ended.code, ended.document["error"]["code"]) == (4, "library_in_use")


def test_a_wish_reaches_the_program_that_has_the_library(trained: tuple[Call, dict[str, Any]], tmp_path: Path) -> None:
    call, made = trained
    with Library.open(tmp_path / "library"):
        ended = call("runs", "pause", made["run"], json=True)
    assert (ended.code, ended.document["asked"]) == (0, True)
    assert [path.name for path in (tmp_path / "library" / "control").iterdir()] == [f"{made['run']}.pause"]


def test_a_finished_run_cannot_be_paused(trained: tuple[Call, dict[str, Any]]) -> None:
    call, made = trained
    ended = call("runs", "pause", made["run"], json=True)
    assert (ended.code, ended.document["error"]["code"]) == (3, "run_not_active")


def test_a_dead_engine_is_5_after_it_was_started_again(stocked: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_DIE_AFTER", "reply")
    monkeypatch.setenv("FAKE_ENGINE_DIE_UNITS", "1")
    ended = stocked("chat", "--with", "base", "--prompt", "hi")
    assert ended.code == 5
    assert "engine stopped" in ended.err


def test_an_engine_that_does_not_start_is_5(stocked: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_STUDIO_ENGINE_COMMAND", json.dumps([sys.executable, "-c", "raise SystemExit(7)"]))
    assert stocked("chat", "--with", "base", "--prompt", "hi").code == 5


def test_a_failed_run_tells_its_trouble(stocked: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", 'train:loss_not_finite:{"value": "nan", "step": 3}')
    ended = stocked("train", "Orin", json=True)
    assert (ended.code, ended.document["error"]["code"]) == (3, "loss_not_finite")
    assert "step 3" in ended.document["error"]["message"]


def test_a_bug_is_1_and_its_trace_is_in_the_log(stocked: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.services.personas.Personas.list", lambda self, search="": 1 / 0)
    ended = stocked("personas", "list", json=True)
    assert (ended.code, ended.document["error"]["code"]) == (1, "bug")
    assert len(ended.err.splitlines()) <= 2
    assert "ZeroDivisionError" in (tmp_path / "library" / "logs" / "app.log").read_text(encoding="utf-8")


BROKEN: dict[str, bytes] = {
    "cut.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
    "cut.jsonl": b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "con',
    "unknown.bin": bytes(range(256)) * 8,
    "empty.json": b"",
    "silent.txt": b"Nobody speaks in this text.\nNot at all.\n",
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_file_is_one_sentence_that_names_it(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])
    ended = call("import", tmp_path / name, json=True)
    assert ended.code == 3
    assert name in ended.document["error"]["message"]
    told = [line for line in ended.err.splitlines() if not line.startswith("reading")]
    assert len(told) <= 2
    assert not (tmp_path / "library").exists()


def test_one_broken_file_does_not_keep_the_others_out(call: Call, script: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.jsonl").write_bytes(BROKEN["cut.jsonl"])
    ended = call("import", script, tmp_path / "cut.jsonl", "--persona", "Orin", "--speaker", "ORIN", json=True)
    assert (ended.code, ended.document["conversations"]) == (3, 40)
    assert [Path(one["path"]).name for one in ended.document["problems"]] == ["cut.jsonl"]


def test_a_pickled_base_is_refused(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    ended = call("models", "add", folder, json=True)
    assert (ended.code, ended.document["error"]["code"]) == (3, "base_pickled")


def test_a_second_interrupt_leaves_at_once() -> None:
    loop, asked = AppLoop(), []
    loop.deliver(lambda: signal.raise_signal(signal.SIGINT))
    loop.deliver(lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        loop.run_until(lambda: False, on_interrupt=lambda: asked.append(1))
    assert loop.interrupted


@pytest.mark.parametrize(
    "words",
    [
        ["--help"], ["import", "--help"], ["train", "--help"], ["--json", "personas", "list"],
        ["--json", "models", "list"], ["--json", "data", "show", "Orin"], ["--json", "data", "check", "Orin"],
        ["--json", "runs", "list"], ["--json", "adapters", "list"], ["--json", "chat", "--prompt", "hi"],
        ["--json", "train", "Orin"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_torch_and_no_window_in_the_process(stocked: Call, tmp_path: Path, words: list[str]) -> None:
    program = (
        "import sys; from studio.cli.main import run_command_line; code = run_command_line(sys.argv[1:]);"
        "heavy = {'torch', 'transformers', 'peft', 'PySide6', 'datasets'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr); sys.exit(9 if heavy else code)"
    )
    given = [sys.executable, "-c", program, "--library", str(tmp_path / "library"), *words]
    done = subprocess.run(given, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    if "--json" in words:
        for line in done.stdout.splitlines():
            json.loads(line)


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe that was closed shows up differently there")
def test_a_reader_that_leaves_early_is_no_error(stocked: Call, tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m studio --library '{tmp_path / 'library'}' --json chat --prompt hi | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", cwd=ROOT, timeout=120)
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
