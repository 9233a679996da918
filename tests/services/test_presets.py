"""Presets: what they choose for how much data and which base, that every value has its reason, and what fits a card."""

from dataclasses import replace

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.library.conversation_store import DataFigures
from studio.methods.method import METHODS
from studio.protocol.events import TokensCounted
from studio.services.card_presets import CARDS, FREE_SHARE, CardPreset, card_preset, card_presets, preset_named
from studio.services.memory_estimate import training_memory
from studio.services.presets import Preset, adapted, presets
from studio.services.run_plan import full_options, preset_for
from studio.services.studio import Studio
from studio.services.trained_amount import TrainedAmount, from_turns, learned_of

SMALL, MIDDLE, LARGE = 135_000_000, 3_000_000_000, 8_000_000_000
AMOUNTS = (0, 300, 1_900, 5_000, 20_000, 60_000, 120_000, 400_000, 3_000_000)
LLAMA_8B = BaseModel(
    id="base-8b", name="Llama 3.1 8B", path="", fingerprint="", parameters=8_030_261_248, architecture="llama",
    layers=32, hidden_size=4096, intermediate_size=14336, vocabulary=128_256, heads=32, key_value_heads=8,
    context_length=131_072,
)  # fmt: skip
LLAMA_3B = replace(
    LLAMA_8B, id="base-3b", parameters=3_212_749_824, layers=28, hidden_size=3072, intermediate_size=8192, heads=24
)
SMOLLM2 = replace(
    LLAMA_8B, id="base-s", parameters=134_515_008, layers=30, hidden_size=576, intermediate_size=1536,
    vocabulary=49152, heads=9, key_value_heads=3, context_length=1536,
)  # fmt: skip
HUGE = replace(LLAMA_8B, id="base-70b", parameters=70_550_000_000, layers=80, hidden_size=8192, intermediate_size=28672)


def _of(name: str, tokens: int, parameters: int = MIDDLE, conversations: int = 0) -> dict[str, object]:
    found = adapted(name, trained_tokens=tokens, parameters=parameters, conversations=conversations)
    return dict(found.options)


def _complete(preset: Preset) -> None:
    assert set(preset.options) <= set(preset.reasons) <= {*preset.options, "method"}
    for reason in preset.reasons.values():
        assert reason.endswith(".")
        assert reason.count(". ") == 0, "one sentence"
        assert "{" not in reason
    for method in METHODS.all().values():
        full_options(method, preset_for(method, preset.options))


@pytest.mark.parametrize("tokens", AMOUNTS)
@pytest.mark.parametrize("parameters", [SMALL, MIDDLE, LARGE])
def test_every_value_has_its_reason(tokens: int, parameters: int) -> None:
    for name in ("taste", "balanced", "thorough"):
        _complete(adapted(name, trained_tokens=tokens, parameters=parameters))


def test_three_of_them_the_quickest_first() -> None:
    found = presets()
    assert [preset.name for preset in found] == ["taste", "balanced", "thorough"]
    for preset in found:
        _complete(preset)
    ranks, passes = ([float(str(one.options[what])) for one in found] for what in ("rank", "epochs"))
    assert ranks == [8, 16, 32]
    assert passes == [1, 3, 5]
    with pytest.raises(StudioError, match="preset_unknown"):
        adapted("magic", persona_turns=1, parameters=1)


@pytest.mark.parametrize("name", ["balanced", "thorough"])
def test_more_to_learn_is_read_less_often(name: str) -> None:
    passes = [float(str(_of(name, tokens)["epochs"])) for tokens in AMOUNTS[1:]]
    assert passes == sorted(passes, reverse=True)
    assert passes[0] > passes[-1] >= 1
    assert max(passes) <= 8


