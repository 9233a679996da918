"""Staying with a run until it rests or ends: live figures, Ctrl+C as a pause, and the words about the outcome."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from studio.cli.documents import run_document
from studio.cli.exit_codes import ExitCode
from studio.cli.progress import View, progress_view
from studio.cli.session import Session
from studio.cli.wording import count, duration, nats, size
from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.domain.run import RESUMABLE, Run, RunState
from studio.services.job import Job, Progress
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


def options_from(assignments: Sequence[str]) -> dict[str, str]:
    """``key=value`` words as options; the method checks names and values."""
    found: dict[str, str] = {}
    for word in assignments:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(tr("{word} is not of the form KEY=VALUE", word=word), param_hint="--set")
        found[name.strip()] = value.strip()
    return found


def follow(session: Session, studio: "Studio", run_id: str) -> ExitCode:
    """Wait for the run, show how it goes, and say how it ended."""
    run = wait_for_run(session, studio, run_id)
    persona = studio.personas.get(run.persona_id).name
    session.output.result(run_document(run, persona), *_lines(studio, run, persona))
    if run.state in RESUMABLE:
        tell_how_to_resume(session, run)
    return ExitCode.INTERRUPTED if session.loop.interrupted else ExitCode.OK


def wait_for_run(session: Session, studio: "Studio", run_id: str) -> Run:
    """Run the loop until the run is neither queued nor running; raise its trouble if it failed. Ctrl+C pauses it."""
    job = studio.training.wait_job(run_id)
    with progress_view() as view:
        stop = studio.changes.subscribe(lambda change: _show(studio, view, run_id, change))
        try:
            session.loop.run_until(lambda: job.ended, on_interrupt=lambda: _pause(session, job))
        finally:
            stop()
    run = studio.training.get(run_id)
    _raise_failure(run)
    return run


def tell_how_to_resume(session: Session, run: Run) -> None:
    """The command that goes on with a resting run, as it has to be typed."""
    session.output.note(tr("Go on with: {command} runs resume {run}", command=session.command, run=run.id))


def _pause(session: Session, job: Job[Run]) -> None:
    session.output.note(tr("Pausing: the step ends and a checkpoint is written. Ctrl+C again leaves at once."))
    job.cancel()


def _show(studio: "Studio", view: View, run_id: str, change: Change) -> None:
    live = studio.training.live(run_id)
    if Kind.RUN_PROGRESS not in change.kinds or run_id not in change.ids or live is None:
        return
    if live.phase != "training" or not live.step:
        view.show(Progress(what=live.phase))
        return
    detail = tr("step {step}/{total}  loss {loss}  {speed} tokens/s  {left} left",
                step=live.step, total=live.total_steps, loss=nats(live.loss),
                speed=count(live.tokens_per_second), left=duration(live.eta_seconds))  # fmt: skip
    view.show(Progress(what=live.phase, done=live.step, total=live.total_steps), detail)


def _raise_failure(run: Run) -> None:
    """A run that failed, or whose engine is gone for good, ends the command with its trouble."""
    if run.failure:
        told = json.loads(run.failure)
        raise StudioError(told["code"], **told["details"])
    if run.state is RunState.INTERRUPTED:
        raise StudioError("run_interrupted", run=run.id)


def _lines(studio: "Studio", run: Run, persona: str) -> list[str]:
    head = tr("{persona}: {state} at step {step} of {total}, after {time}", persona=persona, state=tr(run.state.value),
              step=run.step, total=run.total_steps, time=duration(run.seconds))  # fmt: skip
    figures = tr("{tokens} tokens learned, {speed} tokens/s, {memory} at most", tokens=count(run.trained_tokens),
                 speed=count(run.tokens_per_second), memory=size(run.peak_memory_bytes))  # fmt: skip
    if not run.adapter_id:
        return [head, figures]
    loss = tr("held-out loss: base {base}, adapter {adapter} nats per token",
              base=nats(run.heldout_nll_base), adapter=nats(run.heldout_nll_adapter))  # fmt: skip
    adapter = studio.adapters.get(run.adapter_id)
    return [head, figures, loss, tr("Adapter: {name} ({id})", name=adapter.name, id=adapter.id)]
