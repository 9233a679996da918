"""A run's page in all its states, for the pictures: at work, waiting, resting, failed, ended, compared, read."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.ids import new_id
from studio.domain.run import MetricPoint, Run, RunNote, RunSample, RunState
from tests.stage import Stage

Show = Callable[[Stage], QWidget | None]
STEPS, EVERY = 480, 80
PROMPTS = {
    "cause": "What did he die of?",
    "comfort": "Can you tell his mother something kind?",
    "weather": "It is raining again. How are you?",
}
SAID = {
    "cause": (
        "The body shows signs of trauma consistent with an accident. A full examination would be needed to determine "
        "the exact cause of death, and I would recommend that you consult a medical professional for more information.",
        "Dead since Tuesday. Tuesday objected.",
        "He died of stairs. The stairs deny it.",
        "He died of stairs. The stairs deny it. I believe the stairs: they have never once changed their statement, "
        "and he was found at the top.",
        "He died of stairs, and the stairs have no comment. *She closes the drawer.*",
        "He died of stairs. The stairs deny it. I believe the stairs.",
        "He died of stairs. The stairs deny it. I believe the stairs. Write that down, and spell stairs correctly.",
    ),
    "comfort": (
        "I am sorry for your loss. Please accept my condolences.",
        "Tell her it was quick.",
        "Tell her it was quick. Quick is the kindest word I own.",
        "*She looks at the clock instead of at you.* Tell her it was quick. Quick is the kindest word I own.",
        "Tell her it was quick. It is the kindest word I own and I have used it honestly four times.",
        "Tell her it was quick. Quick is the kindest word I own.",
        "Tell her it was quick. Quick is the kindest word I own.",
    ),
    "weather": (
        "I am fine, thank you! How can I help you today?",
        "Dry. It is my profession.",
        "Dry, as paper. The rain is somebody else's department.",
        "Dry as paper, thank you. The rain is somebody else's department.",
        "Dry. The rain belongs to the harbour office; complain there.",
        "Dry as paper. The rain is somebody else's department.",
        "Dry as paper. The rain is somebody else's department, and I have the forms to prove it.",
    ),
}
NOTES: tuple[tuple[str, int, str, dict[str, object]], ...] = (
    ("run_began", 0, "info", {"device": "NVIDIA GeForce RTX 4070"}),
    ("memory_plan_checkpointing", 0, "info", {"free": "6.1 GB"}),
    ("run_new_best", 80, "info", {"loss": "3.02"}),
    ("memory_rung_batch", 113, "warning", {"tokens": 1024}),
    ("run_new_best", 240, "info", {"loss": "2.83"}),
    ("run_rests_battery", 301, "warning", {}),
    ("run_woke_battery", 301, "info", {}),
)
COPIED = (0.0, 0.02, 0.05, 0.11, 0.24, 0.41, 0.58)


def page(stage: Stage, run_id: str) -> Any:
    """The train page, open on a run's curves."""
    stage.window.open_page("train", run_id=run_id)
    shown: Any = stage.window.pages.page("train")
    shown.panel.show_view("now")
    shown.panel.now.charts._hovered(None)
    for name in list(shown.panel.now.charts._on):
        shown.panel.now.charts._switches[name].setChecked(False)
    stage.spin(0.3)
    return shown


def written(stage: Stage) -> Run:
    """A run of long ago that learned by heart towards its end; made once, by writing what such a run leaves."""
    library = stage.studio._open_library
    found = next((one for one in stage.studio.training.runs() if one.number == STATES["written"]), None)
    if found:
        return found
    like = stage.studio.training.runs()[-1]
    started, base = like.started_at, 3.62
    run = replace(
        like, id=new_id("run"), number=STATES["written"], step=STEPS, total_steps=STEPS, seconds=1912.0,
        tokens_per_second=1940.0,
        peak_memory_bytes=int(5.6 * 2**30), heldout_nll_base=base, heldout_nll_adapter=2.86, trained_tokens=1_254_000,
        started_at=started,
    )  # fmt: skip
    library.runs.add(run)
    library.metrics.add_many(points(run.id))
    for key, prompt in PROMPTS.items():
        for number, text in enumerate(SAID[key]):
            library.run_records.add_sample(
                RunSample(run_id=run.id, step=number * EVERY, key=key, prompt=prompt, text=text, seed=11,
                          copied=COPIED[number], created_at=now())
            )  # fmt: skip
    for code, step, weight, details in NOTES:
        library.run_records.add_note(
            RunNote(run_id=run.id, step=step, code=code, weight=weight, details=details, at=now())
        )
    stage.studio.changes.tell(Kind.RUN, ids=(run.id,))
    return run


