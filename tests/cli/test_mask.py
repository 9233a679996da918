"""``data mask``: the words of a run, as lines and as JSON."""

from studio.cli.mask import mask as command
from studio.cli.root import root
from tests.cli.conftest import Call


def test_it_stands_under_data() -> None:
    assert root.commands["data"].commands["mask"] is command  # type: ignore[attr-defined]


def test_the_tokens_of_a_personas_conversation(stocked: Call) -> None:
    ended = stocked("data", "mask", "Orin", json=True)
    assert ended.code == 0, ended.err
    shown = ended.document
    assert shown["windows"] == 1 and shown["refused"] is False and shown["problems"] == []
    learned = "".join(token["text"] for token in shown["tokens"] if token["kind"] == "trained")
    assert learned == "Answer 0, says Orin, and mind the step.<|im_end|>"
    assert shown["counts"]["trained"] == sum(token["kind"] == "trained" for token in shown["tokens"])
    by_id = stocked("data", "mask", shown["conversation"], json=True)
    assert by_id.document == shown


def test_the_lines_for_people(stocked: Call) -> None:
    ended = stocked("data", "mask", "Orin", "--number", "3")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert "tiny-base" in lines[0]
    assert "    learned: Answer 2, says Orin, and mind the step.<|im_end|>" in lines
    assert "    read: Question 2, what of it?" in lines
    assert "  2. ORIN" in lines and "  Template" in lines
    assert "⏎" in ended.out


def test_base_and_window_can_be_named(stocked: Call) -> None:
    shown = stocked("data", "mask", "Orin", "--max-length", "4096", "--base", "tiny-base", json=True).document
    assert shown["max_length"] == 4096 and shown["base"] == "tiny-base"


def test_what_is_not_there_is_said(stocked: Call) -> None:
    assert stocked("data", "mask", "Nobody").code != 0
    ended = stocked("data", "mask", "Orin", "--number", "900")
    assert ended.code != 0 and "900" in ended.err
    assert stocked("data", "mask", "Orin", "--base", "none").code != 0


def test_the_terminal_gets_colours(stocked: Call, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("studio.cli.output.Output.terminal", True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    ended = stocked("data", "mask", "Orin")
    assert ended.code == 0, ended.err
    assert "\x1b[" in ended.out and "Answer 0, says Orin" in ended.out
