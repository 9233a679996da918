"""Runs made from others: duplicates, sweeps, comparisons of methods, and going on from an adapter."""

from dataclasses import replace
from itertools import product

import msgspec
import pytest

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.methods.method import METHODS
from studio.protocol import commands
from studio.services.engine import Engine
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona
from tests.services.test_queue import in_hours, settled, short_run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[commands.Train]:
    """The trainings that the engine was asked for."""
    sent: list[commands.Train] = []
    ask = Engine.ask

    def noting(self: Engine, command: commands.AnyCommand, *rest: object) -> None:
        if isinstance(command, commands.Train):
            sent.append(command)
        ask(self, command, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "ask", noting)
    return sent


def options(studio: Studio, run: Run) -> dict[str, object]:
    return dict(studio.training.recipe(run.id).options)


def test_a_duplicate_differs_in_what_was_named_alone(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    first = studio.training.start(persona.id, options={"max_steps": 2, "rank": 12, "seed": 5})
    studio.data.rename_conversation(studio.data.ids(persona.id)[0], "Another title")
    second = studio.training.duplicate(first.id, options={"rank": 24})
    assert options(studio, second) == options(studio, first) | {"rank": 24}
    assert (second.dataset_id, second.base_id, second.persona_id) == (first.dataset_id, first.base_id, persona.id)
    assert second.number == first.number + 1
    third = studio.training.duplicate(second.id, method="lora")
    assert (third.method, third.quantization) == ("lora", "none") and options(studio, third)["rank"] == 24
    with pytest.raises(StudioError, match="options_invalid"):
        studio.training.duplicate(first.id, options={"rnak": 24})
    ended = settled(studio, app, first, second, third)
    assert {run.state for run in ended} == {RunState.FINISHED}


def test_another_method_learns_at_its_own_rate(
    studio: Studio, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    eager = replace(METHODS.get("lora"), name="eager", rate_factor=10.0)
    known = METHODS.all() | {"eager": eager}
    monkeypatch.setattr(type(METHODS), "all", lambda self: known)
    first = studio.training.start(persona.id, method="lora", options={"learning_rate": 2e-4}, starts_at=in_hours(1))
    second = studio.training.duplicate(first.id, method="eager")
    assert options(studio, second)["learning_rate"] == pytest.approx(2e-3)
    group = studio.training.compare_methods(persona.id, methods=["lora", "eager"], options={"learning_rate": 1e-4})
    rates = [options(studio, run)["learning_rate"] for run in studio.training.runs_of(group.id)]
    assert rates == [pytest.approx(1e-4), pytest.approx(1e-3)]


def test_a_sweep_is_every_combination_on_the_same_data(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    grid = {"rank": ["4", 8], "learning_rate": [1e-4, 2e-4, 1e-4]}
    group = studio.training.sweep(persona.id, options={"max_steps": 2}, grid=grid)
    runs = studio.training.runs_of(group.id)
    found = [(options(studio, run)["rank"], options(studio, run)["learning_rate"]) for run in runs]
    assert found == list(product([4, 8], [1e-4, 2e-4]))
    assert len({run.dataset_id for run in runs}) == 1 and {run.group for run in runs} == {group.id}
    assert (group.kind, group.label) == ("sweep", "Rank × Learning rate")
    assert {run.state for run in settled(studio, app, *runs)} == {RunState.FINISHED}
    assert studio.training.groups() == studio.training.groups("sweep") == [group]
    assert studio.training.groups("comparison") == []


@pytest.mark.parametrize(
    ("grid", "code"),
    [
        ({}, "sweep_empty"),
        ({"rank": []}, "sweep_empty"),
        ({"rnak": [4]}, "options_invalid"),
        ({"rank": [0]}, "options_invalid"),
        ({"rank": range(1, 20), "seed": range(4)}, "sweep_too_large"),
    ],
)
def test_a_sweep_that_makes_no_sense(
    studio: Studio, base: BaseModel, persona: Persona, grid: dict[str, list[object]], code: str
) -> None:
    with pytest.raises(StudioError, match=code):
        studio.training.sweep(persona.id, grid=grid)
    assert studio.training.runs() == [] and studio.training.groups() == []


def test_methods_are_compared_on_the_same_footing(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    group = studio.training.compare_methods(
        persona.id, methods=["qlora", "lora", "qlora"], preset="taste", options={"rank": 4}
    )
    runs = studio.training.runs_of(group.id)
    assert [run.method for run in runs] == ["qlora", "lora"]
    assert len({run.dataset_id for run in runs}) == 1
    recipes = [options(studio, run) for run in runs]
    assert recipes[0]["rank"] == 4
    same = ("max_steps", "seed", "batch_size", "max_length", "heldout_fraction")
    assert [[recipe[name] for name in same] for recipe in recipes] == [[recipes[0][name] for name in same]] * 2
    ended = settled(studio, app, *runs)
    version = studio.data.version(runs[0].dataset_id)
    steps = -(-(version.conversations - version.heldout_conversations) // int(str(recipes[0]["batch_size"])))
    assert [recipe["max_steps"] for recipe in recipes] == [steps, steps]
    assert {run.total_steps for run in ended} == {steps} == {run.step for run in ended}
    rows = studio.training.comparison(group.id)
    assert [row.label for row in rows] == [METHODS.get(name).label for name in ("qlora", "lora")]
    for row, run in zip(rows, ended, strict=True):
        adapter = studio.adapters.get(run.adapter_id)
        assert (row.run, row.size_bytes, row.failure) == (run, adapter.size_bytes, "")
        assert (row.peak_memory_bytes, row.tokens_per_second) == (run.peak_memory_bytes, run.tokens_per_second)
        assert row.trainable == 4_884_480 and row.trainable_share == 4_884_480 / base.parameters
        assert row.heldout_base is not None and row.heldout_adapter is not None
        assert row.heldout_adapter < row.heldout_base


def test_a_method_that_fails_stays_in_the_table(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", 'train:loss_not_finite:{"value": "nan", "step": 3}')
    studio.engine.restart()
    group = studio.training.compare_methods(persona.id, methods=["qlora", "lora"])
    settled(studio, app, *studio.training.runs_of(group.id))
    row = studio.training.comparison(group.id)[0]
    assert "nan at step 3" in row.failure and row.heldout_adapter is None and row.size_bytes == 0


def test_a_comparison_that_makes_no_sense(studio: Studio, base: BaseModel, persona: Persona) -> None:
    with pytest.raises(StudioError, match="comparison_too_few"):
        studio.training.compare_methods(persona.id, methods=["lora", "lora"])
    with pytest.raises(StudioError, match="method_unknown"):
        studio.training.compare_methods(persona.id, methods=["lora", "magic"])
    with pytest.raises(StudioError, match="options_invalid"):
        studio.training.compare_methods(persona.id, methods=["lora", "qlora"], options={"rnak": 4})
    with pytest.raises(StudioError, match="not_found"):
        studio.training.comparison("group-nobody")
    assert studio.training.runs() == [] and studio.training.groups() == []


def test_going_on_from_an_adapter(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, asked: list[commands.Train]
) -> None:
    first = studio.training.start(
        persona.id, method="lora", options={"max_steps": 2, "rank": 6, "alpha": 12, "target_modules": "attention"}
    )
    adapter = studio.adapters.get(settled(studio, app, first)[0].adapter_id)
    second = studio.training.continue_from(adapter.id, options={"max_steps": 3, "rank": "6"})
    assert options(studio, second) == options(studio, first) | {"max_steps": 3}
    assert (second.method, second.continues, second.base_id) == ("lora", adapter.id, base.id)
    assert settled(studio, app, second)[0].state is RunState.FINISHED
    assert [command.start_from for command in asked] == ["", str(studio.library / adapter.path)]
    assert asked[1].resume is False
    third = studio.training.start(persona.id, method="qlora", preset="thorough", continues=adapter.id)
    shape = {name: options(studio, third)[name] for name in ("rank", "alpha", "target_modules")}
    assert (third.method, shape) == ("lora", {"rank": 6, "alpha": 12.0, "target_modules": "attention"})
    assert options(studio, third)["epochs"] != options(studio, first)["epochs"]
    with pytest.raises(StudioError, match="continues_other_shape"):
        studio.training.continue_from(adapter.id, options={"rank": 8})
    with pytest.raises(StudioError, match="not_found"):
        studio.training.continue_from("adapter-nobody")


def test_an_adapter_goes_on_on_its_own_base_only(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    adapter_id = settled(studio, app, short_run(studio, persona))[0].adapter_id
    other = replace(base, id="base-other", name="other", fingerprint="another" * 8)
    studio._open_library.bases.add(other)
    with pytest.raises(StudioError, match="adapter_wrong_base"):
        studio.training.start(persona.id, base_id=other.id, continues=adapter_id)
    run = studio.training.start(persona.id, continues=adapter_id, starts_at=in_hours(1))
    assert run.base_id == base.id, "its own, not the newest"


def test_another_personas_data_can_be_learned_on_top(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    adapter_id = settled(studio, app, short_run(studio, persona))[0].adapter_id
    friend = add_persona(studio, "Mira")
    run = studio.training.start(friend.id, continues=adapter_id, options={"max_steps": 2})
    assert settled(studio, app, run)[0].adapter_id and run.persona_id == friend.id


def test_an_older_version_of_the_data(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, asked: list[commands.Train]
) -> None:
    version = studio.data.snapshot(persona.id, 0.25)
    studio.data.delete_turns(studio.data.ids(persona.id)[0], [2, 3])
    run = studio.training.start(persona.id, options={"max_steps": 2, "heldout_fraction": 0.1}, version_id=version.id)
    assert run.dataset_id == version.id and options(studio, run)["heldout_fraction"] == 0.25
    assert settled(studio, app, run)[0].state is RunState.FINISHED
    assert msgspec.to_builtins(asked[0])["options"]["heldout_fraction"] == 0.25
    with pytest.raises(StudioError, match="run_version_of_another"):
        studio.training.start(add_persona(studio, "Mira").id, version_id=version.id)
