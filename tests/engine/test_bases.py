"""Base folders: what is refused before anything is loaded, and what loading makes of a good one."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from safetensors.torch import load_file, save_file

from studio.domain.errors import StudioError
from studio.engine.bases.base_folder import inspect, open_base_folder
from studio.engine.bases.base_loader import LoadedBase, free
from studio.engine.bases.gguf_conversion import convert
from tests.engine.rig import Listener, loaded


@pytest.fixture
def folder(tiny_base: Path, tmp_path: Path) -> Path:
    """A copy of the tiny base to spoil."""
    return Path(shutil.copytree(tiny_base, tmp_path / "copy"))


def _rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _spoilt_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.0.self_attn.q_proj.weight"] = torch.ones(3, 3)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _cut(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


SPOILT: list[tuple[str, Callable[[Path], object], str]] = [
    ("only pickles", _pickled, "base_pickled"),
    ("no weights", lambda it: (it / "model.safetensors").unlink(), "base_incomplete"),
    ("no config", lambda it: (it / "config.json").unlink(), "base_incomplete"),
    ("no tokenizer", lambda it: (it / "tokenizer.json").unlink(), "base_incomplete"),
    ("no template", lambda it: (it / "chat_template.jinja").unlink(), "base_no_template"),
    ("own code", lambda it: _rewrite(it / "config.json", auto_map={"AutoModel": "evil.Model"}), "base_custom_code"),
    (
        "fetched kernel",
        lambda it: _rewrite(it / "config.json", _attn_implementation_internal="someone/kernel"),
        "base_custom_code",
    ),
    ("broken config", lambda it: (it / "config.json").write_text("{"), "base_unsupported"),
    ("config is a list", lambda it: (it / "config.json").write_text("[]"), "base_unsupported"),
    ("unknown kind", lambda it: _rewrite(it / "config.json", model_type="riddle"), "base_unsupported"),
    ("cut weights", _cut, "base_unsupported"),
    ("a tensor of another shape", _spoilt_tensor, "base_unsupported"),
    ("broken tokenizer", lambda it: (it / "tokenizer.json").write_text("{}"), "base_unsupported"),
    ("nothing at all", shutil.rmtree, "file_missing"),
]


@pytest.mark.parametrize(("spoil", "code"), [one[1:] for one in SPOILT], ids=[one[0] for one in SPOILT])
def test_bad_folders_are_refused(folder: Path, spoil: Callable[[Path], object], code: str) -> None:
    spoil(folder)
    with pytest.raises(StudioError, match=code) as caught:
        loaded(folder)
    assert "\n" not in str(caught.value.details.get("reason", ""))


def test_a_good_folder_says_its_shape(tiny_base: Path) -> None:
    event = inspect(open_base_folder(tiny_base), "job")
    assert (event.layers, event.hidden_size, event.intermediate_size) == (2, 64, 128)
    assert (event.heads, event.key_value_heads, event.context_length, event.vocabulary) == (4, 2, 512, 320)
    weights = load_file(tiny_base / "model.safetensors")
    assert event.parameters == sum(one.numel() for one in weights.values())


def test_the_fingerprint_is_of_what_matters(folder: Path, tiny_base: Path) -> None:
    def fingerprint() -> str:
        return open_base_folder(folder).fingerprint

    original = fingerprint()
    assert original == open_base_folder(tiny_base).fingerprint
    _rewrite(folder / "config.json", transformers_version="9", use_cache=False)
    assert fingerprint() == original
    _rewrite(folder / "config.json", rms_norm_eps=0.5)
    changed = fingerprint()
    (folder / "chat_template.jinja").write_text("other")
    assert len({original, changed, fingerprint()}) == 3


def test_a_template_inside_the_tokenizers_config(folder: Path) -> None:
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").unlink()
    named = [{"name": "tool_use", "template": "x"}, {"name": "default", "template": template}]
    for inside in (template, named):
        _rewrite(folder / "tokenizer_config.json", chat_template=inside)
        assert open_base_folder(folder).template == template


def test_a_loaded_base_is_frozen_and_whole(tiny: Callable[..., LoadedBase]) -> None:
    base = tiny()
    assert len(base.linears) == 2 * 7
    assert base.linear_names == sorted(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])
    assert not base.model.training
    assert not any(one.requires_grad for one in base.model.parameters())
    assert base.context_length == 512
    assert base.template.stop_ids == {base.tokenizer.eos_token_id}


def test_nf4_is_quantised_twice_and_small(tiny: Callable[..., LoadedBase]) -> None:
    quantised, plain = tiny("nf4", torch.bfloat16), tiny("none", torch.bfloat16)
    for layer in quantised.linears.values():
        assert isinstance(layer, Linear4bit)
        state = layer.weight.quant_state
        assert (state.quant_type, state.nested) == ("nf4", True)
        assert layer.support_avx512bf16_for_cpu is False
    assert quantised.memory_bytes < 0.7 * plain.memory_bytes


def test_freeing_lets_go(tiny: Callable[..., LoadedBase]) -> None:
    base = tiny()
    free(base)
    assert base.model is None
    assert not base.linears


@pytest.mark.parametrize(
    ("content", "code"), [(None, "file_missing"), (b"GGML....", "gguf_broken"), (b"GGUF\x03\0\0\0junk", "gguf_broken")]
)
def test_files_that_are_no_gguf(tmp_path: Path, content: bytes | None, code: str) -> None:
    source = tmp_path / "model.gguf"
    if content:
        source.write_bytes(content)
    with pytest.raises(StudioError, match=code):
        for _ in convert(source, tmp_path / "target", Listener(), "job"):  # type: ignore[arg-type]
            pass
    assert [path.name for path in tmp_path.iterdir() if "target" in path.name] == []


@pytest.mark.model
def test_the_converted_starter_is_smollm(starter_base: Path) -> None:
    event = inspect(open_base_folder(starter_base), "job")
    assert (event.architecture, event.layers, event.hidden_size, event.vocabulary) == ("llama", 30, 576, 49152)
    assert "quantization_config" not in json.loads((starter_base / "config.json").read_text())
    base = loaded(starter_base, dtype=torch.bfloat16)
    ids = torch.tensor([base.tokenizer.encode("The capital of France is")])
    with torch.no_grad():
        assert base.tokenizer.decode(base.model(input_ids=ids).logits[0, -1].argmax()).strip() == "Paris"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("quantization", ["nf4", "int8"])
def test_a_quantised_base_lets_go_of_its_file(folder: Path, quantization: str) -> None:
    """Mapped, it would keep the whole 16-bit base in memory beside the small one."""
    base = loaded(folder, quantization)
    assert str(folder) not in Path("/proc/self/maps").read_text()
    assert base.model.get_output_embeddings().weight is base.model.get_input_embeddings().weight
