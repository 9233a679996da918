"""The compiled forward for processors: its inner loop, its numbers, and the whole of it against the plain decoder."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch
from numba import njit
from numba.core.errors import NumbaError

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat.speaking_base import speaking
from studio.engine.forward import decoders, plain_decoder
from studio.engine.forward.decoder_parts import find_parts
from studio.engine.forward.plain_decoder import PlainDecoder
from studio.engine.forward.processor import brain_floats, decoder, dots, ready
from studio.engine.forward.processor.decoder import ProcessorDecoder
from studio.engine.forward.processor.lanes import Lanes
from studio.engine.forward.processor.slab import Slab
from studio.engine.forward.processor.tiles import tiled_size, tiles_of
from studio.engine.rack.adapter_files import AdapterFactors, read_adapter
from tests.engine.rig import hung, loaded, random_adapter, scaling_factors, write_family

ADAPTERS: dict[str, dict[str, Any]] = {
    "a": {"rank": 2, "alpha": 4.0, "seed": 1},
    "b": {"rank": 16, "alpha": 24.0, "seed": 2},
    "odd": {"rank": 5, "alpha": 5.0, "seed": 3, "layers": ("q_proj", "v_proj", "up_proj")},
    "wide": {"rank": 40, "alpha": 20.0, "seed": 4, "layers": ("o_proj", "down_proj")},
}
ROWS: list[dict[str, float]] = [
    {}, {"a": 1.0}, {"b": 0.7}, {"a": 0.5, "b": 0.5}, {"odd": 1.0}, {"wide": 1.0, "odd": 0.3}, {"a": 1.0}, {"b": -1.0},
    {"a": 1.0}, {}, {"dora": 1.0}, {"ia3": 1.0}, {"dora": 0.6, "ia3": 0.5, "b": 0.3},
]  # fmt: skip
NEAR = {"llama": 0.03, "qwen2": 0.03, "qwen3": 0.03}
"""Root of mean squares of the difference, relative to how much logits vary; 16-bit rounding alone gives about 0.01."""


@njit
def _add(wide: bool, tile: int, x: int, x_step: int, pairs: int, y: int, y_step: int, rows: int) -> None:
    if wide:
        dots.add_wide(tile, x, x_step, pairs, y, y_step, rows)
    else:
        dots.add_thin(tile, x, x_step, pairs, y, y_step, rows)


@pytest.mark.parametrize("outputs", [16, 32])
def test_a_tile_is_multiplied_and_added(outputs: int) -> None:
    torch.manual_seed(0)
    weight = torch.randn(outputs, 46).bfloat16()
    tile = tiles_of(weight, outputs)
    alone = []
    for rows in range(1, 18):
        torch.manual_seed(1)
        x, before = torch.randn(17, 46).bfloat16()[:rows].contiguous(), torch.randn(17, outputs)[:rows].contiguous()
        y = before.clone()
        _add(outputs == 32, tile.data_ptr(), x.data_ptr(), 2 * 46, 23, y.data_ptr(), 4 * outputs, rows)
        assert torch.allclose(y, before + x.float() @ weight.float().T, atol=1e-4)
        alone.append(y[0])
    assert all(torch.equal(one, alone[0]) for one in alone)  # to the last bit, whoever stands beside a row


@pytest.mark.parametrize("rounds", [False, True])
@pytest.mark.parametrize("paired", [False, True])
def test_processors_with_and_without_the_instruction_get_the_same(paired: bool, rounds: bool) -> None:
    if paired and not dots.multiplies_pairs():
        pytest.skip("this processor multiplies no pairs of brain floats")
    loop = dots.loop_of(3, 2, paired=paired, rounds=rounds)

    @njit
    def written(tile: int, x: int, x_step: int, pairs: int, y: int, y_step: int) -> None:
        loop(tile, x, x_step, pairs, y, y_step)

    torch.manual_seed(0)
    weight, x, y = torch.randn(32, 64).bfloat16(), torch.randn(3, 64).bfloat16(), torch.randn(3, 32)
    y[0, :3] = torch.tensor([float("inf"), float("-inf"), float("nan")])
    expected = y + x.float() @ weight.float().T
    tile = tiles_of(weight, 32)
    written(tile.data_ptr(), x.data_ptr(), 128, 32, y.data_ptr(), 128)
    near = 2**-8 if rounds else 1e-4  # half a step of a 16-bit number
    assert torch.allclose(y, expected, rtol=near, atol=1e-4, equal_nan=True)
    assert torch.equal(y[1:], y[1:].bfloat16().float()) is rounds


def test_tiles_lie_in_one_slab() -> None:
    tiles = [tiles_of(torch.randn(high, 10).bfloat16(), 16) for high in (16, 40)]
    assert [one.nbytes for one in tiles] == [tiled_size(high, 10, 16) for high in (16, 40)]
    slab = Slab(sum(one.nbytes for one in tiles))
    places = [slab.put(one) for one in tiles]
    assert places[1] == places[0] + tiles[0].nbytes and all(place % dots.LINE == 0 for place in places)
    for place, one in zip(places, tiles, strict=True):
        found = (ctypes.c_int32 * one.numel()).from_address(place)
        assert list(found) == one.reshape(-1).tolist()
    with pytest.raises(ValueError, match="do not fit into the 0 that are left"):
        slab.put(tiles[0])


def test_numbers_are_rounded_as_torch_rounds_them() -> None:
    words = np.random.default_rng(0).integers(0, 2**32, 200_000, dtype=np.uint32)
    edges = [0.0, -0.0, 1.0, 1.00390625, 1.01171875, 3.4e38, -3.4e38, float("inf"), float("-inf"), float("nan"), 1e-40]
    numbers = np.concatenate([words.view(np.float32), np.array(edges, dtype=np.float32)])

    @njit
    def rounded(found: Any, given: Any) -> None:
        for i in range(len(given)):
            found[i] = brain_floats.rounded(given[i])

    found = np.zeros_like(numbers)
    rounded(found, numbers)
    expected = torch.from_numpy(numbers).bfloat16().float().numpy()
    assert np.array_equal(found, expected, equal_nan=True)


def test_the_exponential_is_one() -> None:
    given = np.linspace(-120, 120, 100_001).astype(np.float32)

    @njit(fastmath={"contract", "reassoc", "nsz", "arcp"})
    def exponentials(found: Any, given: Any) -> None:
        for i in range(len(given)):
            found[i] = brain_floats.exponential(given[i])

    found = np.zeros_like(given)
    exponentials(found, given)
    expected = np.exp(np.clip(given.astype(np.float64), -87, 87))
    assert np.abs(found / expected - 1).max() < 1e-6


@pytest.mark.parametrize("kind", list(NEAR))
def test_logits_are_the_plain_decoders(kind: str, tmp_path: Path) -> None:
    """Read and then gone on with, rows with all kinds of adapters."""
    base = loaded(write_family(kind, tmp_path / "base"), dtype=torch.bfloat16)
    _hang(base, tmp_path)
    fast, plain = _both(base)
    ours, theirs = _logits(fast, base), _logits(plain, base)
    bare = _logits(plain, base, [{}] * len(ROWS))
    for number, row in enumerate(ROWS):
        apart = (ours[:, number] - theirs[:, number]).square().mean().sqrt() / theirs[:, number].std()
        assert apart < NEAR[kind]
        effect = (bare[:, number] - theirs[:, number]).square().mean().sqrt() / theirs[:, number].std()
        assert not row or effect > 4 * NEAR[kind]  # an adapter that is not heard would be seen


def test_a_row_gets_the_same_numbers_alone_and_in_company(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny("none", torch.bfloat16)
    _hang(base, tmp_path)
    fast = speaking(base).decoder
    together = _logits(fast, base)
    for number, row in enumerate(ROWS):
        assert torch.equal(_logits(fast, base, [row], number)[:, 0], together[:, number])


def test_a_row_gets_the_same_numbers_from_however_many_threads(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny("none", torch.bfloat16)
    _hang(base, tmp_path)
    fast = speaking(base).decoder
    alone = _logits(fast, base)
    torch.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    try:
        assert all(torch.equal(_logits(fast, base), alone) for _ in range(5))
    finally:
        torch.set_num_threads(1)


def test_a_prompt_gives_the_same_numbers_at_once_and_token_by_token(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny("none", torch.bfloat16)
    _hang(base, tmp_path)
    fast = speaking(base).decoder
    assert isinstance(fast, ProcessorDecoder)
    base.rack.gate([{"a": 0.5, "b": 0.5}])
    ids = [7 + number % 200 for number in range(150)]
    factors = fast.factors(base.rack)
    whole = fast.new_rows(1)
    at_once = fast.read(ids, [(0, 0, 150)], whole, factors, range(150))
    slow = fast.new_rows(1)
    one_by_one = torch.cat([fast.step(torch.tensor([token]), slow, factors).clone() for token in ids])
    assert torch.equal(at_once, one_by_one)
    # what was read goes to another row and is gone on with from any place
    other = fast.new_rows(2)
    other.put(1, whole.copied(0, 100), 77)
    found = fast.read(ids[77:], [(1, 0, 73)], other, _second(factors), range(73))
    assert torch.equal(found, at_once[77:])


def _second(factors: Any) -> Any:
    """The same adapters for the second of two rows."""
    return type(factors)([[], *factors._rows], factors._groups)


def test_lanes_grow_and_rows_leave() -> None:
    lanes = Lanes(layers=2, rows=3, heads=1, depth=16)
    lanes.reserve(1)
    lanes.bits[:, :, 0, :, 0] = np.arange(3, dtype=np.uint16).reshape(1, 3, 1, 1)
    lanes.lengths = [1, 2, 3]
    lanes.reserve(40)
    lanes.keep_rows([2, 0])
    assert lanes.lengths == [3, 1]
    assert [int(lanes.bits[1, row, 0, 1, 0, 5]) for row in range(2)] == [2, 0]
    copy = lanes.copied(0, 3)
    assert copy.nbytes == lanes.size(3)
    lanes.share(0, 1, 2)
    assert lanes.lengths == [3, 2]
    assert int(lanes.bits[0, 1, 0, 0, 0, 9]) == 2


def test_bases_of_other_numbers_and_widths_are_read_by_the_plain_decoder(
    tiny: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(decoders.tried(tiny("none", torch.bfloat16)), ProcessorDecoder)
    assert isinstance(decoders.tried(tiny()), PlainDecoder)  # fp32
    uneven = loaded(write_family("llama", tmp_path / "uneven", intermediate_size=100), dtype=torch.bfloat16)
    assert isinstance(decoders.tried(uneven), PlainDecoder)
    monkeypatch.setattr(decoder, "free_memory", lambda: 1000)
    assert isinstance(decoders.tried(tiny("none", torch.bfloat16)), PlainDecoder)


def test_where_it_cannot_be_compiled_the_plain_decoder_answers(
    tiny: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stubborn:
        __name__ = "pass_through"

        def compile(self, _: object) -> None:
            raise NumbaError("no such processor")

    monkeypatch.setattr(ready, "pass_through", Stubborn())
    assert isinstance(decoders.tried(tiny("none", torch.bfloat16)), PlainDecoder)


def test_one_that_is_off_is_not_taken(tiny: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    angles = decoder.signed_angles
    monkeypatch.setattr(decoder, "signed_angles", lambda *given: angles(*given)[::-1])
    assert isinstance(decoders.tried(tiny("none", torch.bfloat16)), PlainDecoder)
    normed = plain_decoder._normed
    monkeypatch.setattr(plain_decoder, "_normed", lambda x, norm: normed(x, norm) * 1.5)
    assert decoders.tried(tiny("none", torch.bfloat16)) is None


def test_who_meets_whom_is_made_once_for_the_rows_that_are_shown(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny("none", torch.bfloat16)
    folders = _hang(base, tmp_path)
    fast, plain = _both(base)
    rows = [{"a": 1.0}, {}]
    base.rack.show(rows)
    made = fast.factors(base.rack)
    assert made is not None and plain.factors(base.rack) is not made
    base.rack.show(rows)
    assert fast.factors(base.rack) is made
    base.rack.gate([{"a": 0.5}, {}])
    other = fast.factors(base.rack)
    assert other is not made
    hung(base, a=folders["b"])  # nobody is shown any more
    assert fast.factors(base.rack) is None


def test_an_adapters_tiles_go_with_it(tiny: Callable[..., Any], tmp_path: Path) -> None:
    base = tiny("none", torch.bfloat16)
    folders = _hang(base, tmp_path)
    fast = speaking(base).decoder
    assert isinstance(fast, ProcessorDecoder)
    _logits(fast, base)
    assert len(fast._shelf._made) == len(ADAPTERS) + 1  # DoRA's, too; the other has no factors
    before = _logits(fast, base, [{"a": 1.0}])
    hung(base, a=folders["b"])  # another adapter under a known name
    assert not torch.equal(_logits(fast, base, [{"a": 1.0}]), before)
    for name in (*ADAPTERS, "dora", "ia3"):
        base.rack.take_off(name)
    base.rack.open_gates()
    assert not fast._shelf._made


def _hang(base: LoadedBase, place: Path) -> dict[str, Path]:
    folders = {name: random_adapter(base, place / name, **how) for name, how in ADAPTERS.items()}
    hung(base, **folders)
    base.rack.hang("dora", scaling_factors(base, "dora", read_adapter(folders["a"])))
    base.rack.hang("ia3", scaling_factors(base, "ia3", AdapterFactors()))
    return folders


def _both(base: LoadedBase) -> tuple[ProcessorDecoder, PlainDecoder]:
    parts = find_parts(base.model, base.linears, base.context_length)
    assert parts is not None
    return ProcessorDecoder(parts, base), PlainDecoder(parts, base)


def _logits(one: Any, base: LoadedBase, rows: Sequence[dict[str, float]] = ROWS, first: int = 0) -> torch.Tensor:
    """[5, rows, vocabulary]: after prompts of different lengths, and after four more tokens."""
    base.rack.show(rows)
    factors, keys = one.factors(base.rack), one.new_rows(len(rows))
    prompts = [[5 + (3 * place + row) % 250 for place in range(3 + 7 * row)] for row in range(first, first + len(rows))]
    stops = np.cumsum([len(prompt) for prompt in prompts]).tolist()
    parts = [(row, stop - len(prompt), stop) for row, (prompt, stop) in enumerate(zip(prompts, stops, strict=True))]
    wanted = [stop - 1 for stop in stops]
    found = [one.read([token for prompt in prompts for token in prompt], parts, keys, factors, wanted).float()]
    stepping = one.stepping(keys)
    for token in (9, 30, 31, 200):
        ids = torch.tensor([token + row for row in range(first, first + len(rows))])
        found.append(one.step(ids, stepping, factors).float().clone())
    return torch.stack(found)
