"""The one inner loop of the processor's forward: some rows times a tile of a matrix, added to what is there.

A tile holds ``LANES`` outputs (or two times that) of a matrix [outputs, inputs] as pairs of inputs::

    tile[pair][output][2]      # 64 bytes per pair: one vector register

so that memory is read straight through, every number of a register belongs to an output of its own, and nothing has to
be summed across a register. A row's sums do not depend on how many rows are computed together. Where the processor
multiplies pairs of brain floats itself (AVX512-BF16), it does; otherwise the pairs are widened to fp32.

Intel's "Intrinsics Guide", ``_mm512_dpbf16_ps``; the layout is the one that instruction was made for.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import binding, ir
from numba import njit, types
from numba.extending import intrinsic

LANES = 16
"""Outputs of a tile: fp32 numbers of a 512-bit register. Narrower processors take two or four registers."""

PAIR = 2 * 2 * LANES
"""Bytes of one pair of inputs in a tile."""

LINE = 64
"""Bytes that come from memory together."""

BUSY, AHEAD = 8, 8192
"""So many rows compute for so long at each line that the processor does not look far enough ahead by itself: the line
so many bytes further is asked for, into the second cache. (8 rows of 256 MB on one core: 18 to 21 ms without, 10.5
with it, 9 for one row; into the first cache, or 2 KB ahead, 14 to 16. Up to 4 rows it does not help.)"""

_FLOAT, _WORD, _ADDRESS = ir.FloatType(), ir.IntType(32), ir.IntType(64)
_SUMS, _PAIRS, _NUMBERS = ir.VectorType(_FLOAT, LANES), ir.VectorType(_WORD, LANES), ir.VectorType(_FLOAT, LANES)
_UPPER = 0xFFFF0000
_SECOND = 2  # LLVM's word for that cache
_PAIR_PRODUCT = "llvm.x86.avx512bf16.dpbf16ps.512"


def multiplies_pairs() -> bool:
    """Whether this processor has an instruction for pairs of brain floats."""
    return bool(binding.get_host_cpu_features().get("avx512bf16", False))


class _Loop:
    """Writes the loop for so many rows and registers as LLVM code; ``paired``: with that instruction.

    ``rounds``: what is stored is rounded to 16 bit.
    """

    def __init__(self, builder: Any, rows: int, wide: int, *, paired: bool, rounds: bool) -> None:
        self._builder, self._rows, self._wide = builder, rows, wide
        self._add_product = self._add_pairs if paired else self._add_widened
        self._finished = self._rounded if rounds else lambda sums: sums

    def write(self, tile: Any, x: Any, x_step: Any, pairs: Any, y: Any, y_step: Any) -> None:
        """``x`` and ``y``: addresses of the first row, ``x_step`` and ``y_step``: bytes from one row to the next."""
        build = self._builder
        places = [self._at(y, y_step, row, 4 * LANES * one) for row in range(self._rows) for one in range(self._wide)]
        before = [self._load(place, _SUMS) for place in places]
        entry, loop, after = build.block, build.append_basic_block("pairs"), build.append_basic_block("after")
        build.branch(loop)
        build.position_at_end(loop)
        number = build.phi(_ADDRESS)
        sums = [build.phi(_SUMS) for _ in places]
        found = self._turn(sums, build.add(tile, build.mul(number, _fixed(PAIR * self._wide))), x, x_step, number)
        following = build.add(number, _fixed(1))
        for phi, first, later in zip((number, *sums), (_fixed(0), *before), (following, *found), strict=True):
            phi.add_incoming(first, entry)
            phi.add_incoming(later, loop)
        build.cbranch(build.icmp_signed("<", following, pairs), loop, after)
        build.position_at_end(after)
        for place, one in zip(places, found, strict=True):
            build.store(self._finished(one), build.inttoptr(place, _SUMS.as_pointer())).align = 4

    def _turn(self, sums: Sequence[Any], tile: Any, x: Any, x_step: Any, number: Any) -> list[Any]:
        """One pair of inputs of all rows."""
        build, found = self._builder, []
        weights = [self._load(build.add(tile, _fixed(PAIR * one)), _PAIRS) for one in range(self._wide)]
        if self._rows >= BUSY:
            for one in range(self._wide):
                _write_fetch(build, build.add(tile, _fixed(AHEAD + PAIR * one)))
        begin = build.add(x, build.mul(number, _fixed(4)))
        for row in range(self._rows):
            pair = self._everywhere(self._load(self._at(begin, x_step, row, 0), _WORD))
            mine = sums[row * self._wide : (row + 1) * self._wide]
            found += [self._add_product(one, pair, weight) for one, weight in zip(mine, weights, strict=True)]
        return found

    def _add_pairs(self, sums: Any, pair: Any, weights: Any) -> Any:
        module = self._builder.module
        kind = ir.FunctionType(_SUMS, [_SUMS, _PAIRS, _PAIRS])
        product = module.globals.get(_PAIR_PRODUCT) or ir.Function(module, kind, _PAIR_PRODUCT)
        return self._builder.call(product, [sums, pair, weights])

    def _add_widened(self, sums: Any, pair: Any, weights: Any) -> Any:
        """First numbers lie in the low halves of words, second ones in the high halves."""
        build = self._builder
        for widen in (self._low, self._high):
            product = build.fmul(widen(pair), widen(weights), flags=("contract",))
            sums = build.fadd(sums, product, flags=("contract",))
        return sums

    def _low(self, words: Any) -> Any:
        return self._builder.bitcast(self._builder.shl(words, _all(16)), _NUMBERS)

    def _high(self, words: Any) -> Any:
        return self._builder.bitcast(self._builder.and_(words, _all(_UPPER)), _NUMBERS)

    def _rounded(self, numbers: Any) -> Any:
        """As ``brain_floats.rounded``, all at once."""
        build, words = self._builder, self._builder.bitcast(numbers, _PAIRS)
        odd = build.and_(build.lshr(words, _all(16)), _all(1))
        raised = build.and_(build.add(build.add(words, _all(0x7FFF)), odd), _all(_UPPER))
        lost = build.fcmp_unordered("uno", numbers, numbers)
        return build.bitcast(build.select(lost, _all(0x7FC00000), raised), _NUMBERS)

    def _everywhere(self, word: Any) -> Any:
        build, nothing = self._builder, ir.Constant(_PAIRS, ir.Undefined)
        first = build.insert_element(nothing, word, ir.Constant(_WORD, 0))
        return build.shuffle_vector(first, nothing, ir.Constant(_PAIRS, [0] * LANES))

    def _at(self, start: Any, step: Any, count: int, beyond: int) -> Any:
        build = self._builder
        return build.add(start, build.add(build.mul(step, _fixed(count)), _fixed(beyond)))

    def _load(self, place: Any, kind: Any) -> Any:
        found = self._builder.load(self._builder.inttoptr(place, kind.as_pointer()))
        found.align = 2
        return found


def _fixed(number: int) -> Any:
    return ir.Constant(_ADDRESS, number)


def _all(word: int) -> Any:
    return ir.Constant(_PAIRS, [word] * LANES)


def _write_fetch(build: Any, place: Any) -> None:
    """Ask for the line at an address, which need not be anybody's: such a one is passed over."""
    pointer, name = ir.IntType(8).as_pointer(), "llvm.prefetch.p0"
    kind = ir.FunctionType(ir.VoidType(), [pointer, _WORD, _WORD, _WORD])
    fetch = build.module.globals.get(name) or ir.Function(build.module, kind, name)
    to_read, near, data = (ir.Constant(_WORD, one) for one in (0, _SECOND, 1))
    build.call(fetch, [build.inttoptr(place, pointer), to_read, near, data])


