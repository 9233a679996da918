"""Presets: three honest starting points, adapted to how much there is to learn and how big the base is.

Where the rules come from: LoRA wants about ten times the rate of full fine-tuning, fifteen times in runs of under a
hundred steps; the best rate hardly depends on the rank while alpha stays; low ranks learn as fast as high ones until
much data fills them; batches stay under 32 (LoRA Without Regret, 2025). Small ranks carry style, larger ones facts.
Lines are learned by heart before held-out loss turns (2510.11372), so the best checkpoint is kept.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from studio.domain.errors import StudioError
from studio.services.trained_amount import TrainedAmount, from_turns
from studio.texts import tr

TINY_BASE = 500_000_000
LARGE_BASE = 7_000_000_000

LITTLE = 15_000
MUCH = 80_000
VERY_MUCH = 200_000
BOOKS = 1_000_000
"""Trained tokens, about: 300 lines, 2,000 lines, 5,000 lines, a shelf of novels."""

FEW_STEPS = 100
MANY_STEPS = 1000
ENOUGH_STEPS = 40
LEAST_STEPS = 20
MOST_PASSES = 8
TASTE_STEPS = 120
BATCHES = (16, 8, 4, 2)


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
    return [adapted(name, trained_tokens=40_000, parameters=3_000_000_000) for name in _SHAPES]


def adapted(
    name: str,
    *,
    parameters: int,
    trained_tokens: int = 0,
    persona_turns: int = 0,
    conversations: int = 0,
    amount: TrainedAmount | None = None,
) -> Preset:
    """Return the preset called ``name`` for this much data and a base of this size.

    The amount as a whole (``services.trained_amount``), or what is known of it: tokens, else turns.
    """
    if name not in _SHAPES:
        raise StudioError("preset_unknown", name=name, known=", ".join(_SHAPES))
    if amount is None:
        known = from_turns(persona_turns) if not trained_tokens else TrainedAmount(tokens=trained_tokens)
        amount = replace(known, conversations=conversations)
    shape = _SHAPES[name]
    plan = _planned(shape, amount, parameters)
    values = [value for rule in _RULES if (value := rule(plan)) is not None]
    return Preset(
        name=name,
        label=tr(shape.label),
        summary=tr(shape.summary),
        options={option: value for option, value, _ in values},
        reasons={option: reason for option, _, reason in values},
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
        summary="A few passes: what most personas need.",
        rank=16,
        epochs=3.0,
        rank_reason="Rank 16 holds a voice and habits without room for learning lines by heart.",
    ),
    "thorough": _Shape(
        label="Thorough",
        summary="More passes and more room, for a persona with much to remember.",
        rank=32,
        epochs=5.0,
        rank_reason="A larger rank has room for names, places and facts beside the voice.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What the rules look at. ``steps`` is about how many steps the run will have."""

    shape: _Shape
    amount: TrainedAmount
    parameters: int
    epochs: float
    epochs_reason: str
    batch: int
    steps: int

    @property
    def tokens(self) -> int:
        """Trained tokens of a pass; 0: not known."""
        return self.amount.tokens


_Value = tuple[str, object, str]


def _planned(shape: _Shape, amount: TrainedAmount, parameters: int) -> _Plan:
    """Passes follow from the tokens, the batch from the passes, the steps from both."""
    epochs, reason = _epochs(shape, amount)
    examples = amount.examples()
    batch = next((one for one in BATCHES[1:] if examples * epochs / one >= ENOUGH_STEPS), BATCHES[-1])
    if examples * epochs / BATCHES[0] >= MANY_STEPS:
        batch = BATCHES[0]
    if not amount.tokens:
        batch = 8
    steps = math.ceil(examples / batch * epochs)
    return _Plan(
        shape=shape, amount=amount, parameters=parameters, epochs=epochs, epochs_reason=reason, batch=batch, steps=steps
    )


