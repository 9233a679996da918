"""What a row may ask of its reply: to stop at a word, to go on with a text, to be the user's; alone or in company."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat import replies
from studio.engine.chat.openings import opening_of
from studio.engine.chat.sampling import Drawer
from studio.engine.chat.text_stream import TextStream
from studio.engine.text.chat_template import ChatTemplate
from studio.protocol.commands import Cancel, Gate, Message, Reply, Row, Sampling
from studio.protocol.events import ReplyAdvanced, RowFinished
from tests.bases import tiny_tokenizer
from tests.engine.rig import Office, random_adapter
from tests.engine.test_chat_encoding import FAMILIES

ASKED = [Message(role="system", text="You are Oswin."), Message(role="user", text="Who goes there?")]
ANSWERED = [*ASKED, Message(role="assistant", text="Only the ferryman, friend.")]


@pytest.fixture
def office(tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(replies, "FLUSH_SECONDS", 0.0)
    return Office(tiny_base)


def _base(office: Office) -> LoadedBase:
    assert office.desk._base is not None
    return office.desk._base


def _row(messages: Sequence[Message] = ASKED, gates: Sequence[Gate] = (), seed: int = 0, **more: Any) -> Row:
    own = {name: more.pop(name) for name in ("write_as", "continues", "pinned") if name in more}
    sampling = Sampling(**{"temperature": 0.0, "max_tokens": 24} | more)
    return Row(messages=list(messages), gates=list(gates), seed=seed, sampling=sampling, **own)


def _ends(office: Office, job: str, *rows: Row) -> dict[int, RowFinished]:
    office.do(Reply(job=job, rows=list(rows)))
    return {one.row: one for one in office.heard.of(RowFinished) if one.job == job}


def _streamed(office: Office, job: str, row: int = 0) -> str:
    return "".join(one.pieces.get(row, "") for one in office.heard.of(ReplyAdvanced) if one.job == job)


def _speak(monkeypatch: pytest.MonkeyPatch, office: Office, text: str) -> None:
    """The base says these very words, token by token, and ends its turn."""
    tokens = _base(office).tokenizer.encode(text, add_special_tokens=False)
    script = iter([*tokens, next(iter(_base(office).template.stop_ids))])
    monkeypatch.setattr(Drawer, "draw", lambda self, logits: torch.tensor([next(script)]))


@pytest.mark.parametrize(
    ("said", "stop", "shown", "reason"),
    [
        ("Well then.\nUser: who?", ["\nUser:"], "Well then.", "stop"),
        ("Well then.\nUsually it rains.", ["\nUser:"], "Well then.\nUsually it rains.", "end"),
        ("Well then.\nUse", ["\nUser:", "#"], "Well then.\nUse", "end"),
        ("One # two ## three", ["##"], "One # two", "stop"),
        ("näher 🜂 her", ["🜂"], "näher", "stop"),
        ("näher 🜂 her", [""], "näher 🜂 her", "end"),
    ],
)
def test_stop_words_are_never_shown(
    office: Office, monkeypatch: pytest.MonkeyPatch, said: str, stop: list[str], shown: str, reason: str
) -> None:
    _speak(monkeypatch, office, said)
    end = _ends(office, "reply", _row(stop=stop, max_tokens=90))[0]
    assert (end.text, end.reason) == (shown, reason)
    assert _streamed(office, "reply").rstrip() == shown


def test_a_stop_word_may_come_with_the_last_token(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = len(_base(office).tokenizer.encode("The lamp#", add_special_tokens=False))
    for limit, reason, text in ((tokens, "stop", "The lamp"), (tokens - 1, "length", "The lamp")):
        _speak(monkeypatch, office, "The lamp# burns")
        end = _ends(office, f"r{limit}", _row(stop=["#"], max_tokens=limit))[0]
        assert (end.reason, end.text, end.tokens) == (reason, text, limit)


def test_what_was_held_back_is_told_when_a_reply_is_cancelled(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    _speak(monkeypatch, office, "Well.\nUser and so on")
    said: list[int] = []
    draw = Drawer.draw

    def note(self: Drawer, logits: torch.Tensor) -> torch.Tensor:
        drawn = draw(self, logits)
        said.extend(drawn.tolist())
        return drawn

    def cancel(unit: int) -> None:
        if "\nU" in _base(office).tokenizer.decode(said):
            office.desk.take(Cancel(job="reply"))

    monkeypatch.setattr(Drawer, "draw", note)
    office.do(Reply(job="reply", rows=[_row(stop=["\nUser:"], max_tokens=90)]), between=cancel)
    (end,) = office.heard.of(RowFinished)
    assert (end.text, end.reason) == (_base(office).tokenizer.decode(said), "cancelled")
    assert _streamed(office, "reply") == end.text
    assert "\nU" in end.text


def _speak_in_digits(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """Only digits are drawn, the likeliest first: each is a token, whatever stands beside it."""
    digits = torch.tensor(_base(office).tokenizer.convert_tokens_to_ids(list("0123456789")))
    monkeypatch.setattr(Drawer, "draw", lambda self, logits: digits[logits[:, digits].argmax(-1)])


def test_a_reply_goes_on_as_it_would_have(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What follows the first half is the second half; alone, and beside rows that go on with another text or none."""
    _speak_in_digits(monkeypatch, office)
    folder = random_adapter(_base(office), tmp_path / "a", rank=4, alpha=8, seed=5)
    gates = [Gate(adapter_id="a", path=str(folder), base_fingerprint=office.loaded.fingerprint)]
    (whole,) = _ends(office, "whole", _row(gates=gates, max_tokens=40)).values()
    assert len(set(whole.text)) > 2
    half = whole.text[:17]
    going_on = _row(gates=gates, max_tokens=23, continues=half)
    others = [_row(), _row(continues="The lamp"), going_on]
    for job, rows in (("alone", [going_on]), ("together", others)):
        end = _ends(office, job, *rows)[len(rows) - 1]
        assert half + end.text == whole.text
        assert end.prompt_tokens == whole.prompt_tokens + 17
        assert _streamed(office, job, len(rows) - 1) == end.text


