"""Memory estimates: arithmetic against figures known from elsewhere."""

from dataclasses import replace

import pytest

from studio.domain.base_model import BaseModel
from studio.methods.method import METHODS
from studio.services.base_holder import HeldBase
from studio.services.base_policy import chat_quantization
from studio.services.memory_estimate import MemoryEstimate, base_memory, training_memory
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
    estimate = training_memory(SMOLLM2, "nf4", DEFAULTS, device="cpu")
    # Counted by PEFT for r=16 on all linear layers of SmolLM2 135M: 4,884,480 factors.
    assert estimate.adapter == 4 * 4_884_480
    assert estimate.optimizer == 12 * 4_884_480
    parts = estimate.base + estimate.adapter + estimate.optimizer + estimate.activations + estimate.overhead
    assert estimate.total == parts


def test_on_a_card_the_optimiser_keeps_8_bits() -> None:
    for optimizer, bytes_each in (("auto", 4 + 2), ("paged_adamw_8bit", 4 + 2), ("adamw", 4 + 8)):
        estimate = training_memory(SMOLLM2, "nf4", DEFAULTS | {"optimizer": optimizer})
        assert estimate.optimizer == bytes_each * 4_884_480


def test_every_method_has_figures_of_its_own() -> None:
    def figures(method: str, quantization: str) -> MemoryEstimate:
        options = full_options(METHODS.get(method), {})
        return training_memory(SMOLLM2, quantization, options, device="cpu", method=method)

    lora, full = figures("lora", "none"), figures("full", "none")
    assert figures("prompt_tuning", "none").adapter == 4 * 20 * 576
    assert figures("ia3", "none").adapter == 4 * 30 * (2 * 192 + 1536)
    assert full.base == lora.base + 4 * SMOLLM2.parameters  # a copy of the base in fp32 beside it
    assert full.optimizer == 12 * 106_168_320
    assert full.total > lora.total
    assert figures("lora_8bit", "int8").base < lora.base
    for method in METHODS.all().values():
        options = full_options(method, {})
        assert training_memory(SMOLLM2, method.quantization, options, device="cpu", method=method.name).total > 0


def test_a_pair_of_replies_takes_two_rows() -> None:
    options = full_options(METHODS.get("dpo"), {"batch_size": 1})
    pairs = training_memory(SMOLLM2, "none", options, device="cpu", method="dpo")
    windows = training_memory(SMOLLM2, "none", DEFAULTS | {"batch_size": 1}, device="cpu")
    assert pairs.activations > 1.8 * windows.activations


def test_the_lever_is_named() -> None:
    short = DEFAULTS | {"max_length": 512}

    def advice(quantization: str, options: dict[str, object], gigabytes: float) -> str:
        return training_memory(LLAMA_8B, quantization, options, int(gigabytes * GB)).advice

    assert training_memory(LLAMA_8B, "none", short, int(80 * GB)).fits
    assert advice("none", short, 80) == ""
    assert advice("none", short, 16).startswith("QLoRA")
    assert advice("nf4", DEFAULTS, 24) == ""
    assert not training_memory(LLAMA_8B, "nf4", DEFAULTS, int(4 * GB)).fits
    assert "smaller" in advice("nf4", DEFAULTS, 4)


def test_a_shorter_window_is_the_lever_where_it_is_enough() -> None:
    long = DEFAULTS | {"max_length": 8192}
    least = training_memory(LLAMA_8B, "nf4", DEFAULTS | {"max_length": 512}, 1).total
    assert training_memory(LLAMA_8B, "nf4", long, least).advice == "It would fit with a window of 512 tokens."
    assert (
        training_memory(LLAMA_8B, "none", long, least).advice == "It would fit with QLoRA and a window of 512 tokens."
    )


def test_it_is_made_to_fit_as_the_engine_does_it() -> None:
    """Smaller micro-batches first, then each layer twice; never where that was switched off."""
    whole = training_memory(LLAMA_8B, "nf4", DEFAULTS, int(200 * GB))
    assert not whole.checkpointed
    smaller = training_memory(LLAMA_8B, "nf4", DEFAULTS, whole.total - 1)
    assert (smaller.fits, smaller.checkpointed) == (True, False)
    assert smaller.activations < 0.6 * whole.activations
    tight = training_memory(LLAMA_8B, "nf4", DEFAULTS, int(12 * GB))
    assert (tight.fits, tight.checkpointed) == (True, True)
    never = DEFAULTS | {"activation_checkpointing": "off", "offload": "off"}
    assert not training_memory(LLAMA_8B, "nf4", never, int(12 * GB)).fits


def test_more_costs_more() -> None:
    plain = training_memory(SMOLLM2, "nf4", DEFAULTS).total
    assert training_memory(SMOLLM2, "nf4", DEFAULTS | {"rank": 64}).total > plain
    assert training_memory(SMOLLM2, "none", DEFAULTS).total > plain
    assert training_memory(SMOLLM2, "nf4", DEFAULTS | {"target_modules": "attention"}).total < plain
    assert training_memory(SMOLLM2, "nf4", DEFAULTS | {"batch_size": 1}).total < plain


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
