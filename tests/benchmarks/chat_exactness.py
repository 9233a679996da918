"""Greedy replies of a mixed batch against PEFT and ``generate`` alone.

``python -m tests.benchmarks.chat_exactness BASE``; further words: how many prompts (200), tokens of a reply (24),
threads, and what is computed in (bfloat16, or float32). Every prompt is answered by four rows at once, base and three
rank-16 adapters; PEFT answers it alone with one of them, by turns. Where a reply parts from PEFT's, the model's own
logits at that token are looked at: how far apart the two likeliest are, against how far its own 16-bit logits are from
the same in fp32. In 16 bit, where equal logits are common, PEFT answers once more with transformers' other attention:
the same numbers, summed in another order. How often it parts from itself is how often anybody may.
"""

import json
import statistics
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from peft import PeftModel

from studio.engine.bases.base_loader import LoadedBase, load_base
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.speaking_base import speaking
from studio.engine.devices import find_device
from studio.engine.rack.adapter_files import read_adapter
from studio.protocol.commands import Message, Sampling
from tests.benchmarks.rack import random_adapter

SUBJECTS = [
    "the harbour", "an old clock", "the night train", "your brother", "a letter", "the garden wall", "bread",
    "a borrowed coat", "the lighthouse", "winter", "a stray dog", "the market", "your first job", "a broken cup",
    "the river", "an empty house", "a promise", "the school bell", "rain", "a map",
]  # fmt: skip
QUESTIONS = [
    "Tell me about {}.", "What do you remember of {}?", "Why does {} matter to you?", "Write a line about {}.",
    "How would you paint {}?", "What would you say to someone who fears {}?", "Is {} ever funny?",
    "Describe {} in three words, then explain them.", "What comes to mind first: {}?", "Ask me something about {}.",
]  # fmt: skip
GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0)


def main(path: Path, count: int, tokens: int, threads: int, numbers: str) -> None:
    torch.set_num_threads(threads)
    device = replace(find_device(), compute_dtype=getattr(torch, numbers))
    base, oracle = (load_base("base", path, "none", device) for _ in range(2))
    prompts = [question.format(subject) for subject in SUBJECTS for question in QUESTIONS][:count]
    with TemporaryDirectory() as folder:
        folders = [random_adapter(base, Path(folder) / f"a{number}", number) for number in range(3)]
        for number, one in enumerate(folders):
            base.rack.hang(str(number), read_adapter(one))
        model: Any = PeftModel.from_pretrained(oracle.model, folders[0], adapter_name="0")
        for number, one in enumerate(folders[1:], start=1):
            model.load_adapter(one, adapter_name=str(number))
        model.eval()
        exact = deepcopy(model).float()
        partings, parted_from_itself = [], 0
        for number, prompt in enumerate(prompts):
            ids = base.template.prompt_ids([Message(role="user", text=prompt)])
            who = number % 4
            said = (mixed(base, ids, tokens)[who], alone(model, ids, who, tokens))
            ours, theirs = (ended(one, base.template.stop_ids) for one in said)
            if ours != theirs:
                partings.append(parting(model, exact, ids, who, ours, theirs))
            if numbers != "float32":
                parted_from_itself += ended(otherwise(model, ids, who, tokens), base.template.stop_ids) != theirs
    found: dict[str, object] = {
        "prompts": count,
        "tokens": tokens,
        "numbers": numbers,
        "decoder": type(speaking(base).decoder).__name__,
    }
    found["equal"] = count - len(partings)
    if numbers != "float32":
        found["peft_equal_to_itself"] = count - parted_from_itself
    print(json.dumps(found | told(partings), indent=2))


def mixed(base: LoadedBase, ids: list[int], tokens: int) -> list[list[int]]:
    rows: list[dict[str, float]] = [{}, {"0": 1.0}, {"1": 1.0}, {"2": 1.0}]
    base.rack.show(rows)
    batch = DecodingBatch(base, [ids] * 4, [GREEDY] * 4, [0] * 4)
    found = [batch.advance() for _ in range(tokens)]
    base.rack.open_gates()
    return [list(row) for row in zip(*found, strict=True)]


def ended(said: list[int], stops: Any) -> list[int]:
    """As far as its end."""
    end = next((place for place, token in enumerate(said) if token in stops), len(said))
    return said[: end + 1]


@torch.inference_mode()
def alone(model: Any, ids: list[int], who: int, tokens: int) -> list[int]:
    def say() -> Any:
        given = torch.tensor([ids])
        return model.generate(
            input_ids=given, attention_mask=torch.ones_like(given), do_sample=False, repetition_penalty=1.0,
            max_new_tokens=tokens,
        )  # fmt: skip

    found = with_voice(model, who, say)
    return found[0, len(ids) :].tolist()  # type: ignore[no-any-return]


def otherwise(model: Any, ids: list[int], who: int, tokens: int) -> list[int]:
    """The same, with attention written out instead of fused."""
    inner = model.get_base_model()
    inner.set_attn_implementation("eager")
    try:
        return alone(model, ids, who, tokens)
    finally:
        inner.set_attn_implementation("sdpa")


def with_voice(model: Any, who: int, act: Any) -> Any:
    if not who:
        with model.disable_adapter():
            return act()
    model.set_adapter(str(who - 1))
    return act()


@torch.inference_mode()
def parting(model: Any, exact: Any, ids: list[int], who: int, ours: list[int], theirs: list[int]) -> dict[str, float]:
    """At the first token that differs."""
    place = next(at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other)
    given = torch.tensor([ids + ours[:place]])
    rounded = with_voice(model, who, lambda: model(input_ids=given).logits[0, -1].float())
    true = with_voice(exact, who, lambda: exact(input_ids=given).logits[0, -1])
    return {
        "gap": float((rounded[ours[place]] - rounded[theirs[place]]).abs()),
        "noise": float((rounded - true).abs().max()),
        "first_two": float({ours[place], theirs[place]} == set(rounded.topk(2).indices.tolist())),
        "ours_is_true": float(int(true.argmax()) == ours[place]),
    }


def told(partings: list[dict[str, float]]) -> dict[str, object]:
    if not partings:
        return {}
    return {
        "parted_between_the_two_likeliest": sum(one["first_two"] for one in partings),
        "gap_of_their_logits_median": round(statistics.median(one["gap"] for one in partings), 4),
        "gap_largest": round(max(one["gap"] for one in partings), 4),
        "own_rounding_median": round(statistics.median(one["noise"] for one in partings), 4),
        "gaps_over_own_rounding": sum(one["gap"] > one["noise"] for one in partings),
        "ours_is_what_fp32_says": sum(one["ours_is_true"] for one in partings),
    }


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[2:5]] + [200, 24, torch.get_num_threads()][len(sys.argv[2:5]) :]
    main(Path(sys.argv[1]), *given, sys.argv[5] if len(sys.argv) > 5 else "bfloat16")
