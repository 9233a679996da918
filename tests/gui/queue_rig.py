"""Runs for the queue's tests: added by state, with a recipe each; and a queue with a sweep in it."""

from typing import Any

from studio.domain.recipe import Recipe
from studio.domain.run import Run, RunGroup, RunState
from studio.gui.pages.train.presenter import Presenter
from studio.gui.pages.train.queue_rows import QueueRow
from tests.gui.stand_in import ILSE, StandIn, make_run

USUAL = {"rank": 16, "epochs": 3.0, "learning_rate": 2e-4}


def add(studio: StandIn, run_id: str, state: RunState, **more: Any) -> Run:
    options = {**USUAL, **more.pop("options", {})}
    number = len(studio.training.all) + 1
    run = make_run(id=run_id, state=state, number=number, recipe_id=f"r-{run_id}", **{"method": "qlora", **more})
    studio.training.recipes[run.recipe_id] = Recipe(id=run.recipe_id, method=run.method, options=options)
    studio.training.all.append(run)
    return run


def rows(studio: StandIn) -> list[QueueRow]:
    return Presenter(studio).rows()  # type: ignore[arg-type]


def ids(found: list[QueueRow]) -> list[str]:
    return [one.id for one in found]


def add_sweep(studio: StandIn) -> StandIn:
    """A run, a sweep of three of which one is done, and another run."""
    studio.training.all_groups = [RunGroup(id="sweep", kind="sweep", label="Rank", persona_id=ILSE.id)]
    add(studio, "one", RunState.QUEUED)
    for rank in (8, 32, 64):
        state = RunState.FINISHED if rank == 8 else RunState.QUEUED
        add(studio, f"s{rank}", state, group="sweep", options={"rank": rank})
    add(studio, "two", RunState.QUEUED)
    return studio
