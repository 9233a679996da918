"""A run in the queue in words: what it differs in, where it stands, why it rests, when it will be done. Knows no Qt."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from studio.domain.run import Run, RunGroup, RunState
from studio.gui import figures
from studio.gui.pages.train import run_words
from studio.gui.pages.train.when import moment_words
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.domain.recipe import Recipe
    from studio.options import Option
    from studio.services.run_feed import LiveRun

Options = Mapping[str, "Option"]
_SHOWN = 3
_MAIN = ("rank", "epochs", "learning_rate")
_SHORT = {"rank": "rank {value}", "learning_rate": "rate {value}"}
_RESTING = {
    "battery": "Rests while the computer runs on battery; goes on by itself when it is plugged in.",
    "memory": "Rests while another program needs the memory; goes on by itself when there is room.",
    "closed": "Rests because the program was closed; goes on by itself.",
    "disk": "Rests because the disk is full; goes on by itself when there is room again.",
}
_ROLES = {
    RunState.RUNNING: "accent",
    RunState.PAUSED: "warn",
    RunState.INTERRUPTED: "warn",
    RunState.FINISHED: "good",
    RunState.FAILED: "bad",
}


def value_words(name: str, value: object, options: Options) -> str:
    """``rank 32``, ``rate 2e-4``, ``3 passes``; others by their label."""
    shown = figures.learning_rate(value) if isinstance(value, float) else str(value)
    if name == "epochs":
        return tr("1 pass") if value == 1 else tr("{value} passes", value=shown)
    if name in _SHORT:
        return tr(_SHORT[name], value=shown)
    label = tr(options[name].label) if name in options else name
    return tr("{option} {value}", option=label, value=shown)


def headline(recipe: "Recipe", method: str, options: Options) -> str:
    """What a run is, where there is nothing to hold it against: method, rank, passes."""
    known = [value_words(name, recipe.options[name], options) for name in _MAIN if name in recipe.options]
    return " · ".join([method, *known])


def difference(recipe: "Recipe", other: "Recipe", method: str, options: Options) -> str:
    """What this recipe has that the other one has not, the first few."""
    changed = [
        value_words(name, value, options)
        for name, value in recipe.options.items()
        if other.options.get(name) != value and (name in other.options or recipe.method == other.method)
    ]
    parts = [method, *changed] if recipe.method != other.method else changed
    more = len(parts) - _SHOWN
    if more > 1:
        parts = [*parts[:_SHOWN], tr_plural("{count} more", "{count} more", more)]
    return " · ".join(parts) or tr("the same settings again")


def role(run: Run) -> str:
    """The theme's role in which the state is written."""
    return _ROLES.get(run.state, "muted")


def state_line(run: Run, live: "LiveRun | None", now: datetime) -> str:
    """``step 355 of 480 · 4 min left``, ``starts tonight at 23:00``, ``waiting``."""
    if live is not None:
        return _going(live)
    if run.state is RunState.QUEUED:
        return _waiting(run, now)
    parts = [run_words.state_word(run)]
    if run.total_steps and run.state is not RunState.FINISHED:
        parts.append(tr("step {step} of {total}", step=figures.whole(run.step), total=figures.whole(run.total_steps)))
    before, after = run.heldout_nll_base, run.heldout_nll_adapter
    if before is not None and after is not None and run.adapter_id:
        parts.append(figures.gain(before - after))
    if run.seconds:
        parts.append(figures.duration(run.seconds))
    return " · ".join(parts)


def _going(live: "LiveRun") -> str:
    """Short, for a narrow list: no rate, no memory."""
    if live.phase != "training" or not live.total_steps:
        return tr(run_words.PHASES.get(live.phase, live.phase))
    step = tr("step {step} of {total}", step=figures.whole(live.step), total=figures.whole(live.total_steps))
    if not live.eta_seconds:
        return step
    return tr("{step} · {time} left", step=step, time=figures.duration(live.eta_seconds))


def _waiting(run: Run, now: datetime) -> str:
    if run.starts_at and datetime.fromisoformat(run.starts_at) > now:
        return tr("starts {moment}", moment=moment_words(run.starts_at, now))
    if run.step:
        return tr("goes on from step {step}", step=figures.whole(run.step))
    return tr("waiting")


def plain_state(run: Run) -> str:
    """Where a run without results stands, in a word."""
    return run_words.state_word(run)


def note(run: Run) -> str:
    """The sentence that a resting or failed run needs."""
    if run.resting in _RESTING and run.state is RunState.PAUSED:
        return tr(_RESTING[run.resting])
    return run_words.failure(run) if run.state in (RunState.FAILED, RunState.INTERRUPTED) else ""


def group_title(group: RunGroup, name: str) -> str:
    """``Sweep · Ilse Marrow``."""
    if group.kind == "comparison":
        return tr("Methods compared · {name}", name=name)
    return tr("Sweep · {name}", name=name)


def group_line(runs: list[Run]) -> str:
    """``6 runs · 2 done · 1 running · 3 waiting``."""
    ended = sum(one.state in (RunState.FINISHED, RunState.STOPPED) for one in runs)
    counted = (
        (ended, tr("{count} done", count=ended)),
        *((count, words) for count, words in _others(runs)),
    )
    return " · ".join([tr_plural("{count} run", "{count} runs", len(runs)), *(words for n, words in counted if n)])


def _others(runs: list[Run]) -> list[tuple[int, str]]:
    def of(*states: RunState) -> int:
        return sum(one.state in states for one in runs)

    running, waiting = of(RunState.RUNNING), of(RunState.QUEUED)
    resting, failed = of(RunState.PAUSED, RunState.INTERRUPTED), of(RunState.FAILED)
    return [
        (running, tr("{count} running", count=running)),
        (waiting, tr("{count} waiting", count=waiting)),
        (resting, tr("{count} resting", count=resting)),
        (failed, tr("{count} failed", count=failed)),
    ]