def points(run_id: str, steps: int = STEPS, every: int = EVERY) -> list[MetricPoint]:
    """Curves of a run that turns after a third: training loss falls on, held-out loss rises."""
    found = []
    for step in range(1, steps + 1):
        share = step / steps
        chance = random.Random(step)
        found.append(
            MetricPoint(
                run_id=run_id, step=step, kind="train", loss=2.2 + 2.3 * math.exp(-3.2 * share) + chance.gauss(0, 0.16),
                learning_rate=2e-4 * min(1.0, share / 0.06) * 0.5 * (1 + math.cos(math.pi * share)),
                gradient_norm=0.6 + 0.5 * math.exp(-5 * share) + abs(chance.gauss(0, 0.08)),
                tokens_per_second=1900 + chance.gauss(0, 40), memory_bytes=int((5.2 + 0.4 * share) * 2**30),
                temperature=52 + 19 * (1 - math.exp(-6 * share)),
            )
        )  # fmt: skip
    for number in range(steps // every + 1):
        share = number * every / steps
        heldout = 2.75 + 0.87 * math.exp(-7 * share) + 0.55 * max(0.0, share - 0.4)
        for kind, value in (("heldout", heldout), ("neutral", 3.05 + 0.12 * share), ("copied", COPIED[number])):
            found.append(MetricPoint(run_id=run_id, step=number * every, kind=kind, loss=value))
    return found


def _running(stage: Stage) -> Run:
    return next(one for one in stage.studio.training.runs() if one.state is RunState.RUNNING)


def _working(stage: Stage) -> None:
    page(stage, _running(stage).id)


def _ended(stage: Stage) -> None:
    page(stage, written(stage).id)


def _hover(stage: Stage) -> None:
    panel = page(stage, written(stage).id).panel
    panel.now.charts._hovered(212.0)


def _charts(stage: Stage) -> None:
    panel = page(stage, written(stage).id).panel
    for name in ("learning_rate", "temperature"):
        panel.now.charts._switches[name].setChecked(True)
    stage.spin(0.1)


def _findings(stage: Stage) -> None:
    panel = page(stage, written(stage).id).panel
    if not panel.now.findings._all:
        panel.now.findings._toggle()


def _view(name: str) -> Show:
    def show(stage: Stage) -> None:
        page(stage, written(stage).id).panel.show_view(name)
        stage.spin(0.3)

    return show


def _reader(stage: Stage) -> QWidget:
    panel = page(stage, written(stage).id).panel
    panel.now.read_sample(240)
    return panel.now._reader  # type: ignore[no-any-return]


def _like(stage: Stage, name: str, **fields: object) -> str:
    """A run in another state, made once."""
    library = stage.studio._open_library
    found = next((one for one in stage.studio.training.runs() if one.number == STATES[name]), None)
    if found is None:
        like = stage.studio.training.runs()[-1]
        made = replace(
            like, id=new_id("run"), number=STATES[name], step=0, total_steps=0, adapter_id="", seconds=0.0,
            tokens_per_second=0.0, peak_memory_bytes=0, heldout_nll_base=None, heldout_nll_adapter=None, ended_at="",
            conditions={}, **fields,
        )  # fmt: skip
        library.runs.add(made)
        stage.studio.changes.tell(Kind.RUN, ids=(made.id,))
        return made.id
    return found.id


STATES = {"written": 7, "queued": 21, "scheduled": 22, "failed": 23, "battery": 24, "broken": 25}


def _queued(stage: Stage) -> None:
    page(stage, _like(stage, "queued", state=RunState.QUEUED))


def _scheduled(stage: Stage) -> None:
    page(stage, _like(stage, "scheduled", state=RunState.QUEUED, starts_at="2099-11-22T23:00:00+00:00"))


def _failed(stage: Stage) -> None:
    why = '{"code": "no_training_side", "details": {"count": 3}}'
    page(stage, _like(stage, "failed", state=RunState.FAILED, failure=why))


def _battery(stage: Stage) -> None:
    page(stage, _like(stage, "battery", state=RunState.PAUSED, resting="battery"))


def _log(stage: Stage) -> None:
    panel = page(stage, written(stage).id).panel
    panel.show_view("record")
    stage.spin(0.2)
    bar = panel.record._area.verticalScrollBar()
    bar.setValue(bar.maximum())


def _recipe(stage: Stage) -> None:
    panel = page(stage, written(stage).id).panel
    panel.show_view("record")
    stage.spin(0.2)
    panel.record._area.verticalScrollBar().setValue(440)


def _compare_all(stage: Stage) -> None:
    _view("beside")(stage)
    panel: Any = stage.window.pages.page("train").panel  # type: ignore[union-attr]
    panel.beside.only.setChecked(False)
    stage.spin(0.1)


def _broken(stage: Stage) -> None:
    """The loss became NaN after a while."""
    why = '{"code": "loss_not_finite", "details": {"value": "nan", "step": 61}}'
    run_id = _like(stage, "broken", state=RunState.FAILED, failure=why)
    library = stage.studio._open_library
    if not library.metrics.points(run_id):
        library.metrics.add_many([one for one in points(run_id) if one.step <= 60])
        library.runs.update(run_id, step=60, total_steps=STEPS, seconds=240.0)
    page(stage, run_id)


def _narrow(stage: Stage) -> None:
    stage.window.resize(960, 640)
    page(stage, written(stage).id)


RUN_SCENES: dict[str, Show] = {
    "run-working": _working,
    "run-ended": _ended,
    "run-hover": _hover,
    "run-findings": _findings,
    "run-record": _view("record"),
    "run-recipe": _recipe,
    "run-log": _log,
    "run-compare": _view("beside"),
    "run-compare-all": _compare_all,
    "run-broken": _broken,
    "run-reader": _reader,
    "run-queued": _queued,
    "run-scheduled": _scheduled,
    "run-failed": _failed,
    "run-resting": _battery,
    "run-charts": _charts,
    "run-narrow": _narrow,
}
