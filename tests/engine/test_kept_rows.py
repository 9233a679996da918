"""What is kept of rows: found by the same voice alone, as far as the tokens are the same, and never heard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat import kept_rows
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.kept_rows import KeptRows, VoiceKey, voice_key
from studio.engine.chat.speaking_base import speaking
from studio.engine.rack.adapter_files import write_adapter
from studio.protocol.commands import Gate, Message, Reply, Row, Sampling
from studio.protocol.events import RowFinished
from tests.engine.rig import Office, random_adapter

MIRA, TIK = VoiceKey(base=("b",), adapters=(("mira", 1.0),)), VoiceKey(base=("b",), adapters=(("tik", 1.0),))
GREEDY = Sampling(temperature=0.0, max_tokens=12)
TALK = ["Who keeps the lamp?", "The ferry leaves at dawn, friend. " * 3, "And who rows?"]


class Chat:
    """A chat with one engine; every question is the talk so far and one more line."""

    def __init__(self, office: Office, place: Path) -> None:
        self.office = office
        base = office.desk._base
        assert base is not None
        self.base = base
        self._place = place
        self._jobs = 0

    def adapter(self, name: str, seed: int) -> Gate:
        folder = random_adapter(self.base, self._place / name, rank=4, alpha=8.0, seed=seed)
        return Gate(adapter_id=name, path=str(folder), base_fingerprint=self.base.fingerprint)

    def learned(self, name: str, seed: int) -> Gate:
        torch.manual_seed(seed)
        tokens = {"prompt_embeddings": 0.5 * torch.randn(6, self.base.model.config.hidden_size)}
        write_adapter(self._place / name, tokens, {"peft_type": "PROMPT_TUNING"})
        return Gate(adapter_id=name, path=str(self._place / name), base_fingerprint=self.base.fingerprint)

    def ask(self, texts: Sequence[str], *gates: Gate, seed: int = 0) -> RowFinished:
        roles = ["user", "assistant"] * len(texts)
        messages = [Message(role=role, text=text) for role, text in zip(roles, texts, strict=False)]
        self._jobs += 1
        job = f"job{self._jobs}"
        self.office.do(Reply(job=job, rows=[Row(messages=messages, gates=list(gates), sampling=GREEDY, seed=seed)]))
        (found,) = [one for one in self.office.heard.of(RowFinished) if one.job == job]
        return found

    def forget(self) -> None:
        self.base.chat.kept._rows.clear()


@pytest.fixture
def chat(tiny_base: Path, tmp_path: Path) -> Chat:
    return Chat(Office(tiny_base), tmp_path)


def test_the_next_turn_reads_only_what_is_new(chat: Chat) -> None:
    gate = chat.adapter("a", 1)
    first = chat.ask(TALK[:1], gate)
    assert first.reused_tokens == 0
    second = chat.ask([TALK[0], first.text, "And who rows?"], gate)
    assert second.reused_tokens >= first.prompt_tokens
    assert second.reused_tokens < second.prompt_tokens
    chat.forget()
    again = chat.ask([TALK[0], first.text, "And who rows?"], gate)
    assert again.reused_tokens == 0
    assert again.text == second.text


def test_learned_tokens_are_kept_with_the_row_and_not_counted(chat: Chat) -> None:
    one, other = chat.learned("one", 1), chat.learned("other", 2)
    first = chat.ask(TALK, one)
    again = chat.ask(TALK, one)
    assert again.reused_tokens == again.prompt_tokens - 1
    assert again.text == first.text
    found = chat.ask(TALK, other)  # the same ids stand for other tokens: nothing of them may be found
    assert found.reused_tokens == 0
    chat.forget()
    alone = chat.ask(TALK, other)
    assert alone.text == found.text != first.text


def test_a_new_try_reads_one_token(chat: Chat) -> None:
    gate = chat.adapter("a", 1)
    first = chat.ask(TALK, gate)
    again = chat.ask(TALK, gate, seed=7)
    assert again.reused_tokens == again.prompt_tokens - 1
    assert again.text == first.text


def test_an_edit_is_read_from_where_it_begins(chat: Chat) -> None:
    gate = chat.adapter("a", 1)
    chat.ask(TALK, gate)
    edited = [TALK[0], TALK[1].replace("dawn", "dusk", 1), TALK[2]]
    before = chat.base.template.prompt_ids([Message(role="user", text=TALK[0])])
    found = chat.ask(edited, gate)
    assert len(before) <= found.reused_tokens < found.prompt_tokens - 30
    chat.forget()
    assert chat.ask(edited, gate).text == found.text


def _switched(chat: Chat) -> tuple[RowFinished, RowFinished]:
    """Another adapter answers in the middle of a chat: with what is kept, and with nothing."""
    one, other = chat.adapter("a", 1), chat.adapter("b", 2)
    chat.ask(TALK, one)
    found = chat.ask(TALK, other)
    chat.forget()
    return found, chat.ask(TALK, other)


def test_another_adapter_never_finds_it(chat: Chat) -> None:
    found, alone = _switched(chat)
    assert found.reused_tokens == 0
    assert found.text == alone.text


def test_a_key_without_the_adapter_would_be_heard(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the test above sees what it is there to see."""
    monkeypatch.setattr(kept_rows, "adapters_key", lambda gates: ())
    found, alone = _switched(chat)
    assert found.reused_tokens > 0
    assert found.text != alone.text


