"""The fake engine says about replies what the protocol promises, so that what is built on it holds on the real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.protocol import commands, events
from tests.fake_engine_chat import bake, prove_effect, reply
from tests.fake_engine_work import FakeFailure, write_adapter


def _talk(turns: int) -> list[commands.Message]:
    said = [commands.Message(role="system", text="Be brief.")]
    for number in range(turns):
        said.append(commands.Message(role="user", text=f"Question {number}? " * 4))
        said.append(commands.Message(role="assistant", text=f"Answer {number}. " * 4))
    return [*said, commands.Message(role="user", text="And now?")]


def _said(*rows: commands.Row) -> list[tuple[str, events.RowFinished]]:
    heard = list(reply(commands.Reply(job="r", rows=list(rows)), lambda: False, lambda units: None))
    assert isinstance(heard[-1], events.JobDone)
    streamed = {number: "" for number in range(len(rows))}
    for event in heard:
        if isinstance(event, events.ReplyAdvanced):
            streamed = {row: text + event.pieces.get(row, "") for row, text in streamed.items()}
    return [(streamed[one.row], one) for one in heard if isinstance(one, events.RowFinished)]


def _hear(work: Iterator[events.AnyEvent], told: list[events.AnyEvent]) -> None:
    for event in work:
        told.append(event)


def test_a_reply_goes_on_with_its_beginning() -> None:
    ((plain, _), (going_on, end)) = sorted(
        _said(commands.Row(messages=_talk(0)), commands.Row(messages=_talk(0), continues="Once")),
        key=lambda pair: pair[1].row,
    )
    assert not plain[0].isspace()
    assert going_on[0] == " "
    assert end.text == going_on.rstrip()


def test_a_stop_word_ends_a_row_before_it() -> None:
    ((whole, _),) = _said(commands.Row(messages=_talk(0)))
    word = whole.split()[4]
    ((text, end),) = _said(commands.Row(messages=_talk(0), sampling=commands.Sampling(stop=["", word])))
    assert (end.reason, word in text) == ("stop", False)
    assert whole.startswith(text)


def test_the_user_may_be_written_for() -> None:
    ((assistant, _),) = _said(commands.Row(messages=_talk(1)))
    ((user, _),) = _said(commands.Row(messages=_talk(1), write_as="user"))
    assert user != assistant


def test_what_no_longer_fits_leaves_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    ((_, roomy),) = _said(commands.Row(messages=_talk(9)))
    assert roomy.left_out == 0
    assert roomy.reused_tokens > 0
    monkeypatch.setenv("FAKE_ENGINE_CONTEXT", "400")
    ((_, tight),) = _said(commands.Row(messages=_talk(9)))
    assert tight.left_out > 0
    assert tight.left_out % 2 == 0
    assert tight.prompt_tokens < roomy.prompt_tokens
    monkeypatch.setenv("FAKE_ENGINE_CONTEXT", "200")
    with pytest.raises(FakeFailure) as refused:
        _said(commands.Row(messages=_talk(9), pinned=19))
    assert refused.value.code == "prompt_too_long"


def test_rows_end_one_by_one_and_may_be_cut_off() -> None:
    limits = [commands.Row(messages=_talk(0), sampling=commands.Sampling(max_tokens=limit)) for limit in (3, 9)]
    ends = _said(*limits)
    assert [(end.row, end.tokens, end.reason) for _, end in ends] == [(0, 3, "length"), (1, 9, "length")]
    told: list[events.AnyEvent] = []
    work = reply(commands.Reply(job="r", rows=limits), lambda: len(told) >= 2, lambda units: None)
    with pytest.raises(FakeFailure, match="cancelled"):
        _hear(work, told)
    assert {event.reason for event in told if isinstance(event, events.RowFinished)} == {"cancelled"}


def test_effects_and_baking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gates = []
    for name, rank in (("a", 4), ("b", 8)):
        write_adapter(tmp_path / name, rank, 8.0)
        gates.append(commands.Gate(adapter_id=name, path=str(tmp_path / name), base_fingerprint="x"))
    monkeypatch.setenv("FAKE_ENGINE_NO_EFFECT", "b")
    proved = list(prove_effect(commands.ProveEffect(job="p", gates=gates)))[-1]
    assert isinstance(proved, events.EffectProved)
    assert [one.nothing for one in proved.effects] == [False, True]
    for rank, expected in ((0, 12), (5, 5), (40, 12)):
        command = commands.BakeAdapter(job="b", gates=gates, target=str(tmp_path / f"c{rank}"), rank=rank)
        baked = list(bake(command, lambda units: None))[-1]
        assert isinstance(baked, events.AdapterBaked)
        assert (baked.rank, baked.lost > 0) == (expected, expected < 12)