def _epochs(shape: _Shape, amount: TrainedAmount) -> tuple[float, str]:
    tokens, usual = amount.tokens, shape.epochs
    needed = math.ceil(LEAST_STEPS * BATCHES[-1] / amount.examples())
    if 0 < tokens < LITTLE and needed > usual + 1:
        passes = min(MOST_PASSES, needed)
        reason = tr(
            "So little data would be over after a few steps; in {passes} passes it can be learned.", passes=passes
        )
        return float(passes), reason
    if usual == 1:
        return usual, tr("One pass shows whether it is worth more.")
    if 0 < tokens < LITTLE:
        return usual + 1, tr(
            "About {tokens} tokens are little to learn from, so they are read once more.", tokens=tokens
        )
    if tokens >= BOOKS:
        return max(1.0, usual - 3), tr("With a million tokens and more, most is learned the first time it is read.")
    if tokens >= VERY_MUCH:
        return max(1.0, usual - 2), tr("About {tokens} tokens are a lot, so fewer passes are enough.", tokens=tokens)
    if tokens >= MUCH:
        return usual - 1, tr("About {tokens} tokens are much, so one pass less is enough.", tokens=tokens)
    return usual, tr("After that, held-out loss usually stops falling.")


def _rank(plan: _Plan) -> _Value:
    if plan.shape.rank > 16 and 0 < plan.tokens < LITTLE:
        return "rank", 16, tr("There is too little data to fill a larger rank; it would only learn lines by heart.")
    if plan.shape.rank > 16 and plan.tokens >= BOOKS:
        return "rank", 64, tr("So much data fills a small rank; this one has room for it.")
    return "rank", plan.shape.rank, tr(plan.shape.rank_reason)


def _alpha(plan: _Plan) -> _Value:
    return "alpha", 32.0, tr("Alpha stays at 32 for every rank, so that one learning rate suits all of them.")


def _learning_rate(plan: _Plan) -> _Value:
    if plan.parameters < TINY_BASE:
        return "learning_rate", 1e-3, tr("A base this small needs big steps to take on a voice.")
    large = plan.parameters >= LARGE_BASE
    usual = 1e-4 if large else 2e-4
    if plan.tokens and plan.steps < FEW_STEPS:
        reason = tr("The run has only about {steps} steps, so each may be half as big again.", steps=plan.steps)
        return "learning_rate", round(1.5 * usual, 7), reason
    if plan.steps > MANY_STEPS:
        return "learning_rate", 1e-4, tr("Over about {steps} steps, smaller ones go further.", steps=plan.steps)
    if large:
        return "learning_rate", usual, tr("A base this large already speaks well; small steps keep what it knows.")
    return "learning_rate", usual, tr("The usual step for LoRA on a base of this size.")


def _warmup(plan: _Plan) -> _Value:
    if plan.steps < FEW_STEPS:
        return "warmup_ratio", 0.1, tr("In a short run a tenth of the steps is needed to find the direction gently.")
    return "warmup_ratio", 0.06, tr("The first steps are small, until the optimiser knows the ground.")


def _passes(plan: _Plan) -> _Value:
    return "epochs", plan.epochs, plan.epochs_reason


def _most_steps(plan: _Plan) -> _Value | None:
    if plan.shape.epochs > 1 or plan.steps <= TASTE_STEPS:
        return None
    return "max_steps", TASTE_STEPS, tr("A voice can be heard after {steps} steps; a taste need not be the whole meal.",
                                        steps=TASTE_STEPS)  # fmt: skip


def _batch(plan: _Plan) -> _Value:
    if plan.batch < 8:
        return "batch_size", plan.batch, tr("With little data, smaller batches leave enough steps to learn in.")
    if plan.batch > 8:
        return (
            "batch_size",
            plan.batch,
            tr("There are plenty of steps, so each can be steadier; larger ones learn less."),
        )
    return "batch_size", 8, tr("Eight conversations a step give a steady direction and leave steps enough.")


def _dropout(plan: _Plan) -> _Value | None:
    if plan.shape.epochs > 1 and 0 < plan.tokens < LITTLE:
        return "dropout", 0.05, tr("Leaving out a twentieth at random makes learning so few lines by heart harder.")
    return None


def _best(plan: _Plan) -> _Value | None:
    if plan.shape.epochs == 1:
        return None
    return "keep_best", True, tr("Lines are learned by heart towards the end; the adapter is the best one measured.")


def _early_stop(plan: _Plan) -> _Value | None:
    if plan.shape.epochs <= 3:
        return None
    return "early_stop", 3, tr("Five passes may be too many: after three measurements without gain the run ends.")


_RULES: tuple[Callable[[_Plan], _Value | None], ...] = (
    _rank, _alpha, _dropout, _learning_rate, _warmup, _passes, _most_steps, _batch, _best, _early_stop
)  # fmt: skip
