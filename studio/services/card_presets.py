"""Presets by card: the method, window and what is kept that fit 8, 12, 16 or 24 GB with this base, with reasons.

What fits is asked of ``memory_estimate``, whole plans from the best to the leanest; the first that fits is taken. The
values that memory has no part in are those of the preset *Balanced*, the batch among them: it is read in parts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.methods.method import AUTO, METHODS, OFF, ON
from studio.options import build, options_of
from studio.services.memory_estimate import MemoryEstimate, training_memory
from studio.services.presets import Preset, adapted
from studio.services.trained_amount import TrainedAmount
from studio.texts import tr

CARDS = (8, 12, 16, 24)
PREFIX = "card-"

FREE_SHARE = 0.92
"""Of a card's memory; the desktop, a browser and the driver have the rest."""

WINDOWS = (2048, 1024, 512)
_METHODS = {
    "lora": "The base fits in 16 bit, which trains faster and a little more exactly than 4 bit.",
    "qlora": "In 4 bit the base takes about a third of its memory, and hardly learns worse.",
}
_GIGABYTE = 2**30


@dataclass(frozen=True, kw_only=True)
class CardPreset(Preset):
    """``fits`` False: not even the leanest plan does. ``needed``: bytes by the estimate."""

    gigabytes: int
    method: str = "qlora"
    fits: bool = True
    needed: int = 0


def card_presets(base: BaseModel | None = None, trained: TrainedAmount | int = 0) -> list[CardPreset]:
    """One preset for each size of card, the smallest first; without a base only their names.

    ``trained``: how much there is to learn, or only its tokens.
    """
    amount = TrainedAmount(tokens=trained) if isinstance(trained, int) else trained
    return [_named(gigabytes) if base is None else card_preset(gigabytes, base, amount) for gigabytes in CARDS]


def card_preset(gigabytes: int, base: BaseModel, amount: TrainedAmount) -> CardPreset:
    """The best plan that fits a card of this size."""
    balanced = adapted("balanced", parameters=base.parameters, amount=amount)
    plan = _planned(base, balanced, int(gigabytes * _GIGABYTE * FREE_SHARE))
    return replace(
        _named(gigabytes),
        method=plan.method,
        summary=_summary(plan, gigabytes),
        options={**balanced.options, **plan.options},
        reasons={**balanced.reasons, **plan.reasons},
        fits=plan.estimate.fits,
        needed=plan.estimate.total,
    )


def preset_named(name: str, base: BaseModel, amount: TrainedAmount) -> Preset:
    """Any preset, by its name: one of the three, or a card's."""
    if not name.startswith(PREFIX):
        return adapted(name, parameters=base.parameters, amount=amount)
    sizes = {one.name: one.gigabytes for one in card_presets()}
    if name not in sizes:
        raise StudioError("preset_unknown", name=name, known=", ".join(sizes))
    return card_preset(sizes[name], base, amount)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """A method and the options that memory has a part in. The batch is none of them: it is read in parts that fit."""

    method: str
    window: int
    offload: str
    estimate: MemoryEstimate

    @property
    def options(self) -> dict[str, object]:
        """What is set; what the card has room for is left to the engine, which may still need it otherwise."""
        checkpointing = ON if self.estimate.checkpointed else AUTO
        return {"max_length": self.window, "activation_checkpointing": checkpointing, "offload": self.offload}

    @property
    def reasons(self) -> dict[str, str]:
        """One for each option, and one for the method."""
        return {
            "method": tr(_METHODS[self.method]),
            "max_length": _window_reason(self.window),
            "activation_checkpointing": _checkpointing_reason(self.estimate.checkpointed),
            "offload": _offload_reason(self.offload),
        }


def _planned(base: BaseModel, balanced: Preset, available: int) -> _Plan:
    """The first plan that fits, from the best to the leanest; the leanest where none does."""
    for plan in _plans(base, balanced, available):
        if plan.estimate.fits:
            return plan
    return plan


def _plans(base: BaseModel, balanced: Preset, available: int) -> Iterator[_Plan]:
    """Moving things out of the card is the last resort: it costs far more time than a shorter window costs memory."""
    windows = sorted({min(one, base.context_length or one) for one in WINDOWS}, reverse=True)
    for offload in (OFF, ON):
        for window in windows:
            for method in _METHODS:
                wanted = {**balanced.options, "max_length": window, "offload": offload}
                yield _Plan(
                    method=method, window=window, offload=offload, estimate=_estimate(base, method, wanted, available)
                )


def _estimate(base: BaseModel, name: str, wanted: Mapping[str, object], available: int) -> MemoryEstimate:
    method = METHODS.get(name)
    known = options_of(method.options)
    full = vars(build(method.options, {option: value for option, value in wanted.items() if option in known}))
    return training_memory(base, method.quantization_for(full), full, available, "cuda", method=name)


def _named(gigabytes: int) -> CardPreset:
    return CardPreset(
        name=f"{PREFIX}{gigabytes}",
        label=tr("{gigabytes} GB", gigabytes=gigabytes),
        summary=tr("The method and window that fit a card of {gigabytes} GB.", gigabytes=gigabytes),
        options={},
        gigabytes=gigabytes,
    )


def _summary(plan: _Plan, gigabytes: int) -> str:
    if not plan.estimate.fits:
        return tr("This base is too large to be trained on a card of {gigabytes} GB; choose a smaller one.",
                  gigabytes=gigabytes)  # fmt: skip
    return tr(
        "{method} with a window of {window} tokens, in about {needed} GB.",
        method=METHODS.get(plan.method).label,
        window=plan.window,
        needed=f"{plan.estimate.total / _GIGABYTE:.1f}",
    )


def _window_reason(window: int) -> str:
    if window >= WINDOWS[0]:
        return tr("Long enough for most chats to be read whole.")
    return tr("A longer window does not fit; longer conversations are cut between turns.")


def _checkpointing_reason(checkpointed: bool) -> str:
    if checkpointed:
        return tr("Each layer is computed twice and hardly kept: a third more time for most of the memory.")
    return tr("There is room to keep what each layer computed, and that is the fastest.")


def _offload_reason(offload: str) -> str:
    if offload == ON:
        return tr("Nothing else makes this base fit; the main memory helps out, and that is slow.")
    return tr("Everything stays on the card, because the main memory is far away.")
