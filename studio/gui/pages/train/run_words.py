"""A run in words: its phase, its figures, how it ended and what to do next. Knows no Qt."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.domain.run import RESUMABLE, Run, RunState
from studio.gui import figures
from studio.texts import SENTENCES, sentence, tr

if TYPE_CHECKING:
    from studio.services.run_feed import LiveRun

PHASES = {
    "queued": "waiting for its turn",
    "loading": "loading the base",
    "checking": "checking the data",
    "evaluating": "measuring held-out lines",
    "sampling": "answering the probes",
    "training": "learning",
    "saving": "saving a checkpoint",
}
_STATES = {
    RunState.QUEUED: "waiting for its turn",
    RunState.RUNNING: "running",
    RunState.PAUSED: "paused",
    RunState.INTERRUPTED: "interrupted",
    RunState.STOPPED: "stopped early",
    RunState.FINISHED: "finished",
    RunState.FAILED: "failed",
}


@dataclass(frozen=True)
class Allowed:
    """Which buttons make sense now."""

    pause: bool = False
    resume: bool = False
    stop: bool = False
    outcome: bool = False  # chat with it, open it, export it
    running: bool = False  # sample now, save now
    talk: bool = False  # chat with what it is by now
    again: bool = False  # a run like this one


def allowed(run: Run) -> Allowed:
    """What can be done with this run."""
    return Allowed(
        pause=run.state is RunState.RUNNING,
        resume=run.state in RESUMABLE,
        stop=run.state in (RunState.RUNNING, RunState.QUEUED) or (run.state in RESUMABLE and run.step > 0),
        outcome=bool(run.adapter_id),
        running=run.state is RunState.RUNNING,
        talk=run.state is RunState.RUNNING and run.step > 0,
        again=run.state is not RunState.RUNNING and run.state is not RunState.QUEUED,
    )


def state_word(run: Run) -> str:
    """``paused``, ``finished`` …"""
    return tr(_STATES[run.state])


def progress_line(run: Run, live: "LiveRun | None") -> str:
    """``step 355 of 480 · 4 min left · 1,940 tokens/s · 5.6 GB``; the phase in words until steps are made."""
    if live is None:
        return _still_line(run)
    parts = []
    if live.phase and live.phase != "training":
        parts.append(tr(PHASES.get(live.phase, live.phase)))
    if live.total_steps:
        parts.append(tr("step {step} of {total}", step=figures.whole(live.step), total=figures.whole(live.total_steps)))
    if live.eta_seconds and live.phase == "training":
        parts.append(tr("{time} left", time=figures.duration(live.eta_seconds)))
    if live.tokens_per_second:
        parts.append(figures.rate(live.tokens_per_second))
    if live.memory_bytes:
        parts.append(figures.size(live.memory_bytes))
    return " · ".join(parts or [state_word(run)])


def _still_line(run: Run) -> str:
    parts = [state_word(run)]
    if run.total_steps:
        parts.append(tr("step {step} of {total}", step=figures.whole(run.step), total=figures.whole(run.total_steps)))
    if run.seconds:
        parts.append(figures.duration(run.seconds))
    if run.tokens_per_second:
        parts.append(figures.rate(run.tokens_per_second))
    if run.peak_memory_bytes:
        parts.append(figures.size(run.peak_memory_bytes))
    return " · ".join(parts)


def outcome(run: Run, name: str) -> str:
    """What came out, honestly: better, no better, or not measured."""
    if not run.adapter_id:
        return ""
    start = (
        tr("Stopped at step {step}; what was learned is kept.", step=run.step) if run.state is RunState.STOPPED else ""
    )
    return " ".join(part for part in (start, _gain_sentence(run, name)) if part)


def _gain_sentence(run: Run, name: str) -> str:
    before, after = run.heldout_nll_base, run.heldout_nll_adapter
    if before is None or after is None:
        return tr("No lines were held out, so what was gained is not measured. Chat with it to judge.")
    if before - after < 0.01:
        return tr(
            "On held-out lines it is no better than the base ({gain}). More data or more passes may help.",
            gain=figures.gain(before - after),
        )
    return tr(
        "It predicts held-out lines of {name} better than the base: {gain} a token (loss {before:.2f} → {after:.2f}).",
        name=name, gain=figures.gain(before - after), before=before, after=after,
    )  # fmt: skip


def failure(run: Run) -> str:
    """Why the run failed or was interrupted, as a sentence."""
    if run.failure:
        return _failure_sentence(run.failure)
    if run.state is RunState.INTERRUPTED:
        return tr(
            "The engine or the program ended while this run was going. Nothing up to its last checkpoint is lost."
        )
    return ""


def _failure_sentence(stored: str) -> str:
    """``stored`` is an error's code and details as JSON; anything else is shown as it is."""
    try:
        found = json.loads(stored)
    except ValueError:
        found = {"code": stored}
    code = found.get("code", "") if isinstance(found, dict) else ""
    if code not in SENTENCES:
        return stored
    try:
        return sentence(StudioError(code, **found.get("details", {})))
    except KeyError:
        return tr(SENTENCES[code])
