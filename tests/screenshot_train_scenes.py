"""The form, the queue and their dialogs in all their states, for the pictures."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtWidgets import QDialog, QWidget

from studio.domain.changes import Kind
from studio.domain.ids import new_id
from studio.domain.run import Run, RunGroup, RunState
from tests.stage import Stage

Show = Callable[[Stage], QWidget | None]
SWEEP, COMPARISON = "group_pictured_sweep", "group_pictured_comparison"
METHODS = ("qlora", "lora", "dora", "rslora", "ia3", "prompt_tuning", "lora_8bit")


def page(stage: Stage, wish: str = "new", **choices: str) -> Any:
    """The train page with the form (or the queue) in its first state."""
    stage.window.open_page("train", wish=wish)
    shown: Any = stage.window.pages.page("train")
    form = shown.presenter.new_run
    form.continues = form.version_id = ""
    form.choose(persona_id=stage.people()[0].id, method="qlora", version_id="")
    form.choose_preset("balanced")
    form.choose(**choices)
    for part in (shown.form.dials.unfold, shown.form.presets.why):
        part.setChecked(False)
    shown.form.foot.start_soon()
    shown.form.refresh()
    shown.form._area.verticalScrollBar().setValue(0)
    return shown


def filled(stage: Stage) -> None:
    """A night's queue: written once, as such a night leaves it."""
    library = stage.studio._open_library
    if library.run_records.group(SWEEP):
        return
    people, ended = stage.people(), stage.studio.training.runs()[-1]
    library.run_records.add_group(_group(SWEEP, "sweep", "Rank × Learning rate", people[0].id))
    for number, (rank, rate) in enumerate([(8, 1e-4), (8, 2e-4), (16, 1e-4), (16, 2e-4), (32, 1e-4), (32, 2e-4)], 20):
        state = RunState.FINISHED if number < 22 else RunState.QUEUED
        done = {"heldout_nll_base": 3.62, "heldout_nll_adapter": 2.9 - number / 100, "seconds": 900.0 + 10 * number}
        _add(stage, ended, people[0].id, number, state, group=SWEEP, options={"rank": rank, "learning_rate": rate},
             **(done if state is RunState.FINISHED else {}))  # fmt: skip
    tonight = (datetime.now(UTC) + timedelta(hours=5)).isoformat(timespec="seconds")
    _add(stage, ended, people[1].id, 30, RunState.QUEUED, options={"rank": 32, "epochs": 5.0})
    _add(stage, ended, people[1].id, 31, RunState.QUEUED, options={"rank": 64, "epochs": 5.0}, starts_at=tonight)
    _add(stage, ended, people[0].id, 32, RunState.PAUSED, resting="battery", step=140, total_steps=480, seconds=610.0)
    _add(stage, ended, people[1].id, 33, RunState.PAUSED, resting="user", step=40, total_steps=300, seconds=200.0)
    failure = {"code": "loss_not_finite", "details": {"value": "nan", "step": 31}}
    _add(stage, ended, people[1].id, 34, RunState.FAILED, options={"learning_rate": 5e-2}, step=31, total_steps=300,
         failure=json.dumps(failure), seconds=80.0, adapter_id="")  # fmt: skip
    _compared(stage, ended)
    stage.studio.changes.tell(Kind.RUN)