def loop_of(rows: int, wide: int, *, paired: bool, rounds: bool = False) -> Any:
    """Compiled code ``(tile, x, x_step, pairs, y, y_step)`` for so many rows, all of them integers."""

    @intrinsic
    def loop(_context: Any, tile: Any, x: Any, x_step: Any, pairs: Any, y: Any, y_step: Any) -> Any:
        def write(context: Any, builder: Any, _: Any, args: Any) -> Any:
            _Loop(builder, rows, wide, paired=paired, rounds=rounds).write(*args)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 6), write

    return loop


@intrinsic
def _fetch(_context: Any, _place: Any) -> Any:
    """Have the memory at an address brought near."""

    def write(context: Any, builder: Any, _: Any, args: Any) -> Any:
        _write_fetch(builder, args[0])
        return context.get_dummy_value()

    return types.void(types.int64), write


@njit
def fetch_ahead(start: int, size: int) -> None:
    """Have so many bytes brought near while something else is computed."""
    for place in range(start, start + size, LINE):
        _fetch(place)


_PAIRED = multiplies_pairs()
_ONE, _TWO, _THREE, _FOUR, _EIGHT = (loop_of(rows, 2, paired=_PAIRED) for rows in (1, 2, 3, 4, 8))
_ONE_THIN, _TWO_THIN, _FOUR_THIN = (loop_of(rows, 1, paired=_PAIRED) for rows in (1, 2, 4))
_ONE_ROUND, _TWO_ROUND, _FOUR_ROUND, _EIGHT_ROUND = (
    loop_of(rows, 2, paired=_PAIRED, rounds=True) for rows in (1, 2, 4, 8)
)


@njit
def add_wide(tile: int, x: int, x_step: int, pairs: int, y: int, y_step: int, rows: int) -> None:
    """Add ``rows`` rows times a tile of 32 outputs to y."""
    while rows >= 8:
        _EIGHT(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 8 * x_step, y + 8 * y_step, rows - 8
    if rows >= 4:
        _FOUR(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 4 * x_step, y + 4 * y_step, rows - 4
    if rows == 3:
        _THREE(tile, x, x_step, pairs, y, y_step)
    elif rows == 2:
        _TWO(tile, x, x_step, pairs, y, y_step)
    elif rows == 1:
        _ONE(tile, x, x_step, pairs, y, y_step)


@njit
def add_rounded(tile: int, x: int, x_step: int, pairs: int, y: int, y_step: int, rows: int) -> None:
    """The same, and y is rounded to 16 bit."""
    while rows >= 8:
        _EIGHT_ROUND(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 8 * x_step, y + 8 * y_step, rows - 8
    if rows >= 4:
        _FOUR_ROUND(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 4 * x_step, y + 4 * y_step, rows - 4
    if rows >= 2:
        _TWO_ROUND(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 2 * x_step, y + 2 * y_step, rows - 2
    if rows == 1:
        _ONE_ROUND(tile, x, x_step, pairs, y, y_step)


@njit
def add_thin(tile: int, x: int, x_step: int, pairs: int, y: int, y_step: int, rows: int) -> None:
    """As ``add_wide``, with a tile of 16 outputs."""
    while rows >= 4:
        _FOUR_THIN(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 4 * x_step, y + 4 * y_step, rows - 4
    if rows >= 2:
        _TWO_THIN(tile, x, x_step, pairs, y, y_step)
        x, y, rows = x + 2 * x_step, y + 2 * y_step, rows - 2
    if rows == 1:
        _ONE_THIN(tile, x, x_step, pairs, y, y_step)
