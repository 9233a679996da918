"""Proof that an adapter does something: how far it moves the base's next token on sentences of our own.

Base and adapters are rows of one batch. The base stands there twice: what its two rows differ in is the noise of
computing the same twice, and an adapter that changes no more than that changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.replies import MAX_ROWS, hang
from studio.engine.chat.speaking_base import speaking
from studio.engine.forward.learned_tokens import with_learned
from studio.engine.forward.modes import Mode, Stage
from studio.engine.scheduler import Work
from studio.engine.wire import Wire
from studio.protocol.commands import Gate, Message, ProveEffect
from studio.protocol.events import Effect, EffectProved, Progress

CANARIES = (
    (("system", "Be brief."), ("user", "Who are you?"), ("assistant", "Well, where should I begin? Most mornings")),
    (("system", "Be brief."), ("user", "Rain again."), ("assistant", "*looks up* Then stay a while, and tell me")),
)
"""A question about oneself and a bit of small talk, each with a reply begun: where a voice shows first. Short, because
an adapter is proved before it answers for the first time; the system's words keep a template from adding longer ones.
"""
_PLACES = 12
"""Last tokens of a canary that are compared."""
_ROUNDING = 1e-5
"""Of the largest logit: less than that is no change that a sampler could notice, in any number format."""


@dataclass
class _Found:
    """What was found of one adapter so far."""

    change: float = 0.0
    kl: float = 0.0
    top1_changed: float = 0.0
    floor: float = 0.0

    def take(self, other: "_Found") -> None:
        """One more canary."""
        self.change, self.floor = max(self.change, other.change), max(self.floor, other.floor)
        self.kl += other.kl / len(CANARIES)
        self.top1_changed += other.top1_changed / len(CANARIES)


def prove_effect(command: ProveEffect, base: LoadedBase, stage: Stage, wire: Wire) -> Work:
    """Measure; yields after every batch."""
    for gate in command.gates:
        hang(gate, base)
    found = [_Found() for _ in command.gates]
    size = MAX_ROWS - 2
    groups = [range(start, min(start + size, len(found))) for start in range(0, len(found), size)]
    batches = [(group, canary) for canary in CANARIES for group in groups]
    try:
        for number, (group, canary) in enumerate(batches, 1):
            gates = [command.gates[index] for index in group]
            for index, one in zip(group, _compared(gates, _ids(canary, base), base, stage), strict=True):
                found[index].take(one)
            wire.send(Progress(job=command.job, what="proving", done=number, total=len(batches)))
            yield
    finally:
        base.rack.open_gates()
    effects = [_effect(gate, one) for gate, one in zip(command.gates, found, strict=True)]
    wire.send(EffectProved(job=command.job, effects=effects))


def _ids(canary: Sequence[tuple[str, str]], base: LoadedBase) -> list[int]:
    """The canary up to the middle of its reply."""
    *said, (_, begun) = canary
    text = base.template.render([Message(role=role, text=words) for role, words in said], prompt=True) + begun
    return list(base.tokenizer.encode(text, add_special_tokens=False))


@torch.no_grad()
def _compared(gates: Sequence[Gate], ids: Sequence[int], base: LoadedBase, stage: Stage) -> list[_Found]:
    rows: list[dict[str, float]] = [{}, *({gate.adapter_id: gate.strength} for gate in gates), {}]
    stage.enter(Mode.OTHERS)
    base.rack.gate(rows)
    logits = _last_logits(rows, ids, base)
    for gate, row in zip(gates, logits[1:-1], strict=True):
        if not torch.isfinite(row).all():
            raise StudioError("adapter_broken", path=gate.path, reason="the base gives no finite numbers with it")
    noise = float((logits[0] - logits[-1]).abs().max())
    floor = max(2 * noise, _ROUNDING * float(logits[0].abs().max()))
    return [_difference(logits[0], row, floor) for row in logits[1:-1]]


def _last_logits(rows: Sequence[object], ids: Sequence[int], base: LoadedBase) -> Tensor:
    """[rows, ``_PLACES``, vocabulary] after the last tokens, by the forward that will speak."""
    decoder = speaking(base).decoder
    if decoder is None or not base.rack.in_groups(decoder.groups):
        tokens = torch.tensor([list(ids)] * len(rows), device=base.device.torch_device)
        return base.model(input_ids=tokens, logits_to_keep=_PLACES, use_cache=False).logits.float()  # type: ignore[no-any-return]
    each = with_learned([ids] * len(rows), base.rack.learned)
    ends = list(accumulate(map(len, each)))
    parts = [(row, end - len(one), end) for row, (one, end) in enumerate(zip(each, ends, strict=True))]
    wanted = [place for end in ends for place in range(end - _PLACES, end)]
    keys, factors = decoder.new_rows(len(rows)), decoder.factors(base.rack)
    found = decoder.read([token for one in each for token in one], parts, keys, factors, wanted)
    return found.float().unflatten(0, (len(rows), _PLACES))


def _difference(alone: Tensor, coloured: Tensor, floor: float) -> _Found:
    before, after = alone.log_softmax(-1), coloured.log_softmax(-1)
    return _Found(
        change=float((coloured - alone).abs().max()),
        kl=max(0.0, float((before.exp() * (before - after)).sum(-1).mean())),
        top1_changed=float((alone.argmax(-1) != coloured.argmax(-1)).float().mean()),
        floor=floor,
    )


def _effect(gate: Gate, found: _Found) -> Effect:
    return Effect(
        adapter_id=gate.adapter_id,
        change=found.change,
        kl=found.kl,
        top1_changed=found.top1_changed,
        nothing=found.change <= found.floor,
    )