def test_a_text_that_ends_with_a_blank_is_gone_on_with_without_a_second_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("I am", "I am "):
        opening = opening_of(_row(continues=text), _base(office))
        assert _base(office).tokenizer.decode(opening.ids).endswith("assistant\nI am")
        _speak(monkeypatch, office, " the ferryman.")
        end = _ends(office, text, _row(continues=text))[0]
        assert text + end.text == "I am the ferryman."
        assert text + _streamed(office, text) == "I am the ferryman."


def test_the_first_word_of_what_goes_on_keeps_its_blank() -> None:
    """Tokenizers of SentencePiece's kind write the first word of a text without the blank before it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {"▁I": 0, "▁am": 1, "▁here": 2, "<unk>": 3}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    inner.decoder = decoders.Metaspace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner)
    for before, expected in (([], "here"), ([0, 1], " here")):
        stream = TextStream(tokenizer, before)
        assert (stream.add(2), stream.finish(), stream.rest()) == (expected, expected, "")


def test_a_greeting_can_be_gone_on_with_before_anybody_asked(office: Office) -> None:
    assert _ends(office, "greeting", _row(ASKED[:1], continues="Ahoy")).keys() == {0}
    office.do(Reply(job="empty", rows=[_row(ASKED[:1], continues="  ")]))
    assert office.failure("empty").code == "prompt_empty"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("said", [ANSWERED, ANSWERED[1:], ASKED[:1], []], ids=["talk", "no system", "empty", "nothing"])
def test_the_users_turn_begins_where_the_template_puts_his_words(
    office: Office, family: str, said: list[Message]
) -> None:
    """The prompt is what stands before the user's words in a prompt that has them, and their end ends the reply."""
    template, end = FAMILIES[family]
    base = _base(office)
    base.tokenizer = tiny_tokenizer(template, end)
    base.template = ChatTemplate(base.tokenizer)
    opening = opening_of(_row(said, write_as="user"), base)
    words = base.tokenizer.encode("And the lamp?", add_special_tokens=False)
    theirs = base.template.prompt_ids([*said, Message(role="user", text="And the lamp?")])
    size = len(opening.ids)
    assert theirs[:size] == opening.ids
    assert theirs[size : size + len(words)] == words
    assert theirs[size + len(words)] in opening.stop_ids
    going_on = opening_of(_row(said, write_as="user", continues="And the"), base)
    assert theirs[: len(going_on.ids)] == going_on.ids
    assert len(going_on.ids) > size