def _compared(stage: Stage, ended: Run) -> None:
    library, person = stage.studio._open_library, stage.people()[1]
    library.run_records.add_group(_group(COMPARISON, "comparison", "QLoRA, LoRA, DoRA, rsLoRA, IA³, …", person.id))
    known = {one.name for one in stage.studio.training.methods()}
    for place, method in enumerate(one for one in METHODS if one in known):
        figures = {
            "seconds": 700.0 + 90 * place, "tokens_per_second": 1940.0 - 160 * place, "heldout_nll_base": 3.62,
            "peak_memory_bytes": int((5.6 + 0.9 * place) * 2**30), "heldout_nll_adapter": 2.81 + 0.05 * (place % 4),
            "conditions": {"trainable_parameters": 4_884_480 // (1 + place), "result_bytes": 19_600_000 // (1 + place)},
        }  # fmt: skip
        if method == "prompt_tuning":
            failed = json.dumps({"code": "loss_not_finite", "details": {"value": "nan", "step": 12}})
            _add(stage, ended, person.id, 40 + place, RunState.FAILED, group=COMPARISON, method=method, failure=failed)
        else:
            _add(stage, ended, person.id, 40 + place, RunState.FINISHED, group=COMPARISON, method=method, **figures)


def _group(group_id: str, kind: str, label: str, persona_id: str) -> RunGroup:
    return RunGroup(id=group_id, kind=kind, label=label, persona_id=persona_id, created_at="2026-11-21T20:00:00+00:00")


def _add(
    stage: Stage, like: Run, persona_id: str, number: int, state: RunState, *,
    options: dict[str, object] | None = None, method: str = "", **fields: Any,
) -> None:  # fmt: skip
    library, training = stage.studio._open_library, stage.studio.training
    recipe = training.recipe(like.id)
    recipe = replace(
        recipe, id=new_id("recipe"), method=method or recipe.method, options={**recipe.options, **(options or {})}
    )
    library.recipes.add(recipe)
    ended = state in (RunState.FINISHED, RunState.FAILED)
    usual: dict[str, Any] = {
        "step": 300 if ended else 0, "total_steps": 300 if ended else 0, "seconds": 0.0, "adapter_id": "",
        "heldout_nll_base": None, "heldout_nll_adapter": None, "started_at": "", "ended_at": "",
    }  # fmt: skip
    wanted = usual | ({"adapter_id": like.adapter_id} if state is RunState.FINISHED else {}) | fields
    library.runs.add(
        replace(
            like, id=new_id("run"), persona_id=persona_id, recipe_id=recipe.id, number=number, state=state,
            method=recipe.method, place=float(number), **wanted,
        )
    )  # fmt: skip


def _form(stage: Stage) -> None:
    page(stage)


def _busy(stage: Stage) -> None:
    filled(stage)
    page(stage)


def _expert(stage: Stage) -> None:
    shown = page(stage)
    shown.form.dials.unfold.setChecked(True)


def _reasons(stage: Stage) -> None:
    page(stage).form.presets.why.setChecked(True)


def _by_memory(stage: Stage) -> None:
    shown = page(stage)
    cards = shown.presenter.new_run.card_presets()
    if cards:
        shown.form.presets.by_memory.part(cards[1].name).click()
    shown.form.presets.why.setChecked(True)


def _costs(stage: Stage) -> None:
    known = [one for one in stage.studio.training.methods() if one.costs]
    shown = page(stage, method=max(known, key=lambda one: len(one.costs)).name)
    stage.spin(0.1)
    shown.form._area.ensureWidgetVisible(shown.form.how, 0, 0)


def _too_large(stage: Stage) -> None:
    shown = page(stage, method="lora")
    for name, value in (("max_length", 131_072), ("activation_checkpointing", "off"), ("offload", "off")):
        shown.presenter.new_run.set_value(name, value)
    shown.form.refresh()


def _measured(stage: Stage) -> None:
    """As after a run whose dry steps are remembered."""
    shown = page(stage)
    form = shown.presenter.new_run
    found = form.estimate()
    assert found is not None
    measured = replace(found, measured=found.total)
    form.estimate, known = lambda: measured, form.estimate
    shown.form.foot.show_state()
    form.estimate = known


def _continues(stage: Stage) -> None:
    shown = page(stage)
    adapters = [one for one in stage.studio.adapters.list() if one.persona_id == shown.presenter.new_run.persona_id]
    shown.form.continue_from(adapters[0].id)
    shown.form.foot.when.setChecked(True)


def _queue(stage: Stage) -> None:
    filled(stage)
    page(stage, "queue").list.verticalScrollBar().setValue(0)


def _queue_lower(stage: Stage) -> None:
    filled(stage)
    bar = page(stage, "queue").list.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)


def _queue_end(stage: Stage) -> None:
    filled(stage)
    bar = page(stage, "queue").list.verticalScrollBar()
    bar.setValue(bar.maximum())


def _unfolded(stage: Stage) -> None:
    filled(stage)
    shown = page(stage, "queue")
    shown.presenter.queue.unfolded = {SWEEP}
    shown._refresh_runs()
    shown.list.verticalScrollBar().setValue(0)
    stage.spin(0.2)
    shown.presenter.queue.unfolded = set()


def _menu(stage: Stage) -> QWidget:
    filled(stage)
    shown = page(stage, "queue")
    waiting = next(one for one in stage.studio.training.queue() if one.state is RunState.QUEUED and not one.group)
    shown.list.choose(waiting.id)
    menu = shown.queue.menu()
    menu.adjustSize()
    return menu  # type: ignore[no-any-return]


def _sweep(stage: Stage) -> QWidget:
    page(stage).acts.sweep()
    return _dialog(stage)


def _compare(stage: Stage) -> QWidget:
    page(stage).acts.compare()
    return _dialog(stage)


def _results(stage: Stage) -> QWidget:
    filled(stage)
    page(stage, "queue").acts.show_results(COMPARISON)
    stage.spin(0.2)
    return _dialog(stage)


def _sweep_results(stage: Stage) -> QWidget:
    filled(stage)
    page(stage, "queue").acts.show_results(SWEEP)
    stage.spin(0.2)
    return _dialog(stage)


def _duplicate(stage: Stage) -> QWidget:
    page(stage).acts.duplicate(stage.studio.training.runs()[-1].id)
    return _dialog(stage)


def _schedule(stage: Stage) -> QWidget:
    filled(stage)
    waiting = next(one for one in stage.studio.training.queue() if one.state is RunState.QUEUED)
    page(stage).acts.schedule(waiting.id)
    return _dialog(stage)


def _dialog(stage: Stage) -> QWidget:
    return next(dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible())


TRAIN_SCENES: dict[str, Show] = {
    "train-form": _form,
    "train-form-expert": _expert,
    "train-form-reasons": _reasons,
    "train-form-card": _by_memory,
    "train-form-costs": _costs,
    "train-form-too-large": _too_large,
    "train-form-measured": _measured,
    "train-form-continues": _continues,
    "train-sweep": _sweep,
    "train-compare": _compare,
    "train-duplicate": _duplicate,
    "train-form-busy": _busy,
    "train-queue": _queue,
    "train-queue-lower": _queue_lower,
    "train-queue-end": _queue_end,
    "train-queue-unfolded": _unfolded,
    "train-queue-menu": _menu,
    "train-results": _results,
    "train-sweep-results": _sweep_results,
    "train-schedule": _schedule,
}


def empty_queue(stage: Stage) -> None:
    """Nothing was ever started."""
    stage.window.open_page("train", wish="queue")