def test_little_data_is_not_over_at_once() -> None:
    """Three hundred tokens in two conversations, once in batches of eight, would be a single step."""
    for name in ("taste", "balanced", "thorough"):
        found = _of(name, 300, conversations=2)
        assert float(str(found["epochs"])) * 2 / int(str(found["batch_size"])) >= 8
    assert _of("balanced", 5_000)["dropout"] == 0.05
    assert "dropout" not in _of("taste", 5_000)
    assert "dropout" not in _of("balanced", 60_000)


def test_a_taste_of_much_ends_early() -> None:
    assert "max_steps" not in _of("taste", 20_000)
    assert _of("taste", 3_000_000)["max_steps"] == 120
    assert "max_steps" not in _of("balanced", 3_000_000)


def test_rank_follows_what_there_is_to_remember() -> None:
    assert [_of("thorough", tokens)["rank"] for tokens in (5_000, 60_000, 3_000_000)] == [16, 32, 64]
    assert {_of("balanced", tokens)["rank"] for tokens in AMOUNTS} == {16}
    assert {_of(name, tokens)["alpha"] for name in ("taste", "thorough") for tokens in AMOUNTS} == {32.0}


def test_rate_follows_base_and_steps() -> None:
    assert _of("balanced", 60_000, SMALL)["learning_rate"] == 1e-3
    assert _of("balanced", 60_000, MIDDLE)["learning_rate"] == 3e-4  # ninety steps
    assert _of("thorough", 60_000, MIDDLE)["learning_rate"] == 2e-4
    assert _of("thorough", 60_000, LARGE)["learning_rate"] == 1e-4
    assert _of("balanced", 5_000, LARGE)["learning_rate"] == 1.5e-4
    assert _of("thorough", 3_000_000, MIDDLE)["learning_rate"] == 1e-4
    assert _of("balanced", 5_000)["warmup_ratio"] == 0.1
    assert _of("thorough", 400_000)["warmup_ratio"] == 0.06


def test_batches_leave_steps_enough() -> None:
    sizes = [int(str(_of("balanced", tokens)["batch_size"])) for tokens in AMOUNTS[1:]]
    assert sizes == sorted(sizes)
    assert set(sizes) <= {2, 4, 8, 16}
    assert _of("thorough", 60_000, conversations=4_000)["batch_size"] == 16


def test_long_chats_are_many_pieces() -> None:
    """One conversation of a hundred thousand tokens is some two hundred windows, not one example."""
    assert TrainedAmount(tokens=100_000, conversations=1).examples() == 196
    assert TrainedAmount(tokens=1_000, conversations=30).examples() == 30
    assert _of("balanced", 100_000, conversations=1)["batch_size"] == 8


def test_what_is_only_known_by_turns_still_counts() -> None:
    few = adapted("balanced", persona_turns=30, parameters=MIDDLE)
    many = adapted("balanced", persona_turns=8_000, parameters=MIDDLE)
    assert few.options["epochs"] > many.options["epochs"]  # type: ignore[operator]
    assert from_turns(30).tokens == 1_200
    assert adapted("balanced", amount=from_turns(30), parameters=MIDDLE) == few


def test_tokens_are_reckoned_from_words_until_they_are_counted() -> None:
    figures = DataFigures(conversations=10, persona_turns=40, turns=80, words=2_000, heldout=1, lengths=[25] * 40)
    found = learned_of(figures)
    assert (found.tokens, found.replies, found.conversations, found.counted) == (round(1_430 * 0.9), 36, 9, False)
    assert learned_of(figures, 3_000).tokens == 2_700
    assert learned_of(replace(figures, persona_turns=0)) == TrainedAmount()


