"""The PEFT folder: clean config, a card that is whole YAML and Markdown, nothing of this machine in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.recipe import Recipe
from studio.domain.run import Run
from studio.exporters._model_card import model_card
from studio.exporters.exporter import EXPORTERS, ExportRequest
from studio.exporters.peft_folder import ENTRY
from tests.fake_engine_work import write_adapter


@pytest.fixture
def request_(tmp_path: Path) -> ExportRequest:
    made = tmp_path / "made"
    write_adapter(made, rank=4, alpha=32.0)
    return ExportRequest(
        adapter=Adapter(
            id="adapter-1", name="Mira v1", persona_id="p", base_id="b", base_fingerprint="f" * 64, run_id="r",
            method="qlora", rank=4, alpha=32.0, step=60, path="adapters/adapter-1", content="c" * 64, size_bytes=9,
        ),
        folder=made,
        persona=Persona(
            id="p", name='Mira "the\nKnife"', tagline="Says: no", system_prompt="You are Mira.\nBe brief.",
            tags=("a: b", "#x"), card={"name": "Mira", "unknown": {"kept": True}},
        ),
        base=BaseModel(
            id="b", name="My Base", path=str(tmp_path / "base"), fingerprint="f" * 64, parameters=1, architecture="x",
            layers=1, hidden_size=1, intermediate_size=1, vocabulary=1, heads=1, key_value_heads=1, context_length=1,
            hub_id="org/base", licence="apache-2.0",
        ),
        run=Run(
            id="r", persona_id="p", base_id="b", dataset_id="d", recipe_id="x", heldout_nll_base=3.0,
            heldout_nll_adapter=2.5,
        ),
        recipe=Recipe(id="x", method="qlora", options={"rank": 4, "learning_rate": 0.001}),
        dataset=DatasetVersion(
            id="d", persona_id="p", number=2, content="d" * 64, conversations=40, persona_turns=80,
            heldout_conversations=4, heldout_fraction=0.1,
        ),
    )  # fmt: skip


def written(request: ExportRequest, tmp_path: Path) -> Path:
    """Export into a fresh folder."""
    out = tmp_path / "out"
    out.mkdir()
    ENTRY.write(request, out)
    return out


def test_it_is_registered() -> None:
    assert EXPORTERS.get("peft") is ENTRY


def test_the_config_is_clean(request_: ExportRequest, tmp_path: Path) -> None:
    config = json.loads((written(request_, tmp_path) / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == "org/base"
    assert (config["peft_type"], config["r"], config["lora_alpha"], config["target_modules"]) == (
        "LORA", 4, 32.0, ["q_proj"],
    )  # fmt: skip
    assert str(tmp_path) not in json.dumps(config)


def test_the_card_is_whole(request_: ExportRequest, tmp_path: Path) -> None:
    card = (written(request_, tmp_path) / "README.md").read_text("utf-8")
    _, front, body = card.split("---\n", 2)
    assert 'base_model: "org/base"' in front and "base_model_relation: adapter" in front
    assert "library_name: peft" in front and '- "a: b"' in front and '- "#x"' in front
    assert '# Mira "the Knife"' in body and "    You are Mira.\n    Be brief." in body
    assert "base 3.000, adapter 2.500 nats per token (0.500 saved)" in body
    assert "| learning_rate | 0.001 |" in body
    assert str(tmp_path) not in card


def test_without_a_hub_id_no_base_is_claimed(request_: ExportRequest, tmp_path: Path) -> None:
    out = written(replace(request_, base=replace(request_.base, hub_id="")), tmp_path)
    assert "base_model:" not in (out / "README.md").read_text("utf-8").split("---\n")[1]
    assert json.loads((out / "adapter_config.json").read_text("utf-8"))["base_model_name_or_path"] == "My Base"


def test_the_code_in_the_card_is_python(request_: ExportRequest, tmp_path: Path) -> None:
    for prompt in ('Say "hi"\n\\ {{never}}', ""):
        card = model_card(replace(request_, persona=replace(request_.persona, system_prompt=prompt)))
        code = card.split("```python\n")[1].split("```")[0]
        compile(code, "card", "exec")
        assert ('"role": "system"' in code) is bool(prompt)


def test_the_card_of_the_persona_is_kept_as_it_was(request_: ExportRequest, tmp_path: Path) -> None:
    out = written(request_, tmp_path)
    assert json.loads((out / "card.json").read_text("utf-8")) == {"name": "Mira", "unknown": {"kept": True}}


def test_a_broken_adapter_is_a_sentence(request_: ExportRequest, tmp_path: Path) -> None:
    (request_.folder / "adapter_config.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudioError, match="adapter_broken"):
        written(request_, tmp_path)
