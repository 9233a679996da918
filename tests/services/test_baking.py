"""Baking: a new adapter with its lineage, exact or smaller, refused where it would not be true."""

import json
from pathlib import Path

import pytest

from studio.domain.adapter import Adapter, made_of
from studio.domain.base_model import BaseModel
from studio.domain.chat import BlendPart, Contestant
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services.studio import Studio
from studio.texts import sentence
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona
from tests.services.voices import add_adapter


@pytest.fixture
def two(studio: Studio, base: BaseModel, persona: Persona) -> tuple[Adapter, Adapter]:
    """Adapters of two personas, of rank 4 and 6."""
    other = add_persona(studio, "Nela", 4)
    return add_adapter(studio, base, persona.id, "Oswin v1"), add_adapter(studio, base, other.id, "Nela v1", rank=6)


def baked(studio: Studio, app: AppThread, *parts: BlendPart, **how: object) -> Adapter:
    job = studio.blending.bake(parts, **how)  # type: ignore[arg-type]
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    assert job.result is not None
    return job.result


def part(adapter: Adapter, weight: float = 1.0) -> BlendPart:
    return BlendPart(adapter_id=adapter.id, weight=weight)


def test_a_blend_becomes_an_adapter_with_its_lineage(
    studio: Studio, app: AppThread, two: tuple[Adapter, Adapter], persona: Persona
) -> None:
    made = baked(studio, app, part(two[0], 0.7), part(two[1], 0.5), name="  Oswin   and Nela ")
    assert (made.name, made.persona_id, made.rank, made.run_id) == ("Oswin and Nela", persona.id, 10, "")
    assert [(one.name, one.weight, one.rank, one.content) for one in made_of(made)] == [
        ("Oswin v1", 0.7, 4, two[0].content), ("Nela v1", 0.5, 6, two[1].content),
    ]  # fmt: skip
    assert made.made_of["lost"] == 0.0 and len(made.content) == 64
    assert (studio.adapters.folder(made) / "adapter_model.safetensors").stat().st_size < made.size_bytes
    assert studio.adapters.get(made.id) == made  # the row keeps all of it
    assert not list((studio.library / "adapters").glob(".partial-*"))


def test_it_answers_and_is_deleted_and_comes_back_like_any_other(
    studio: Studio, app: AppThread, two: tuple[Adapter, Adapter]
) -> None:
    made = baked(studio, app, part(two[0], 0.5))
    job = studio.chats.answer_once("Who are you?", [Contestant(adapter_id=made.id)])
    app.until(lambda: job.ended)
    assert job.error is None and job.result and job.result[0].text
    token = studio.adapters.delete(made.id)
    assert made.id not in {one.id for one in studio.adapters.list()}
    studio.data.undo(token)
    assert studio.adapters.get(made.id) == made


def test_names_are_never_taken_twice(studio: Studio, app: AppThread, two: tuple[Adapter, Adapter]) -> None:
    names = [baked(studio, app, part(two[0], 0.5), name=name).name for name in ("oswin V1", "oswin V1", "", "")]
    assert names == ["oswin V1 2", "oswin V1 3", "Oswin mix", "Oswin mix 2"]


def test_fewer_ranks_lose_something_and_it_is_kept_how_much(
    studio: Studio, app: AppThread, two: tuple[Adapter, Adapter]
) -> None:
    parts = (part(two[0]), part(two[1]))
    plan, exact = studio.blending.plan(parts, 5), studio.blending.plan(parts)
    assert (plan.rank, plan.exact_rank, plan.lossy) == (5, 10, True)
    assert (exact.rank, exact.lossy) == (10, False) and plan.size_bytes * 2 == exact.size_bytes
    assert not studio.blending.plan(parts, 40).lossy
    made = baked(studio, app, *parts, rank=5)
    assert made.rank == 5 and isinstance(made.made_of["lost"], float) and made.made_of["lost"] > 0


def test_one_adapter_named_twice_is_one_part(studio: Studio, two: tuple[Adapter, Adapter]) -> None:
    plan = studio.blending.plan([part(two[0], 0.5), part(two[0], 0.25), part(two[1], 0.0)])
    assert [(adapter.id, weight) for adapter, weight in plan.parts] == [(two[0].id, 0.75)]


def test_what_does_not_add_up_is_refused(
    studio: Studio, base: BaseModel, persona: Persona, two: tuple[Adapter, Adapter]
) -> None:
    def code(*parts: BlendPart) -> str:
        with pytest.raises(StudioError) as raised:
            studio.blending.bake(parts)
        assert sentence(raised.value)
        return raised.value.code

    dora = add_adapter(studio, base, persona.id, "Oswin dora", method="dora")
    tokens = add_adapter(studio, base, persona.id, "Oswin words", method="prompt_tuning", rank=0)
    assert code(part(two[0]), part(dora)) == code(part(tokens)) == "bake_not_factors"
    assert code() == code(part(two[0], 0.0)) == "bake_nothing"
    assert code(BlendPart(adapter_id="adapter-none")) == "not_found"
    studio._open_library.adapters.update(_elsewhere(two[1]))
    assert code(part(two[0]), part(two[1])) == "adapter_wrong_base"


def _elsewhere(adapter: Adapter) -> Adapter:
    from dataclasses import replace

    return replace(adapter, base_fingerprint="f" * 64)


def test_an_engine_that_fails_leaves_nothing_behind(
    studio: Studio, app: AppThread, two: tuple[Adapter, Adapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", 'bake_adapter:adapter_broken:{"path": "x", "reason": "y"}')
    studio.engine.restart()
    before = studio.adapters.list()
    job = studio.blending.bake([part(two[0])])
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "adapter_broken"
    assert studio.adapters.list() == before and not list((studio.library / "adapters").glob(".partial-*"))


def test_it_leaves_the_library_with_what_it_was_made_of(
    studio: Studio, app: AppThread, two: tuple[Adapter, Adapter], tmp_path: Path
) -> None:
    made = baked(studio, app, part(two[0], 0.7), part(two[1], 0.5), rank=5)
    job = studio.adapters.export(made.id, "peft", tmp_path / "out")
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "## Made of" in card and f"| Nela v1 | 0.5 | 6 | `{two[1].content}` |" in card
    assert "of the sum is left out by its rank" in card and "## Figures" not in card
    manifest = json.loads((tmp_path / "out" / "persona.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in manifest["made_of"]] == ["Oswin v1", "Nela v1"] and "dataset" not in manifest