def test_the_engines_count_is_taken(studio: Studio, persona: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = studio.data.trained_amount(persona.id, 0.0)
    words = sum(studio.data.overview(persona.id).turn_lengths)
    assert (plain.tokens, plain.replies, plain.conversations) == (round(words * 1.35) + 2 * 80, 80, 40)
    assert not plain.counted
    assert studio.data.trained_amount(persona.id, 0.5).conversations < 40
    counted = TokensCounted(job="j", tokens=4000, trained_tokens=900, windowed=0)
    monkeypatch.setattr(studio.data._desk.counts, "known", lambda *all: counted)
    assert studio.data.trained_amount(persona.id, 0.0).tokens == 900
    assert studio.data.trained_amount(persona.id, 0.0).counted
    assert studio.data.overview(persona.id).tokens == 4000


def test_training_knows_them_all(studio: Studio, persona: Persona, base: BaseModel) -> None:
    amount = studio.data.trained_amount(persona.id)
    taste = studio.training.preset("taste", persona.id, base)
    assert taste == adapted("taste", parameters=base.parameters, amount=amount)
    assert studio.training.preset_options("taste", persona.id, base)["rank"] == 8
    cards = studio.training.card_presets(base, persona.id)
    assert cards[1] == studio.training.preset("card-12", persona.id, base)
    assert [one.options for one in studio.training.card_presets()] == [{}] * 4


# -- by card ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [SMOLLM2, LLAMA_3B, LLAMA_8B])
@pytest.mark.parametrize("tokens", [0, 5_000, 400_000])
def test_what_a_card_is_given_fits_it(base: BaseModel, tokens: int) -> None:
    found = card_presets(base, tokens)
    assert [one.gigabytes for one in found] == list(CARDS)
    for one in found:
        _complete(one)
        assert one.fits
        method = METHODS.get(one.method)
        full = full_options(method, preset_for(method, one.options))
        room = int(one.gigabytes * 2**30 * FREE_SHARE)
        estimate = training_memory(base, method.quantization_for(full), full, room, method=one.method)
        assert estimate.fits
        assert estimate.total == one.needed <= room


def test_a_larger_card_is_given_no_less() -> None:
    for base in (SMOLLM2, LLAMA_3B, LLAMA_8B):
        found = card_presets(base, 60_000)
        windows = [int(str(one.options["max_length"])) for one in found]
        exact = [one.method == "lora" for one in found]
        assert windows == sorted(windows)
        assert exact == sorted(exact)
        assert found[-1].options["offload"] == "off"


def test_an_8b_base_by_card() -> None:
    small, *_, large = card_presets(LLAMA_8B, 60_000)
    assert (small.method, large.method) == ("qlora", "lora")
    assert small.options["activation_checkpointing"] == "on"
    assert int(str(small.options["max_length"])) < 2048
    assert "4 bit" in small.reasons["method"]
    assert "16 bit" in large.reasons["method"]
    assert "cut between turns" in small.reasons["max_length"]
    assert small.summary.startswith("QLoRA with a window of")


def test_a_small_base_has_room_for_everything() -> None:
    found = card_preset(24, SMOLLM2, TrainedAmount(tokens=60_000))
    assert (found.method, found.options["max_length"]) == ("lora", 1536)  # all that it can read
    assert found.options["activation_checkpointing"] == "auto"
    assert "room to keep" in found.reasons["activation_checkpointing"]


def test_what_fits_no_card_is_said() -> None:
    found = card_preset(8, HUGE, TrainedAmount(tokens=60_000))
    assert not found.fits
    assert found.needed > 8 * 2**30
    assert "choose a smaller one" in found.summary


def test_presets_by_name() -> None:
    amount = TrainedAmount(tokens=60_000)
    assert preset_named("taste", LLAMA_3B, amount) == adapted("taste", parameters=LLAMA_3B.parameters, amount=amount)
    card = preset_named("card-12", LLAMA_3B, amount)
    assert isinstance(card, CardPreset)
    assert card.gigabytes == 12
    assert [one.name for one in card_presets()] == ["card-8", "card-12", "card-16", "card-24"]
    for name in ("card-9", "magic"):
        with pytest.raises(StudioError, match="preset_unknown"):
            preset_named(name, LLAMA_3B, amount)
