"""Greedy replies of mixed batches against their oracle: PEFT and ``generate``, one voice and one prompt at a time."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.openings import opening_of
from studio.protocol.commands import Gate, Message, Reply, Row, Sampling
from studio.protocol.events import RowFinished
from tests.engine.rig import Office, loaded, random_adapter

PROMPTS, TOKENS = 200, 6
ADAPTERS: dict[str, dict[str, Any]] = {
    "a": {"rank": 2, "alpha": 4.0, "seed": 1},
    "b": {"rank": 8, "alpha": 12.0, "seed": 2},
    "c": {"rank": 5, "alpha": 5.0, "seed": 3, "layers": ("q_proj", "v_proj")},
}
VOICES = ("", *ADAPTERS)
TIE = 1e-4
"""Logits nearer to each other than this are the same number, summed in another order."""
WORDS = "ferry lamp river does not wait for anyone who burns low friend dawn tell me about a bell"


class _Oracle:
    """PEFT on a base of its own."""

    def __init__(self, base: LoadedBase, folders: dict[str, Path]) -> None:
        (first, place), *rest = folders.items()
        self._base = base
        self._model: Any = PeftModel.from_pretrained(base.model, place, adapter_name=first)
        for name, folder in rest:
            self._model.load_adapter(folder, adapter_name=name)

    @contextmanager
    def _as(self, voice: str) -> Iterator[Any]:
        if not voice:
            with self._model.disable_adapter():
                yield self._model
            return
        self._model.set_adapter(voice)
        yield self._model

    def said(self, voice: str, ids: Sequence[int]) -> list[int]:
        stops = sorted(self._base.template.stop_ids)
        with self._as(voice) as model, torch.no_grad():
            whole = model.generate(
                input_ids=torch.tensor([ids]), do_sample=False, max_new_tokens=TOKENS, eos_token_id=stops,
                attention_mask=torch.ones(1, len(ids), dtype=torch.long), repetition_penalty=1.0,
            )  # fmt: skip
        new = whole[0, len(ids) :].tolist()
        return new[:-1] if new and new[-1] in stops else new

    def gap(self, voice: str, ids: Sequence[int], one: int, other: int) -> float:
        """How far apart two next tokens are."""
        with self._as(voice) as model, torch.no_grad():
            logits = model(input_ids=torch.tensor([ids])).logits[0, -1].float()
        return float((logits[one] - logits[other]).abs())


def _prompts() -> list[str]:
    chance = random.Random(7)
    return [" ".join(chance.choices(WORDS.split(), k=chance.randrange(1, 18))) + "?" for _ in range(PROMPTS)]


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> dict[int, list[int]]:
    """The tokens of each row of the batch that spoke last."""
    from studio.engine.chat.speaking import Speaker

    found: dict[int, list[int]] = {}
    take = Speaker.take

    def note(self: Speaker, token: int) -> str:
        found.setdefault(self.row, []).append(token)
        return take(self, token)

    monkeypatch.setattr(Speaker, "take", note)
    return found


def _rows(office: Office, folders: dict[str, Path], prompt: str) -> list[Row]:
    sampling = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=TOKENS)
    rows = []
    for voice in VOICES:
        path, fingerprint = str(folders.get(voice, "")), office.loaded.fingerprint
        gates = [Gate(adapter_id=voice, path=path, base_fingerprint=fingerprint)] if voice else []
        rows.append(Row(messages=[Message(role="user", text=prompt)], gates=gates, sampling=sampling))
    return rows


def test_two_hundred_prompts(tiny_base: Path, tmp_path: Path, spoken: dict[int, list[int]]) -> None:
    """Four voices answer each prompt at once; one of them, another each time, is compared."""
    office = Office(tiny_base)
    base = office.desk._base
    assert base is not None
    folders = {name: random_adapter(base, tmp_path / name, **how) for name, how in ADAPTERS.items()}
    oracle = _Oracle(loaded(tiny_base), folders)
    replies = set()
    ties = 0
    for number, prompt in enumerate(_prompts()):
        place = number % len(VOICES)
        rows = _rows(office, folders, prompt)
        spoken.clear()
        office.do(Reply(job=f"r{number}", rows=rows))
        ids = opening_of(rows[place], base).ids
        ties += _compare(oracle, base, VOICES[place], ids, spoken[place])
        replies.add(tuple(spoken[place]))
    assert len(office.heard.of(RowFinished)) == PROMPTS * len(VOICES)
    assert len(replies) > PROMPTS // 2
    assert ties <= PROMPTS // 50


def _compare(oracle: _Oracle, base: LoadedBase, voice: str, ids: list[int], spoken: list[int]) -> bool:
    """True where they part at a tie; any other difference is wrong."""
    ours = [token for token in spoken if token not in base.template.stop_ids]
    theirs = oracle.said(voice, ids)
    if ours == theirs:
        return False
    stop = base.tokenizer.eos_token_id
    pairs = enumerate(zip([*ours, stop], [*theirs, stop], strict=False))
    at, one, other = next((at, one, other) for at, (one, other) in pairs if one != other)
    assert oracle.gap(voice, [*ids, *theirs[:at]], one, other) < TIE
    return True


def test_another_voice_would_be_found(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    """The negative control: replies of the four voices differ, and by no tie."""
    base = tiny()
    folders = {name: random_adapter(base, tmp_path / name, **how) for name, how in ADAPTERS.items()}
    oracle = _Oracle(base, folders)
    ids = base.template.prompt_ids([Message(role="user", text="Who goes there?")])
    said = {voice: oracle.said(voice, ids) for voice in VOICES}
    for voice in VOICES[1:]:
        with pytest.raises(AssertionError):
            _compare(oracle, base, "", ids, said[voice])
