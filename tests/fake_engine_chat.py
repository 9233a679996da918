"""The fake engine's replies, proofs and baking: everything that the protocol says about them, with made-up words.

Hooks beside those of ``tests/fake_engine.py``:

``FAKE_ENGINE_CONTEXT``       tokens that the base reads (8192); a token is about four letters here
``FAKE_ENGINE_NO_EFFECT``     ids of adapters, with commas between, that change nothing
``FAKE_ENGINE_WORDS``         replies have at least so many words (paragraphs of the same)
"""

import hashlib
import json
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.protocol import commands, events
from tests.fake_engine_work import FakeFailure, reply_words, write_adapter

Say = Iterator[events.AnyEvent]


class FakeSpeaker:
    """One row: its pieces, cut off where a stop word or the limit says so."""

    def __init__(self, number: int, row: commands.Row) -> None:
        self.number = number
        self.left_out, self.prompt_tokens, self.reused = _fitted(row)
        said, stopped = _before_stop("".join(_words(row)), row.sampling.stop)
        pieces = _pieces(said)
        self.pieces = pieces[: row.sampling.max_tokens]
        self._ends = "stop" if stopped else "end"
        self._whole = len(pieces)

    def finished(self, job: str, tokens: int, seconds: float) -> events.RowFinished:
        """The row's end after so many pieces."""
        text = "".join(self.pieces[:tokens])
        cut_off = "cancelled" if tokens < len(self.pieces) else "length"
        return events.RowFinished(
            job=job, row=self.number, text=text.rstrip(), tokens=tokens, prompt_tokens=self.prompt_tokens,
            seconds=seconds, reason=self._ends if tokens == self._whole else cut_off, left_out=self.left_out,
            reused_tokens=self.reused, first_token_seconds=min(seconds, 0.05),
        )  # fmt: skip


def reply(command: commands.Reply, cancelled: Callable[[], bool], rest: Callable[[float], None]) -> Say:
    """All rows piece by piece; each ends when it has said all."""
    speakers = [FakeSpeaker(number, row) for number, row in enumerate(command.rows)]
    started = time.monotonic()
    at = 0
    while speakers:
        ended = [one for one in speakers if at >= len(one.pieces)]
        for one in speakers if cancelled() else ended:
            yield one.finished(command.job, at, time.monotonic() - started)
        if cancelled():
            raise FakeFailure("cancelled")
        speakers = [one for one in speakers if one not in ended]
        if speakers:
            yield events.ReplyAdvanced(job=command.job, pieces={one.number: one.pieces[at] for one in speakers})
            rest(1)
            at += 1
    yield events.JobDone(job=command.job)


def prove_effect(command: commands.ProveEffect) -> Say:
    """Figures that hang on the adapter and its strength alone."""
    silent = os.environ.get("FAKE_ENGINE_NO_EFFECT", "").split(",")
    yield events.Progress(job=command.job, what="proving", done=1, total=1)
    yield events.EffectProved(job=command.job, effects=[_effect(gate, silent) for gate in command.gates])


def bake(command: commands.BakeAdapter, rest: Callable[[float], None]) -> Say:
    """A PEFT folder of the right rank, with zeros inside."""
    ranks = [_rank(gate) for gate in command.gates if gate.strength]
    if not ranks:
        raise FakeFailure("bake_nothing")
    exact = not command.rank or command.rank >= sum(ranks)
    rank = sum(ranks) if exact else command.rank
    for done in range(3):
        yield events.Progress(job=command.job, what="baking", done=done, total=3)
        rest(1)
    write_adapter(Path(command.target), rank, float(rank))
    size = (Path(command.target) / "adapter_model.safetensors").stat().st_size
    lost = 0.0 if exact else 0.12 * (1 - rank / sum(ranks))
    yield events.AdapterBaked(
        job=command.job, path=command.target, rank=rank, alpha=float(rank), lost=lost, size_bytes=size
    )


def _words(row: commands.Row) -> list[str]:
    """What is new: after a beginning it starts with the blank that parts it from that."""
    words = _lengthened(reply_words(row))
    if row.write_as == "user":
        words = [f"{word} " for word in f"And then I asked: {''.join(words[3:8])}?".split()]
    if not row.continues:
        return words
    joined = "" if row.continues[-1].isspace() else " "
    return [f"{joined}and", *(f" {word.strip()}" for word in words[1:])]


def _lengthened(words: list[str]) -> list[str]:
    """Said again, a paragraph each time, until it is long enough."""
    wanted = int(os.environ.get("FAKE_ENGINE_WORDS") or 0)
    while len(words) < wanted:
        words = [*words[:-1], words[-1].rstrip() + "\n\n", *words]
    return words[:wanted] if wanted else words


def _before_stop(text: str, stop: list[str]) -> tuple[str, bool]:
    found = [place for one in stop if one and (place := text.find(one)) >= 0]
    return (text[: min(found)], True) if found else (text, False)


def _pieces(text: str) -> list[str]:
    """Word by word, with the blanks around it."""
    return re.findall(r"^\s+\S+\s*|\S+\s*|\s+", text)


def _tokens(messages: list[commands.Message]) -> int:
    return sum(len(message.text) // 4 + 5 for message in messages)


def _fitted(row: commands.Row) -> tuple[int, int, int]:
    """Messages that leave, tokens of the prompt, and how many of them the turn before has left behind."""
    limit = int(os.environ.get("FAKE_ENGINE_CONTEXT", "8192"))
    kept, left_out = list(row.messages), 0
    beginning = len(row.continues) // 4
    while _tokens(kept) + beginning + row.sampling.max_tokens > limit:
        leaving = _oldest_turn(kept, row.pinned)
        if not leaving:
            break
        kept = [message for place, message in enumerate(kept) if place not in leaving]
        left_out += len(leaving)
    tokens = _tokens(kept) + beginning
    if tokens >= limit:
        raise FakeFailure("prompt_too_long", tokens=tokens, limit=limit)
    answered = [place for place, message in enumerate(kept) if message.role == "assistant"]
    return left_out, tokens, _tokens(kept[: answered[-1]]) if answered and not left_out else 0


def _oldest_turn(kept: list[commands.Message], pinned: int) -> set[int]:
    """Places of the oldest turn that may leave; the last one stays."""
    free = [place for place, message in enumerate(kept) if place >= pinned and message.role != "system"]
    asked = [place for place in free if kept[place].role == "user"]
    border = next((place for place in asked if place > free[0]), None) if free else None
    return {place for place in free if place < border} if border is not None else set()


def _effect(gate: commands.Gate, silent: list[str]) -> events.Effect:
    if gate.adapter_id in silent or gate.strength == 0:
        return events.Effect(adapter_id=gate.adapter_id, change=0.0, kl=0.0, top1_changed=0.0, nothing=True)
    draw = random.Random(hashlib.sha256(gate.adapter_id.encode()).hexdigest())
    share = min(1.0, abs(gate.strength))
    return events.Effect(
        adapter_id=gate.adapter_id, change=draw.uniform(3.0, 12.0) * share, kl=draw.uniform(0.2, 1.4) * share,
        top1_changed=draw.uniform(0.2, 0.6) * share,
    )  # fmt: skip


def _rank(gate: commands.Gate) -> int:
    path = Path(gate.path) / "adapter_config.json"
    if not gate.path or not path.is_file():
        raise FakeFailure("adapter_broken", path=gate.path, reason="it is not there")
    config = json.loads(path.read_text(encoding="utf-8"))
    if config.get("peft_type") != "LORA" or config.get("use_dora"):
        raise FakeFailure("bake_other_kind", adapter=gate.adapter_id)
    return int(config["r"])
