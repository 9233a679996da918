"""Presets: three honest starting points, adapted to how much data there is and how big the base is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.domain.errors import StudioError
from studio.texts import tr

TINY_BASE = 500_000_000
LARGE_BASE = 7_000_000_000
MUCH_DATA = 2000
LITTLE_DATA = 60


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Options with a one-sentence reason for each."""

    name: str
    label: str
    summary: str
    options: Mapping[str, object]
    reasons: Mapping[str, str] = field(default_factory=dict)


def presets() -> list[Preset]:
    """All presets in the user's language, the quickest first, as they are for a base of ordinary size."""
    return [adapted(name, persona_turns=400, parameters=3_000_000_000) for name in _SHAPES]


def adapted(name: str, *, persona_turns: int, parameters: int) -> Preset:
    """Return the preset called ``name`` for this much data and a base of this size."""
    if name not in _SHAPES:
        raise StudioError("preset_unknown", name=name, known=", ".join(_SHAPES))
    shape = _SHAPES[name]
    values = [_rank(shape), _alpha(), _learning_rate(parameters), _epochs(shape, persona_turns), _batch(persona_turns)]
    return Preset(
        name=name,
        label=tr(shape.label),
        summary=tr(shape.summary),
        options={option: value for option, value, _ in values},
        reasons={option: tr(reason) for option, _, reason in values},
    )


@dataclass(frozen=True, kw_only=True)
class _Shape:
    label: str
    summary: str
    rank: int
    epochs: float
    rank_reason: str


_SHAPES = {
    "taste": _Shape(
        label="Taste",
        summary="One pass, to hear in minutes whether the data has a voice.",
        rank=8,
        epochs=1.0,
        rank_reason="A small rank carries style, and style is what a first taste shows.",
    ),
    "balanced": _Shape(
        label="Balanced",
        summary="Three passes: what most personas need.",
        rank=16,
        epochs=3.0,
        rank_reason="Rank 16 holds a voice and habits without room for learning lines by heart.",
    ),
    "thorough": _Shape(
        label="Thorough",
        summary="Five passes with more room, for a persona with much to remember.",
        rank=32,
        epochs=5.0,
        rank_reason="A larger rank has room for names, places and facts beside the voice.",
    ),
}
_Value = tuple[str, object, str]


def _rank(shape: _Shape) -> _Value:
    return "rank", shape.rank, shape.rank_reason


def _alpha() -> _Value:
    return "alpha", 32.0, "Alpha stays at 32 for every rank, so that one learning rate suits all of them."


def _learning_rate(parameters: int) -> _Value:
    if parameters < TINY_BASE:
        return "learning_rate", 1e-3, "A base this small needs big steps to take on a voice."
    if parameters >= LARGE_BASE:
        return "learning_rate", 1e-4, "A base this large already speaks well; small steps keep what it knows."
    return "learning_rate", 2e-4, "The usual step for LoRA on a base of this size."


def _epochs(shape: _Shape, persona_turns: int) -> _Value:
    if shape.epochs > 1 and persona_turns > MUCH_DATA:
        return "epochs", max(1.0, shape.epochs - 2), "There is a lot of data, so fewer passes are enough."
    if shape.epochs > 1 and 0 < persona_turns < LITTLE_DATA:
        return "epochs", shape.epochs + 1, "There is little data, so it is read once more."
    if shape.epochs == 1:
        return "epochs", 1.0, "One pass shows whether it is worth more."
    return "epochs", shape.epochs, "After that, held-out loss usually stops falling."


def _batch(persona_turns: int) -> _Value:
    if 0 < persona_turns < LITTLE_DATA:
        return "batch_size", 4, "With little data, smaller batches leave enough steps to learn in."
    return "batch_size", 8, "Eight conversations a step give a steady direction and fit most cards."
