"""IA³, DoRA and learned tokens in the studio's own forwards: the numbers of the hooks on the model's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.row_forwards import ModelRows, OwnRows, row_forward
from studio.engine.chat.speaking_base import speaking
from studio.engine.forward.decoder_parts import find_parts
from studio.engine.forward.learned_tokens import with_learned
from studio.engine.forward.plain_decoder import PlainDecoder
from studio.engine.forward.processor.decoder import ProcessorDecoder
from studio.engine.rack.adapter_files import AdapterFactors, read_adapter
from tests.engine.rig import loaded, random_adapter, scaling_factors, write_family

ROWS: list[dict[str, float]] = [
    {}, {"dora": 1.0}, {"ia3": 1.0}, {"lora": 1.0}, {"dora": 0.6, "ia3": 0.5, "lora": 0.3}, {"ia3": -0.5},
    {"dora": 0.0}, {"tokens": 1.0}, {"tokens": 1.0, "dora": 1.0, "more": 1.0}, {"more": 0.0},
]  # fmt: skip
DECODERS = [
    (PlainDecoder, torch.float32, 1e-4),
    (PlainDecoder, torch.bfloat16, 0.03),
    (ProcessorDecoder, torch.bfloat16, 0.03),
]
"""With the mean difference that is allowed, relative to how much logits vary: rounding to 16 bit gives 0.01."""


def _hung(base: LoadedBase, place: Path) -> None:
    folder = random_adapter(base, place / "lora", rank=4, alpha=8.0, seed=3)
    base.rack.hang("lora", read_adapter(folder))
    base.rack.hang("dora", scaling_factors(base, "dora", read_adapter(folder)))
    base.rack.hang("ia3", scaling_factors(base, "ia3", AdapterFactors()))
    for name, many in (("tokens", 3), ("more", 70)):  # more than go through the layers at a time
        torch.manual_seed(many)
        base.rack.hang(name, AdapterFactors(tokens=0.5 * torch.randn(many, base.model.config.hidden_size)))


def _prompts() -> list[list[int]]:
    return [[5 + (3 * place + row) % 250 for place in range(4 + 5 * row)] for row in range(len(ROWS))]


def _ours(decoder: Any, base: LoadedBase, rows: list[dict[str, float]]) -> Tensor:
    """[3, rows, vocabulary]: after prompts read at once, and after two more tokens."""
    base.rack.gate(rows)
    prompts, keys = with_learned(_prompts(), base.rack.learned), decoder.new_rows(len(rows))
    factors = decoder.factors(base.rack)
    starts = [sum(map(len, prompts[:row])) for row in range(len(rows))]
    parts = [(row, start, start + len(prompts[row])) for row, start in enumerate(starts)]
    wanted = [stop - 1 for _, _, stop in parts]
    found = [decoder.read([token for one in prompts for token in one], parts, keys, factors, wanted).float()]
    stepping = decoder.stepping(keys)
    for token in (9, 30):
        found.append(decoder.step(torch.full((len(rows),), token), stepping, factors).float().clone())
    return torch.stack(found)


@torch.no_grad()
def _theirs(base: LoadedBase, rows: list[dict[str, float]]) -> Tensor:
    """The model's own forward over each row alone, with the rack's hooks."""
    found = []
    for row, prompt in zip(rows, _prompts(), strict=True):
        base.rack.gate([row])
        found.append(base.model(input_ids=torch.tensor([[*prompt, 9, 30]])).logits[0, -3:].float())
    return torch.stack(found, dim=1)


@pytest.mark.parametrize("family", ["llama", "qwen2"])  # the second has biases, which magnitudes leave as they are
@pytest.mark.parametrize(("kind", "dtype", "near"), DECODERS)
def test_the_numbers_are_those_of_the_hooks(
    family: str, kind: Any, dtype: torch.dtype, near: float, tmp_path: Path
) -> None:
    base = loaded(write_family(family, tmp_path / "base"), dtype=dtype)
    _hung(base, tmp_path)
    parts = find_parts(base.model, base.linears, base.context_length)
    assert parts is not None
    ours, theirs = _ours(kind(parts, base), base, ROWS), _theirs(base, ROWS)
    bare = _theirs(base, [{}] * len(ROWS))
    for number, row in enumerate(ROWS):
        spread = theirs[:, number].std()
        assert (ours[:, number] - theirs[:, number]).square().mean().sqrt() / spread < near
        effect = (bare[:, number] - theirs[:, number]).square().mean().sqrt() / spread
        assert bool(effect > 0.2) is any(row.values())  # else one that is not heard would pass


def test_rows_of_all_kinds_go_through_the_studios_own_forward(tiny: Callable[..., LoadedBase], tmp_path: Path) -> None:
    base = tiny("none", torch.bfloat16)
    _hung(base, tmp_path)
    base.rack.gate(ROWS)
    assert isinstance(row_forward(base, speaking(base), _prompts(), [None] * len(ROWS)), OwnRows)


def test_layers_that_read_one_x_and_scale_it_apart_do_not(tiny: Callable[..., LoadedBase]) -> None:
    base = tiny("none", torch.bfloat16)
    name = next(one for one in base.linears if one.endswith("gate_proj"))
    scales = {name: torch.full((int(base.linears[name].in_features),), 1.5)}
    base.rack.hang("half", AdapterFactors(inputs=scales))
    base.rack.hang("whole", AdapterFactors(inputs=scales | {name.replace("gate", "up"): next(iter(scales.values()))}))
    for shown, own in (("half", False), ("whole", True)):
        base.rack.gate([{shown: 1.0}])
        assert isinstance(row_forward(base, speaking(base), [[7]], [None]), OwnRows if own else ModelRows)


def test_nothing_stays_of_one_that_goes_while_it_is_shown(tiny: Callable[..., LoadedBase]) -> None:
    base = tiny()
    ids = torch.tensor([[7, 8, 9]])
    with torch.no_grad():
        bare = base.model(input_ids=ids).logits
        base.rack.hang("ia3", scaling_factors(base, "ia3", AdapterFactors()))
        rows = [{"ia3": 1.0}]
        base.rack.show(rows)
        assert not torch.equal(base.model(input_ids=ids).logits, bare)
        base.rack.take_off("ia3")
        assert torch.equal(base.model(input_ids=ids).logits, bare)
        other = scaling_factors(base, "ia3", AdapterFactors())
        base.rack.hang("ia3", AdapterFactors(outputs=other.outputs))
        base.rack.show(rows)  # the very list that was shown before means the new one
        assert not torch.equal(base.model(input_ids=ids).logits, bare)
