"""What methods other than LoRA leave behind: a base of its own, adapters without a rank, exports that refuse them."""

from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import RunState
from studio.exporters.exporter import EXPORTERS
from studio.services.studio import Studio
from studio.texts import sentence
from tests.services.app_thread import AppThread
from tests.services.test_queue import settled


def test_full_training_ends_as_a_base_under_models(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    for number in (1, 2):
        (run,) = settled(studio, app, studio.training.start(persona.id, method="full", options={"max_steps": 2}))
        assert (run.state, run.adapter_id, run.quantization) == (RunState.FINISHED, "", "none")
        newest = studio.models.list()[0]
        assert studio.models.get() == base, "the default stays what it was"
        assert newest.name == f"{persona.name} ({base.name})" + (" 2" if number == 2 else "")
        assert (Path(newest.path) / "model.safetensors").is_file()
        notes = studio.run_stories.story(run.id).notes
        assert any(newest.name in note.sentence for note in notes)
    assert len(studio.models.list()) == 3
    assert not studio.adapters.list()


def test_an_adapter_without_factors_has_no_rank(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"max_steps": 2, "base_precision": "16-bit"}
    (run,) = settled(studio, app, studio.training.start(persona.id, method="ia3", options=options))
    assert (run.state, run.quantization) == (RunState.FINISHED, "none")
    adapter = studio.adapters.get(run.adapter_id)
    assert (adapter.rank, adapter.alpha) == (0, 0.0)
    plain = replace(EXPORTERS.get("peft"), name="plain", label="Plain LoRA", plain_factors_only=True)
    monkeypatch.setitem(EXPORTERS.all(), "plain", plain)
    with pytest.raises(StudioError, match="export_not_expressible") as caught:
        studio.adapters.export(adapter.id, "plain", tmp_path / "out")
    assert "Plain LoRA cannot express what IA³ makes" in sentence(caught.value)
    job = studio.adapters.export(adapter.id, "peft", tmp_path / "out")
    app.until(lambda: job.ended)
    assert job.result is not None, job.error
