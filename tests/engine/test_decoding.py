"""The studio's own decoder against the model's own forward, and a row alone against the same row in company."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat import prompt_reading
from studio.engine.chat.decoding import DecodingBatch
from studio.engine.chat.kept_rows import VoiceKey
from studio.engine.chat.row_forwards import ModelRows, OwnRows
from studio.engine.chat.speaking_base import speaking
from studio.protocol.commands import Sampling
from tests.engine.rig import hung, loaded, random_adapter, write_family

GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0)
WARM = Sampling(temperature=1.0, min_p=0.0, top_p=1.0)
ADAPTERS: dict[str, dict[str, Any]] = {
    "a": {"rank": 2, "alpha": 4.0, "seed": 1},
    "b": {"rank": 16, "alpha": 24.0, "seed": 2},
    "c": {"rank": 5, "alpha": 5.0, "seed": 3, "layers": ("q_proj", "v_proj")},
}
KINDS = [("llama", True), ("mistral", True), ("qwen2", True), ("qwen3", True), ("gemma2", False), ("phi", False)]
ROWS: list[dict[str, float]] = [{}, {"a": 1.0}, {"b": 0.7}, {"a": 0.5, "b": 0.5}, {"c": 1.0}, {"a": 1.0}]


def _hang(base: LoadedBase, place: Path) -> dict[str, Path]:
    folders = {name: random_adapter(base, place / name, **how) for name, how in ADAPTERS.items()}
    hung(base, **folders)
    return folders


def _prompts(base: LoadedBase, count: int) -> list[list[int]]:
    texts = [
        f"The ferry leaves at dawn, {'friend, ' * (number % 5)}and the lamp burns {number}." for number in range(count)
    ]
    return [base.tokenizer.encode(text) for text in texts]


def _said(
    base: LoadedBase, rows: list[dict[str, float]], prompts: Sequence[Sequence[int]], tokens: int = 12, **how: Any
) -> list[list[int]]:
    """What each row says, all as one batch."""
    samplings = [how.get("sampling", GREEDY)] * len(rows)
    seeds = how.get("seeds", range(len(rows)))
    base.rack.show(rows)
    batch = DecodingBatch(base, prompts, samplings, list(seeds), own_layers=how.get("own_layers", False))
    said = [batch.advance() for _ in range(tokens)]
    wanted = ModelRows if how.get("own_layers") else OwnRows
    assert isinstance(batch._rows, wanted)
    base.rack.open_gates()
    return [list(row) for row in zip(*said, strict=True)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
def test_a_row_says_the_same_alone_and_in_company(tiny: Callable[..., Any], tmp_path: Path, dtype: torch.dtype) -> None:
    base = tiny("none", dtype)
    _hang(base, tmp_path)
    prompts = _prompts(base, len(ROWS))
    together = _said(base, ROWS, prompts, 40, sampling=WARM)
    alone = [
        _said(base, [row], [prompt], 40, sampling=WARM, seeds=[number])[0]
        for number, (row, prompt) in enumerate(zip(ROWS, prompts, strict=True))
    ]
    assert together == alone
    assert len({tuple(one) for one in together}) == len(ROWS)


def test_greedy_replies_are_pefts(tiny: Callable[..., Any], tiny_base: Path, tmp_path: Path) -> None:
    """Every row of a mixed batch is PEFT's ``generate`` with that adapter alone."""
    base, oracle = tiny(), loaded(tiny_base)
    folders = _hang(base, tmp_path)
    prompts = _prompts(base, 16)
    rows: list[dict[str, float]] = [{}, {"a": 1.0}, {"b": 1.0}, {"c": 1.0}]
    expected = {name: [_generated(oracle, folders.get(name), prompt) for prompt in prompts] for name in ("", *folders)}
    different = 0
    for number, prompt in enumerate(prompts):
        found = _said(base, rows, [prompt] * len(rows))
        assert found == [expected[next(iter(row), "")][number] for row in rows]
        different += len({tuple(one) for one in found})
    assert different > 2 * len(prompts)