def test_a_template_whose_turns_end_without_a_mark(office: Office) -> None:
    base = _base(office)
    base.tokenizer.chat_template = (
        "{% for m in messages %}{{ 'USER: ' if m.role == 'user' else 'BOT: ' }}{{ m.content }}\n###\n{% endfor %}"
        "{% if add_generation_prompt %}BOT:{% endif %}"
    )
    base.template = ChatTemplate(base.tokenizer)
    opening = opening_of(_row(ANSWERED[1:], write_as="user"), base)
    assert base.tokenizer.decode(opening.ids).endswith("\nUSER:")
    assert opening.stop_texts == ("###",)


def test_a_template_that_ends_the_users_words_with_a_mark_of_its_own(office: Office) -> None:
    """As Mistral's does: no end of turn, but the mark after which the reply begins."""
    base = _base(office)
    base.tokenizer.add_special_tokens({"additional_special_tokens": ["[INST]", "[/INST]"]})
    base.tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + '[/INST]' }}"
        "{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}"
    )
    base.template = ChatTemplate(base.tokenizer)
    opening = opening_of(_row(ANSWERED[1:], write_as="user"), base)
    assert base.tokenizer.decode(opening.ids).endswith("[INST]")
    assert base.tokenizer.convert_tokens_to_ids("[/INST]") in opening.stop_ids


def test_every_manner_alone_is_as_in_company(office: Office, tmp_path: Path) -> None:
    """Eight rows that ask for different things, with adapters: each says what it says alone, greedily or by chance."""
    base = _base(office)
    gates = [
        Gate(
            adapter_id=f"a{number}",
            path=str(random_adapter(base, tmp_path / f"a{number}", rank=4, alpha=8, seed=number)),
            base_fingerprint=office.loaded.fingerprint,
        )
        for number in range(3)
    ]
    by_chance: dict[str, Any] = {"temperature": 0.9, "min_p": 0.0, "repetition_penalty": 1.0}
    rows = [
        _row(),
        _row(gates=gates[:1], dry_multiplier=1.5, max_tokens=40),
        _row(ANSWERED, gates=gates[1:2], write_as="user"),
        _row(gates=gates[:2], continues="The ferry", seed=3, **by_chance),
        _row(gates=gates[2:], seed=4, dry_multiplier=0.8, dry_allowed_length=1, **by_chance),
        _row(ANSWERED, write_as="user", continues="Tell me", seed=5, **by_chance),
        _row([*ASKED[:1], *ANSWERED[1:] * 12, ASKED[1]], gates=gates[:1], seed=6),
        _row(seed=7, max_tokens=3, **by_chance),
    ]
    alone = [_ends(office, f"alone{number}", row)[0] for number, row in enumerate(rows)]
    stop = alone[4].text[5:7]
    rows.append(_row(gates=gates[2:], seed=4, stop=[stop], dry_multiplier=0.8, dry_allowed_length=1, **by_chance))
    alone.append(_ends(office, "alone8", rows[8])[0])
    assert alone[8].reason == "stop"
    assert alone[4].text.startswith(alone[8].text)
    for job, numbers in (("first", range(8)), ("others", (8, 6, 5, 4, 2, 1))):
        found = _ends(office, job, *(rows[number] for number in numbers))
        for row, number in enumerate(numbers):
            told = (found[row].text, found[row].tokens, found[row].reason, found[row].left_out)
            one = alone[number]
            assert told == (one.text, one.tokens, one.reason, one.left_out), number
    assert len({one.text for one in alone}) == 9
    assert alone[6].left_out > 0
    assert all(0 < one.first_token_seconds <= one.seconds for one in alone)
