"""Memory estimates and presets: arithmetic against figures known from elsewhere."""

from dataclasses import replace

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.methods.method import METHODS
from studio.services.base_holder import HeldBase
from studio.services.base_policy import chat_quantization
from studio.services.memory_estimate import base_memory, training_memory
from studio.services.presets import adapted, presets
from studio.services.run_plan import full_options

GB = 1e9
LLAMA_8B = BaseModel(
    id="base-8b", name="Llama 3.1 8B", path="", fingerprint="", parameters=8_030_261_248, architecture="llama",
    layers=32, hidden_size=4096, intermediate_size=14336, vocabulary=128_256, heads=32, key_value_heads=8,
    context_length=131_072,
)  # fmt: skip
SMOLLM2 = BaseModel(
    id="base-s", name="SmolLM2 135M", path="", fingerprint="", parameters=134_515_008, architecture="llama",
    layers=30, hidden_size=576, intermediate_size=1536, vocabulary=49152, heads=9, key_value_heads=3,
    context_length=8192,
)  # fmt: skip
DEFAULTS = full_options(METHODS.get("qlora"), {})


def test_an_8b_base() -> None:
    needed = base_memory(LLAMA_8B)
    assert needed["16-bit"] == pytest.approx(16.06 * GB, rel=0.001)
    # 6.98e9 linear weights at 4.127 bits, and 1.05e9 embedding and head weights at 16.
    assert needed["NF4"] == pytest.approx(5.70 * GB, rel=0.01)
    assert needed["NF4"] < needed["8-bit"] < needed["16-bit"]


def test_adapter_and_optimizer() -> None:
    estimate = training_memory(SMOLLM2, "nf4", DEFAULTS)
    # Counted by PEFT for r=16 on all linear layers of SmolLM2 135M: 4,884,480 factors.
    assert estimate.adapter == 4 * 4_884_480
    assert estimate.optimizer == 12 * 4_884_480
    parts = estimate.base + estimate.adapter + estimate.optimizer + estimate.activations + estimate.overhead
    assert estimate.total == parts


def test_the_lever_is_named() -> None:
    short = DEFAULTS | {"batch_size": 1, "max_length": 512}

    def advice(quantization: str, options: dict[str, object], gigabytes: int) -> str:
        return training_memory(LLAMA_8B, quantization, options, int(gigabytes * GB)).advice

    assert training_memory(LLAMA_8B, "none", short, int(80 * GB)).fits
    assert advice("none", short, 80) == ""
    assert advice("none", short, 16).startswith("QLoRA")
    assert advice("nf4", DEFAULTS, 24) == ""
    assert advice("nf4", DEFAULTS, 10) == "It would fit with batch size 1."
    assert "a window of 512 tokens" in advice("nf4", DEFAULTS, 8)
    assert "QLoRA, batch size 1" in advice("none", DEFAULTS, 8)
    assert not training_memory(LLAMA_8B, "nf4", DEFAULTS, int(4 * GB)).fits
    assert "smaller" in advice("nf4", DEFAULTS, 4)


def test_more_costs_more() -> None:
    plain = training_memory(SMOLLM2, "nf4", DEFAULTS).total
    assert training_memory(SMOLLM2, "nf4", DEFAULTS | {"rank": 64}).total > plain
    assert training_memory(SMOLLM2, "none", DEFAULTS).total > plain
    assert training_memory(SMOLLM2, "nf4", DEFAULTS | {"target_modules": "attention"}).total < plain
    assert training_memory(SMOLLM2, "nf4", DEFAULTS | {"batch_size": 1}).total < plain


def test_every_preset_gives_a_reason_for_everything() -> None:
    assert [preset.name for preset in presets()] == ["taste", "balanced", "thorough"]
    for preset in presets():
        assert preset.options.keys() == preset.reasons.keys()
        assert all(reason.endswith(".") for reason in preset.reasons.values())
        full_options(METHODS.get("qlora"), preset.options)


def test_presets_look_at_data_and_base() -> None:
    assert adapted("balanced", persona_turns=400, parameters=135_000_000).options["learning_rate"] == 1e-3
    assert adapted("balanced", persona_turns=400, parameters=8_000_000_000).options["learning_rate"] == 1e-4
    assert adapted("thorough", persona_turns=5000, parameters=135_000_000).options["epochs"] == 3.0
    assert adapted("balanced", persona_turns=30, parameters=135_000_000).options["epochs"] == 4.0
    with pytest.raises(StudioError, match="preset_unknown"):
        adapted("magic", persona_turns=1, parameters=1)


@pytest.mark.parametrize(
    ("setting", "base", "device", "memory", "wanted"),
    [
        ("auto", SMOLLM2, "cpu", 16, "none"),
        ("auto", LLAMA_8B, "cpu", 64, "nf4"),
        ("auto", LLAMA_8B, "cuda", 24, "none"),
        ("auto", LLAMA_8B, "cuda", 16, "nf4"),
        ("nf4", SMOLLM2, "cuda", 80, "nf4"),
        ("none", LLAMA_8B, "cuda", 16, "none"),
    ],
)
def test_how_a_base_is_kept_for_chat(setting: str, base: BaseModel, device: str, memory: int, wanted: str) -> None:
    found = chat_quantization(setting, base, expected=None, reserved=None, device=device, memory=int(memory * GB))
    assert found == wanted


def test_chat_takes_what_is_there() -> None:
    held = HeldBase(base=SMOLLM2, quantization="nf4")
    other = HeldBase(base=replace(SMOLLM2, id="base-other"), quantization="nf4")
    for place in ({"reserved": held, "expected": None}, {"reserved": None, "expected": held}):
        assert chat_quantization("auto", SMOLLM2, **place, device="cpu", memory=0) == "nf4"
    assert chat_quantization("auto", SMOLLM2, reserved=None, expected=other, device="cpu", memory=0) == "none"