def _generated(oracle: LoadedBase, folder: Path | None, prompt: Sequence[int]) -> list[int]:
    model = PeftModel.from_pretrained(oracle.model, folder) if folder else oracle.model
    ids = torch.tensor([prompt])
    with torch.no_grad():
        found = model.generate(input_ids=ids, do_sample=False, max_new_tokens=12, min_new_tokens=12)
    if folder:
        model.unload()
    return found[0, len(prompt) :].tolist()  # type: ignore[no-any-return]


def test_rows_leave_and_the_others_go_on_as_before(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny()
    _hang(base, tmp_path)
    prompts = _prompts(base, len(ROWS))
    whole = _said(base, ROWS, prompts, 30)
    base.rack.show(ROWS)
    batch = DecodingBatch(base, prompts, [GREEDY] * len(ROWS), [0] * len(ROWS))
    said: list[list[int]] = [[] for _ in ROWS]
    for step in range(30):
        for row, token in zip(batch.alive, batch.advance(), strict=True):
            said[row].append(token)
        if step in (4, 11, 20):
            batch.leave([{4: 0, 11: 3, 20: 5}[step]])
            base.rack.show([ROWS[row] for row in batch.alive])
    assert [whole[row][: len(said[row])] for row in range(len(ROWS))] == said
    assert [len(one) for one in said] == [5, 30, 30, 12, 30, 21]


@pytest.mark.parametrize("chunk", [7, 64])
def test_prompts_are_read_in_units_of_any_size(
    tiny: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    base = tiny()
    _hang(base, tmp_path)
    prompts = _prompts(base, len(ROWS))
    at_once = _said(base, ROWS, prompts)
    monkeypatch.setattr(prompt_reading, "CHUNK", chunk)
    base.rack.show(ROWS)
    batch = DecodingBatch(base, prompts, [GREEDY] * len(ROWS), [0] * len(ROWS))
    units = 0
    while batch.reading:
        batch.read()
        units += 1
    assert units == -(-sum(map(len, prompts)) // chunk)
    assert [list(one) for one in zip(*(batch.advance() for _ in range(12)), strict=True)] == at_once


def test_rows_that_begin_alike_are_read_once(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny()
    _hang(base, tmp_path)
    (long, other) = ([*_prompts(base, 5)[4], *end] for end in ([5, 6, 7], [8, 9]))
    rows: list[dict[str, float]] = [{"a": 1.0}, {"a": 1.0}, {"a": 1.0}, {}]
    prompts = [long, long, other, long]
    apart = _said(base, rows, prompts)
    voices = [VoiceKey(base=(), adapters=tuple(row.items()), lasting=False) for row in rows]
    base.rack.show(rows)
    batch = DecodingBatch(base, prompts, [GREEDY] * 4, [0] * 4, voices)
    assert [list(one) for one in zip(*(batch.advance() for _ in range(12)), strict=True)] == apart
    assert batch.read_tokens == 2 * len(long) + 1 + 2


@pytest.mark.parametrize(("kind", "plain"), KINDS)
def test_families_are_read_as_they_read_themselves(kind: str, plain: bool, tmp_path: Path) -> None:
    """By the decoder where it is one of the plain ones, by their own forward otherwise; nobody falls between."""
    base = loaded(write_family(kind, tmp_path / "base"))
    hung(base, a=random_adapter(base, tmp_path / "a", rank=4, alpha=8.0, seed=1))
    rows: list[dict[str, float]] = [{}, {"a": 1.0}]
    prompts = [[15, 19, 30, 41, 17], [12, 13, 14, 15, 16, 17, 18]]
    base.rack.show(rows)
    own = DecodingBatch(base, prompts, [GREEDY] * 2, [0, 0], own_layers=True)
    expected = [own.advance() for _ in range(8)]
    base.rack.show(rows)
    batch = DecodingBatch(base, prompts, [GREEDY] * 2, [0, 0])
    assert [batch.advance() for _ in range(8)] == expected
    assert (speaking(base).decoder is not None) is plain


def test_eight_bit_layers_and_nf4_are_read(tiny: Callable[..., Any], tmp_path: Path) -> None:
    for quantization in ("nf4", "int8"):
        base = tiny(quantization, torch.bfloat16)
        _hang(base, tmp_path / quantization)
        prompts = _prompts(base, len(ROWS))
        assert _said(base, ROWS, prompts)[2] == _said(base, [ROWS[2]], [prompts[2]])[0]