def test_the_key_holds_content_and_strength(chat: Chat) -> None:
    gate = chat.adapter("a", 1)
    other = msgspec.structs.replace(gate, strength=0.5)
    named = msgspec.structs.replace(gate, content="f" * 64)
    keys = {voice_key([one], chat.base) for one in (gate, other, named)} | {voice_key([], chat.base)}
    assert len(keys) == 4
    assert voice_key([msgspec.structs.replace(gate, strength=0.0)], chat.base) == voice_key([], chat.base)
    assert voice_key([gate, named], chat.base) == voice_key([named, gate], chat.base)


def test_rewritten_weights_are_another_voice(chat: Chat) -> None:
    """An adapter without a known hash is known by its file."""
    gate = chat.adapter("a", 1)
    chat.ask(TALK, gate)
    before = voice_key([gate], chat.base)
    chat.adapter("a", 2)
    assert voice_key([gate], chat.base) != before
    assert chat.ask(TALK, gate).reused_tokens == 0


def test_a_run_in_training_is_not_kept(chat: Chat) -> None:
    run = Gate(adapter_id="run", path="", base_fingerprint=chat.base.fingerprint)
    assert not voice_key([run], chat.base).lasting
    kept = KeptRows(lambda: 2**30)
    kept.keep(voice_key([run], chat.base), [1, 2, 3], 8, lambda: torch.zeros(2))
    assert len(kept) == 0


def test_a_broken_off_reply_is_kept(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base: LoadedBase = tiny()
    ids = base.tokenizer.encode(TALK[1])
    batch = DecodingBatch(base, [ids], [GREEDY], [0], [MIRA])
    batch.advance()
    batch.leave(batch.alive)
    again = DecodingBatch(base, [ids], [GREEDY], [0], [MIRA])
    again.advance()
    assert (again.reused, again.read_tokens) == ([len(ids) - 1], 1)


def test_the_oldest_go_when_memory_ends() -> None:
    kept = KeptRows(lambda: 4000 - kept.size)
    for number in range(3):
        kept.keep(MIRA, [number, 1, 2], 400, lambda: torch.zeros(100))
    assert kept.find(MIRA, [1, 1, 2, 3])[0] == 3  # used last from now on
    kept.keep(MIRA, [3, 1, 2], 400, lambda: torch.zeros(100))
    assert [kept.find(MIRA, [number, 1, 2])[0] for number in range(4)] == [0, 3, 0, 3]
    kept.keep(TIK, [5], 1200, lambda: pytest.fail("there is no room for it"))
    assert kept.size <= 1000


def test_a_longer_row_takes_the_place_of_its_beginning() -> None:
    kept = KeptRows(lambda: 2**30)
    kept.keep(MIRA, [1, 2], 8, lambda: torch.zeros(2))
    kept.keep(TIK, [1, 2], 8, lambda: torch.zeros(2))
    kept.keep(MIRA, [1, 2, 3], 12, lambda: torch.zeros(3))
    kept.keep(MIRA, [1, 9], 8, lambda: torch.zeros(2))
    assert len(kept) == 3
    assert kept.find(MIRA, [1, 2, 3, 4])[0] == 3
    assert kept.find(VoiceKey(base=("other",), adapters=MIRA.adapters), [1, 2, 3]) == (0, None)
    assert kept.find(None, [1, 2, 3]) == (0, None)


def test_kept_rows_go_with_the_base(chat: Chat) -> None:
    chat.ask(TALK)
    assert len(speaking(chat.base).kept) == 1
    chat.office.desk._drop_base()
    assert chat.base.chat is None
